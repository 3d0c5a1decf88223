"""What the registry holds in memory: idle, after much was served, and with slow clients."""

import socket
import time

from data import Image
from lab import say
from load import read
from plans import GB
from report import table
from servers import Registry

TITLE = "Memory"
GOAL = """\
One process from its start on, with the JVM's defaults. The heap is what lives in it after a collection; resident is the
whole process. Readers take 16 KiB of a layer of 64 MiB each second, uploaders send as much. Goal: no growth with what was
served, nor with the number of slow clients."""

PART = 16 * 1024


def measure(lab):
    # Without it, jcmd would ask for its listener by QUIT, which ends the registry.
    listening = ["-XX:+StartAttachListener"]
    registry = lab.started(
        Registry(lab.work, lab.jar, lab.java, name="memory", options=listening)
    )
    layer = lab.layer("64 MiB")
    path = registry.push(Image("memory", layer)) + "/layer"
    rows = [look(registry, "idle, after one push")]
    served = 0
    for amount in lab.plan.served:
        say(f"until {amount // GB} GB are served")
        while served < amount:
            found = read(registry, path, 8, 2)
            served += found["bytes"] * 2
        rows.append(look(registry, f"after {amount // GB} GB served"))
    for readers in (lab.plan.readers // 10, lab.plan.readers):
        say(f"{readers} slow readers")
        rows.append(with_readers(lab, registry, path, readers))
    for uploaders in (lab.plan.uploaders // 10, lab.plan.uploaders):
        say(f"{uploaders} slow uploaders")
        rows.append(with_uploaders(lab, registry, uploaders))
    rows.append(look(registry, "when they are gone"))
    registry.stop()
    return rows


def look(registry, what):
    # The collection comes first, because what it frees is not resident any more.
    heap = registry.heap_mib()
    return {"what": what, "heap": heap, "resident": registry.resident_mib()}


def with_readers(lab, registry, path, count):
    clients = []
    for _ in range(count):
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * PART)
        client.connect(("127.0.0.1", registry.port))
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode())
        client.setblocking(False)
        clients.append(client)

    def take(client):
        if not client.recv(PART):
            raise RuntimeError("a slow reader was cut off")

    return each_second(lab, registry, clients, take, f"{count} slow readers")


def with_uploaders(lab, registry, count):
    clients = []
    layer = lab.layer("1 KiB")
    for number in range(count):
        image = Image(f"slow {count} {number}", layer)
        registry.expect(200, "PUT", f"/v1/images/{image.id}/json", image.json)
        client = socket.create_connection(("127.0.0.1", registry.port))
        head = f"PUT /v1/images/{image.id}/layer HTTP/1.1\r\nHost: bench\r\n"
        client.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
        clients.append(client)
    chunk = f"{PART:x}\r\n".encode() + b"x" * PART + b"\r\n"
    return each_second(
        lab, registry, clients, lambda client: client.sendall(chunk), f"{count} slow uploaders"
    )


def each_second(lab, registry, clients, act, what):
    try:
        for _ in range(lab.plan.slow_seconds):
            begun = time.monotonic()
            for client in clients:
                try:
                    act(client)
                except BlockingIOError:
                    pass
            time.sleep(max(0.0, begun + 1 - time.monotonic()))
        return look(registry, what)
    finally:
        for client in clients:
            client.close()


def report(rows):
    return table(
        "When | Heap MiB | Resident MiB",
        [[row["what"], f"{row['heap']:.0f}", f"{row['resident']:.0f}"] for row in rows],
    )
