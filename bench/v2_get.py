"""GET over V2 of images that were pushed over V1, and how fast a store is prepared for it."""

import gzip
import io
import os
import shutil
import statistics
import subprocess
import tarfile
import time
from concurrent.futures import ThreadPoolExecutor

from data import Image, Layer, chain, write_images, write_tags
from lab import say
from load import read
from plans import MIB, SIZES
from report import mib, milliseconds, ratio, table
from servers import MANIFEST, Registry

TITLE = "V1 images over V2"
GOAL = """\
Manifests by tag and blobs, as in the tables above: at least 8 times Distribution and 0.25 of nginx for manifests, and from
1 MiB on at least 0.95 of nginx's throughput with at most 1.5 of its processor time for blobs. Then `backfill` of a store
that was not prepared, and the first pull of an image in it, against `gzip -dc | sha256sum` of the same layers on as many
processors: at least 0.8 of its speed for the backfill, which takes a second sum and the start of a JVM besides. The start,
measured with an empty store, is the same for a store of any size; the last columns tell the speed without it."""

PACKED = 64 * MIB
LAYERS = 8


class TarLayer(Layer):
    """A tar with one file."""

    def __init__(self, path, size):
        super().__init__(path, size)
        content = path.read_bytes()
        with tarfile.open(path, "w") as tar:
            entry = tarfile.TarInfo("file")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
        self.size = path.stat().st_size
        self.digest = sum_of(path)


