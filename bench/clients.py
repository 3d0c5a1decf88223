"""Clients that push and pull whole images, as Docker daemons do with V1 and with V2."""

import http.client
import json
from concurrent.futures import ThreadPoolExecutor

from servers import MANIFEST


class Client:
    """Sends requests one after the other, on one connection or, as daemons, on one for each."""

    def __init__(self, server, keep_alive):
        self.server = server
        self.keep_alive = keep_alive
        self.connection = None

    def request(self, wanted, method, path, body=None, headers=None):
        connection = self.connection or http.client.HTTPConnection(
            "127.0.0.1", self.server.port, timeout=600, blocksize=32768
        )
        headers = dict(headers or {})
        if self.keep_alive:
            self.connection = connection
        else:
            headers["Connection"] = "close"
        chunked = hasattr(body, "read")
        if chunked:
            headers["Transfer-Encoding"] = "chunked"
        connection.request(method, path, body, headers, encode_chunked=chunked)
        answer = connection.getresponse()
        text = answer.read() if answer.length is None or answer.length < 1 << 16 else drain(answer)
        if not self.keep_alive:
            connection.close()
        if answer.status not in wanted:
            raise RuntimeError(f"{self.server.name}: {method} {path} answered {answer.status}")
        return answer, text

    def close(self):
        if self.connection:
            self.connection.close()


def drain(answer):
    buffer = bytearray(1 << 18)
    while answer.readinto(buffer):
        pass
    return b""


def push_v1(server, repository, tag, top, checksums, keep_alive):
    """As Docker 1.5: asks for all images first, five at a time, and sends what is missing in order."""
    client = Client(server, keep_alive)
    token = {"X-Docker-Token": "true", "Content-Type": "application/json"}
    images = top.chain()
    listed = json.dumps([{"id": image.id} for image in images]).encode()
    client.request({200}, "GET", "/v1/_ping")
    client.request({200}, "PUT", f"/v1/repositories/{repository}/", listed, token)

    def ask(part):
        asking = Client(server, keep_alive)
        for image in part:
            asking.request({404}, "GET", f"/v1/images/{image.id}/json")
        asking.close()

    with ThreadPoolExecutor(5) as pool:
        list(pool.map(ask, [images[start::5] for start in range(5)]))
    for image in images:
        base = f"/v1/images/{image.id}"
        client.request({200}, "PUT", base + "/json", image.json)
        with open(image.layer.path, "rb") as body:
            client.request({200}, "PUT", base + "/layer", body)
        announced = {"X-Docker-Checksum-Payload": checksums[image.id]}
        client.request({200}, "PUT", base + "/checksum", b"", announced)
    path = f"/v1/repositories/{repository}/tags/{tag}"
    client.request({200}, "PUT", path, f'"{top.id}"'.encode())
    client.request({204}, "PUT", f"/v1/repositories/{repository}/images", b"[]", token)
    client.close()


def pull_v1(server, repository, depth, keep_alive):
    """As Docker 1.5, of a repository of one tag. The paths of what nginx serves are the same."""
    client = Client(server, keep_alive)
    client.request({200}, "GET", "/v1/_ping")
    token = {"X-Docker-Token": "true"}
    client.request({200}, "GET", f"/v1/repositories/{repository}/images", headers=token)
    _, tags = client.request({200}, "GET", f"/v1/repositories/{repository}/tags")
    (top,) = json.loads(tags).values()
    _, ancestry = client.request({200}, "GET", f"/v1/images/{top}/ancestry")
    ids = json.loads(ancestry)
    if len(ids) != depth:
        raise RuntimeError(f"{server.name} has {len(ids)} images instead of {depth}")
    for each in reversed(ids):
        client.request({200}, "GET", f"/v1/images/{each}/json")
        client.request({200}, "GET", f"/v1/images/{each}/layer")
    client.close()


def push_v2(server, repository, tag, blobs, manifest, keep_alive):
    """As daemons of V2: asks for each blob, and sends it."""
    client = Client(server, keep_alive)
    client.request({200}, "GET", "/v2/")
    base = f"/v2/{repository}"
    for blob in blobs:
        client.request({200, 404}, "HEAD", f"{base}/blobs/{blob.digest}")
        answer, _ = client.request({202}, "POST", base + "/blobs/uploads/", b"")
        path = answer.headers["Location"].split(f":{server.port}", 1)[-1]
        path += ("&" if "?" in path else "?") + f"digest={blob.digest}"
        with open(blob.path, "rb") as body:
            client.request({201}, "PUT", path, body)
    headers = {"Content-Type": MANIFEST}
    client.request({201}, "PUT", f"{base}/manifests/{tag}", manifest, headers)
    client.close()


def pull_v2(server, repository, tag, keep_alive):
    """As daemons of V2, one blob after the other."""
    client = Client(server, keep_alive)
    client.request({200}, "GET", "/v2/")
    headers = {"Accept": MANIFEST}
    base = f"/v2/{repository}"
    _, manifest = client.request({200}, "GET", f"{base}/manifests/{tag}", headers=headers)
    for layer in json.loads(manifest)["layers"]:
        client.request({200}, "GET", f"{base}/blobs/{layer['digest']}")
    client.close()
