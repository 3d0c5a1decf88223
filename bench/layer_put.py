"""PUT of layers, against Distribution's blobs and against hashing and copying alone."""

import itertools
import shutil

from data import Image
from lab import say
from load import copy, upload
from plans import GIB
from report import mib, ratio, table

TITLE = "PUT of layers"
GOAL = """\
Chunked, by `curl`. The limit is `sha256sum`, `cp` and `fsync` of the same bytes, one after the other. The registry answers
when the layer has reached the disk; Distribution does not wait for the disk. Goal: at least 0.9 of the limit for one large
upload, and more than Distribution."""


def measure(lab):
    number = itertools.count()
    rows = []
    for size in lab.plan.write_sizes:
        layer = lab.layer(size)
        for clients in (1, 16):
            if clients * layer.size > 4 * GIB:
                continue
            say(f"{size}, {clients} clients")
            each = max(1, min(20, lab.plan.uploaded // layer.size // clients))
            found = lab.in_turn(
                {
                    "limit": lambda: by_hand(lab, layer, clients, each),
                    "registry": lambda: to_registry(lab.registry, layer, clients, each, number),
                    "Distribution": lambda: to_distribution(lab.distribution, layer, clients, each),
                }
            )
            rows.append({"size": size, "clients": clients, "found": found})
    return rows


def to_registry(registry, layer, clients, each, number):
    images = [[Image(f"put {next(number)}", layer) for _ in range(each)] for _ in range(clients)]
    for image in itertools.chain(*images):
        registry.expect(200, "PUT", f"/v1/images/{image.id}/json", image.json)
    urls = [[registry.url(f"/v1/images/{image.id}/layer") for image in part] for part in images]
    found = upload(registry, layer, urls)
    for image in itertools.chain(*images):
        shutil.rmtree(registry.store / "_staging" / image.id)
    return found


def to_distribution(distribution, layer, clients, each):
    urls = [
        [
            distribution.url(f"{distribution.begin_upload()}&digest={layer.digest}")
            for _ in range(each)
        ]
        for _ in range(clients)
    ]
    return upload(distribution, layer, urls)


def by_hand(lab, layer, clients, each):
    copies = lab.work / "copies"
    copies.mkdir()
    found = copy(
        layer, [[copies / f"{client}-{one}" for one in range(each)] for client in range(clients)]
    )
    shutil.rmtree(copies)
    return found


def report(rows):
    lines = []
    for row in rows:
        limit, ours, theirs = (row["found"][each] for each in ("limit", "registry", "Distribution"))
        lines.append(
            [
                row["size"],
                row["clients"],
                *(mib(each["bytes"]) for each in (limit, ours, theirs)),
                f"**{ratio(ours['bytes'], limit['bytes'])}**",
                f"**{ratio(ours['bytes'], theirs['bytes'])}**",
                *(f"{each['cpu_per_gb']:.2f}" for each in (ours, theirs)),
            ]
        )
    return table(
        "Layer | Clients | limit MiB/s | registry MiB/s | Distribution MiB/s"
        " | registry / limit | registry / Distribution"
        " | registry CPU s/GB | Distribution CPU s/GB",
        lines,
    )