class PackedLayer(Layer):
    """The same in gzip, of text that packs to about a half."""

    def __init__(self, path, size):
        with gzip.open(path, "wb", compresslevel=6) as out, tarfile.open(fileobj=out, mode="w") as tar:
            entry = tarfile.TarInfo("file")
            entry.size = size
            tar.addfile(entry, io.BytesIO(os.urandom(size // 2).hex().encode()))
        self.path = path
        self.size = path.stat().st_size
        self.digest = sum_of(path)


def sum_of(path):
    return "sha256:" + subprocess.run(
        ["sha256sum", path], capture_output=True, text=True, check=True
    ).stdout.split()[0]


def measure(lab):
    return {"manifest": manifest(lab), "blobs": blobs(lab), "backfill": backfill(lab)}


def manifest(lab):
    say("manifest by tag")
    layer = TarLayer(lab.work / "tar-small", SIZES["1 KiB"])
    top = chain("v2", [layer] * 10)
    for image in top.chain():
        lab.registry.push(image)
    lab.registry.expect(200, "PUT", "/v1/repositories/bench/v2/tags/v1", f'"{top.id}"')
    path = "/v2/bench/v2/manifests/v1"
    read(lab.registry, path, 16, lab.plan.warm_up)
    _, answer = lab.registry.expect(200, "GET", path)
    lab.nginx.put("/v2-manifest", answer)
    lab.distribution.push_blob(layer)
    theirs = lab.distribution.push_manifest("v2", [layer] * 10)
    seconds = lab.plan.seconds
    return lab.in_turn(
        {
            "nginx": lambda: read(lab.nginx, "/v2-manifest", 16, seconds),
            "registry": lambda: read(lab.registry, path, 16, seconds),
            "Distribution": lambda: read(
                lab.distribution, theirs, 16, seconds, headers=[f"Accept: {MANIFEST}"]
            ),
        }
    )


def blobs(lab):
    servers = {"nginx": lab.nginx, "registry": lab.registry, "Distribution": lab.distribution}
    rows = []
    for size in [each for each in lab.plan.read_sizes if each != "1 KiB"]:
        layer = TarLayer(lab.work / f"tar-{size.replace(' ', '-')}", SIZES[size])
        image = Image(f"blob of {size}", layer)
        lab.registry.push(image)
        tag = f"blob-{layer.size}"
        lab.registry.expect(200, "PUT", f"/v1/repositories/bench/v2/tags/{tag}", f'"{image.id}"')
        lab.registry.expect(200, "GET", f"/v2/bench/v2/manifests/{tag}")
        read(lab.registry, f"/v2/bench/v2/blobs/{layer.digest}", 16, lab.plan.warm_up)
        lab.nginx.put(f"/blob/{layer.size}", layer.path)
        paths = {
            "nginx": f"/blob/{layer.size}",
            "registry": f"/v2/bench/v2/blobs/{layer.digest}",
            "Distribution": lab.distribution.push_blob(layer),
        }
        for connections in lab.plan.connections:
            say(f"{size}, {connections} connections")
            found = lab.in_turn(
                {
                    name: lambda name=name, server=server: read(
                        server, paths[name], connections, lab.plan.seconds
                    )
                    for name, server in servers.items()
                }
            )
            rows.append({"size": size, "connections": connections, "found": found})
    return rows


def backfill(lab):
    say("backfill")
    layers = [PackedLayer(lab.work / f"packed-{n}", PACKED) for n in range(LAYERS)]
    top = chain("packed", layers)
    registry = Registry(lab.work, lab.jar, lab.java, "unprepared")
    store = registry.store
    write_images(store, top)
    write_tags(store, "packed", 1, top)
    empty = lab.work / "empty-store"
    empty.mkdir()
    found = {"peer": [], "start": [], "backfill": [], "pull": []}
    for _ in range(lab.plan.rounds):
        found["start"].append(timed(lambda: command(lab, empty)))
        found["peer"].append(timed(lambda: unpack_all(layers)))
        shutil.rmtree(store / "_v2", ignore_errors=True)
        found["backfill"].append(timed(lambda: command(lab, store)))
        shutil.rmtree(store / "_v2")
        registry.start()
        found["pull"].append(
            timed(lambda: registry.expect(200, "GET", "/v2/bench/packed/manifests/v0"))
        )
        registry.stop()
    return {"bytes": sum(layer.size for layer in layers)} | {
        name: statistics.median(runs) for name, runs in found.items()
    }


def timed(work):
    begun = time.monotonic()
    work()
    return time.monotonic() - begun


def unpack_all(layers):
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for _ in pool.map(unpack, layers):
            pass


def unpack(layer):
    subprocess.run(
        f"gzip -dc '{layer.path}' | sha256sum", shell=True, check=True, stdout=subprocess.DEVNULL
    )


def command(lab, store):
    subprocess.run(
        [lab.java, "-jar", lab.jar, "backfill", f"--registry.storage.local.path={store}"],
        check=True,
        capture_output=True,
        cwd=lab.work,
    )


def report(found):
    servers = ("nginx", "registry", "Distribution")
    nginx, ours, theirs = (found["manifest"][each] for each in servers)
    manifests = table(
        "What | nginx /s | registry /s | Distribution /s | registry / nginx | registry / Distribution"
        " | nginx 99 % in | registry 99 % in | Distribution 99 % in",
        [
            [
                "manifest by tag",
                *(f"{each['requests']:,.0f}" for each in (nginx, ours, theirs)),
                f"**{ratio(ours['requests'], nginx['requests'])}**",
                f"**{ratio(ours['requests'], theirs['requests'])}**",
                *(milliseconds(each["p99"]) for each in (nginx, ours, theirs)),
            ]
        ],
    )
    lines = []
    for row in found["blobs"]:
        nginx, ours, theirs = (row["found"][each] for each in servers)
        lines.append(
            [
                row["size"],
                row["connections"],
                *(mib(each["bytes"]) for each in (nginx, ours, theirs)),
                f"**{ratio(ours['bytes'], nginx['bytes'])}**",
                f"**{ratio(ours['bytes'], theirs['bytes'])}**",
                f"**{ratio(ours['cpu_per_gb'], nginx['cpu_per_gb'])}**",
            ]
        )
    read_blobs = table(
        "Blob | Connections | nginx MiB/s | registry MiB/s | Distribution MiB/s | registry / nginx"
        " | registry / Distribution | CPU registry / nginx",
        lines,
    )
    prepared = found["backfill"]
    speeds = [prepared["bytes"] / prepared[each] for each in ("peer", "backfill", "pull")]
    without_start = prepared["bytes"] / (prepared["backfill"] - prepared["start"])
    unprepared = table(
        "Unprepared | gzip and sha256sum MiB/s | backfill MiB/s | first pull MiB/s"
        " | backfill / gzip | first pull / gzip | start of the backfill s"
        " | backfill without it MiB/s | that / gzip",
        [
            [
                f"{LAYERS} layers",
                *(mib(speed) for speed in speeds),
                f"**{ratio(speeds[1], speeds[0])}**",
                f"**{ratio(speeds[2], speeds[0])}**",
                f"{prepared['start']:.1f}",
                mib(without_start),
                f"**{ratio(without_start, speeds[0])}**",
            ]
        ],
    )
    return [*manifests, "", *read_blobs, "", *unprepared]
