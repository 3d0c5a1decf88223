"""A whole image of 60 layers, pushed and pulled."""

import itertools
import json
import os
import shutil
import time

from clients import pull_v1, pull_v2, push_v1, push_v2
from concurrent.futures import ThreadPoolExecutor
from data import Layer, chain
from lab import medians, say
from plans import KIB, MIB
from report import ratio, table
from servers import manifest_of

TITLE = "An image of 60 layers"
GOAL = """\
50 layers of 8 KiB, 8 of 1 MiB and 2 of 16 MiB. The daemon plays Docker 1.5: a connection for each request, five at a time
to ask what is there; the other client keeps its connection. They are written in Python, and a good part of the time is
theirs. For nginx the image lies there as files; Distribution takes the same layers in V2, one by one, and does not wait for
the disk; the limit of a push is a copy of each layer with `fsync`. Seconds, and processor seconds of the server. The
first rounds warm up, and are not counted."""

SIZES = [8 * KIB] * 25 + [MIB] * 4 + [16 * MIB] + [8 * KIB] * 25 + [MIB] * 4 + [16 * MIB]


def measure(lab):
    layers = [Layer(lab.work / f"part-{number}", size) for number, size in enumerate(SIZES)]
    tops = (chain(f"image {number}", layers) for number in itertools.count())
    rows = []
    for kind, keep_alive, at_once in (
        ("Docker 1.5", False, 1),
        ("five Docker 1.5 at once", False, 5),
        ("keeps alive", True, 1),
    ):
        say(f"push: {kind}")
        pushed, pulled = [], []
        for _ in range(lab.plan.warm_pushes + lab.plan.pushes):
            images = [next(tops) for _ in range(at_once)]
            pushed.append(push(lab, images, layers, keep_alive))
            say(f"pull: {kind}")
            pulled.append(pull(lab, images, keep_alive))
        # The first rounds were to warm up.
        rows.append({"what": f"push: {kind}", "found": of_each(pushed[lab.plan.warm_pushes :])})
        rows.append({"what": f"pull: {kind}", "found": of_each(pulled[lab.plan.warm_pushes :])})
    return rows


def push(lab, images, layers, keep_alive):
    sums = [{image.id: image.checksum() for image in top.chain()} for top in images]

    def to_registry(number):
        top = images[number]
        push_v1(lab.registry, f"bench/i{top.id[:20]}", "v1", top, sums[number], keep_alive)

    def to_distribution(number):
        manifest = manifest_of(layers)
        push_v2(lab.distribution, "bench/image", f"v{number}", layers, manifest, keep_alive)

    def by_hand(number):
        copies = lab.work / f"copies-{number}"
        copies.mkdir()
        for each in layers:
            shutil.copyfile(each.path, copies / each.path.name)
            with open(copies / each.path.name, "rb") as copied:
                os.fsync(copied.fileno())
        shutil.rmtree(copies)

    return {
        "limit": timed(None, by_hand, len(images)),
        "registry": timed(lab.registry, to_registry, len(images)),
        "Distribution": timed(lab.distribution, to_distribution, len(images)),
    }


def pull(lab, images, keep_alive):
    for top in images:
        put_files(lab.nginx, top)

    def of(server):
        return lambda number: pull_v1(server, f"bench/i{images[number].id[:20]}", 60, keep_alive)

    return {
        "limit": timed(lab.nginx, of(lab.nginx), len(images)),
        "registry": timed(lab.registry, of(lab.registry), len(images)),
        "Distribution": timed(
            lab.distribution,
            lambda number: pull_v2(lab.distribution, "bench/image", f"v{number}", keep_alive),
            len(images),
        ),
    }


def put_files(nginx, top):
    base = f"/v1/repositories/bench/i{top.id[:20]}"
    nginx.put("/v1/_ping", b"true")
    nginx.put(base + "/images", b"[]")
    nginx.put(base + "/tags", json.dumps({"v1": top.id}).encode())
    for image in top.chain():
        nginx.put(f"/v1/images/{image.id}/ancestry", json.dumps(image.ancestry).encode())
        nginx.put(f"/v1/images/{image.id}/json", image.json)
        nginx.put(f"/v1/images/{image.id}/layer", image.layer.path)


def timed(server, client, clients):
    os.sync()
    cpu = server.cpu_seconds() if server else 0
    begun = time.monotonic()
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(client, range(clients)))
    seconds = time.monotonic() - begun
    return {"seconds": seconds, "cpu": (server.cpu_seconds() if server else 0) - cpu}


def of_each(runs):
    return {name: medians([run[name] for run in runs]) for name in runs[0]}


def report(rows):
    lines = []
    for row in rows:
        limit, ours, theirs = (row["found"][each] for each in ("limit", "registry", "Distribution"))
        lines.append(
            [
                row["what"],
                *(f"{each['seconds']:.2f}" for each in (limit, ours, theirs)),
                f"**{ratio(ours['seconds'], limit['seconds'])}**",
                f"**{ratio(ours['seconds'], theirs['seconds'])}**",
                *(f"{each['cpu']:.2f}" for each in (ours, theirs)),
            ]
        )
    return table(
        "What | limit s | registry s | Distribution s | registry / limit | registry / Distribution"
        " | registry CPU s | Distribution CPU s",
        lines,
    )
