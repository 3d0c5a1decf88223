"""A whole image, and single blobs, pushed over V2."""

import hashlib
import itertools
import json
import os
import shutil

from clients import pull_v2, push_v2
from data import Layer
from images import SIZES, of_each, timed
from lab import say
from load import copy, upload
from plans import GIB
from report import mib, ratio, table
from servers import MANIFEST
from v2_get import TarLayer

TITLE = "Push over V2"
GOAL = """\
The image of 60 layers of the table above, pushed and pulled over V2 by one client and by five at once, each into a
repository of its own, as daemons do: a connection for each request. The registry unpacks each new layer once, compares it
with the configuration, and makes the V1 images before it answers; its answers wait for the disk. Then blobs, chunked, by
`curl`; the limit is `sha256sum`, `cp` and `fsync` of the same bytes. Goal: faster than Distribution everywhere, which does
neither wait for the disk nor look into a layer."""


class Config:
    """The configuration of an image of plain tars."""

    def __init__(self, path, layers):
        text = {
            "architecture": "amd64",
            "os": "linux",
            "rootfs": {"type": "layers", "diff_ids": [each.digest for each in layers]},
        }
        path.write_text(json.dumps(text))
        self.path = path
        self.size = path.stat().st_size
        self.digest = "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()


def manifest_of(config, layers):
    media = "application/vnd.docker."
    return json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {
                "mediaType": media + "container.image.v1+json",
                "digest": config.digest,
                "size": config.size,
            },
            "layers": [
                {
                    "mediaType": media + "image.rootfs.diff.tar",
                    "digest": each.digest,
                    "size": each.size,
                }
                for each in layers
            ],
        }
    ).encode()


def measure(lab):
    rounds = itertools.count()
    rows = []
    for what, at_once in (("one client", 1), ("five at once", 5)):
        say(f"60 layers: {what}")
        pushed, pulled = [], []
        for _ in range(lab.plan.warm_pushes + lab.plan.pushes):
            one = next(rounds)
            push, pull = whole(lab, one, at_once)
            pushed.append(push)
            pulled.append(pull)
        # The first rounds were to warm up.
        rows.append({"what": f"push: {what}", "found": of_each(pushed[lab.plan.warm_pushes :])})
        rows.append({"what": f"pull: {what}", "found": of_each(pulled[lab.plan.warm_pushes :])})
    return {"images": rows, "blobs": blobs(lab)}


def whole(lab, one, at_once):
    folder = lab.work / f"v2-{one}"
    folder.mkdir()
    layers = [TarLayer(folder / f"part-{number}", size) for number, size in enumerate(SIZES)]
    config = Config(folder / "config", layers)
    manifest = manifest_of(config, layers)

    def push_to(server):
        return lambda number: push_v2(
            server, f"bench/r{one}-{number}", "v1", [config, *layers], manifest, False
        )

    def pull_from(server):
        return lambda number: pull_v2(server, f"bench/r{one}-{number}", "v1", False)

    servers = {"registry": lab.registry, "Distribution": lab.distribution}
    push = {name: timed(each, push_to(each), at_once) for name, each in servers.items()}
    pull = {name: timed(each, pull_from(each), at_once) for name, each in servers.items()}
    shutil.rmtree(folder)
    return push, pull


def blobs(lab):
    rows = []
    for size in lab.plan.write_sizes:
        for clients in (1, 16):
            number = itertools.count()
            bytes_each = lab.layer(size).size
            if clients * bytes_each > 4 * GIB:
                continue
            say(f"{size}, {clients} clients")
            each = max(1, min(20, lab.plan.uploaded // bytes_each // clients))

            def to(server):
                # A blob that a server has already costs it less.
                layer = Layer(lab.work / f"blob-{server.name}-{next(number)}", bytes_each)
                urls = [
                    [
                        server.url(with_digest(server.begin_upload(), layer.digest))
                        for _ in range(each)
                    ]
                    for _ in range(clients)
                ]
                found = upload(server, layer, urls)
                os.remove(layer.path)
                return found

            found = lab.in_turn(
                {
                    "limit": lambda: by_hand(lab, lab.layer(size), clients, each),
                    "registry": lambda: to(lab.registry),
                    "Distribution": lambda: to(lab.distribution),
                }
            )
            rows.append({"size": size, "clients": clients, "found": found})
    return rows


def with_digest(path, digest):
    return f"{path}{'&' if '?' in path else '?'}digest={digest}"


def by_hand(lab, layer, clients, each):
    copies = lab.work / "copies"
    copies.mkdir()
    found = copy(
        layer, [[copies / f"{client}-{one}" for one in range(each)] for client in range(clients)]
    )
    shutil.rmtree(copies)
    return found


def report(found):
    images = []
    for row in found["images"]:
        ours, theirs = (row["found"][each] for each in ("registry", "Distribution"))
        images.append(
            [
                row["what"],
                *(f"{each['seconds']:.2f}" for each in (ours, theirs)),
                f"**{ratio(ours['seconds'], theirs['seconds'])}**",
                *(f"{each['cpu']:.2f}" for each in (ours, theirs)),
            ]
        )
    uploads = []
    for row in found["blobs"]:
        limit, ours, theirs = (row["found"][each] for each in ("limit", "registry", "Distribution"))
        uploads.append(
            [
                row["size"],
                row["clients"],
                *(mib(each["bytes"]) for each in (limit, ours, theirs)),
                f"**{ratio(ours['bytes'], limit['bytes'])}**",
                f"**{ratio(ours['bytes'], theirs['bytes'])}**",
            ]
        )
    return [
        *table(
            "What | registry s | Distribution s | registry / Distribution | registry CPU s"
            " | Distribution CPU s",
            images,
        ),
        "",
        *table(
            "Blob | Clients | limit MiB/s | registry MiB/s | Distribution MiB/s | registry / limit"
            " | registry / Distribution",
            uploads,
        ),
    ]
