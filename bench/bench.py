"""Measures the servers in turn and writes bench/RESULTS.md; see run.sh."""

import hashlib
import itertools
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

import load
import report
from data import Image, Layer
from servers import Distribution, Nginx, Registry

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30
SHORT = {
    "sizes": {"1 KiB": KIB, "1 MiB": MIB, "64 MiB": 64 * MIB},
    "connections": [1, 16],
    "uploads": {"1 MiB": MIB, "64 MiB": 64 * MIB},
    "seconds": 3,
    "warm_up": 8,
    "rounds": 2,
    "depth": 60,
}
FULL = {
    "sizes": {"1 KiB": KIB, "1 MiB": MIB, "64 MiB": 64 * MIB, "1 GiB": GIB},
    "connections": [1, 16, 256],
    "uploads": {"1 MiB": MIB, "64 MiB": 64 * MIB, "1 GiB": GIB},
    "seconds": 8,
    "warm_up": 25,
    "rounds": 3,
    "depth": 60,
}


def say(text):
    print(text, flush=True)


def in_turn(servers, rounds, measure):
    """Each server in each round, the order turned around each time; the median of each number."""
    found = {server.name: [] for server in servers}
    for number in range(rounds):
        for server in servers if number % 2 == 0 else reversed(servers):
            found[server.name].append(measure(server))
    return {
        name: {key: statistics.median(run[key] for run in runs) for key in runs[0]}
        for name, runs in found.items()
    }


def layer_get(plan, servers, layers, paths):
    results = []
    for size, layer in layers.items():
        for connections in plan["connections"]:
            for keep_alive in (True, False):
                if not keep_alive and layer.size > 64 * MIB:
                    continue
                say(f"  GET {size}, {connections} connections, keep-alive {keep_alive}")
                numbers = in_turn(
                    servers,
                    plan["rounds"],
                    lambda server: load.read(
                        server, paths[server.name][size], connections, plan["seconds"], keep_alive
                    ),
                )
                results.append((size, connections, keep_alive, numbers))
    return results


def metadata_get(plan, servers, paths):
    results = []
    for what, path in paths.items():
        say(f"  GET {what}")
        chosen = [server for server in servers if server.name in path]
        numbers = in_turn(
            chosen,
            plan["rounds"],
            lambda server: load.read(server, path[server.name], 16, plan["seconds"]),
        )
        results.append((what, numbers))
    return results


def layer_put(plan, registry, distribution, layers, scratch):
    """One upload after another by each client; the limit is sum, copy and flush of the same bytes."""
    results = []
    names = itertools.count()

    def to_registry(layer):
        def send(_):
            image = Image(f"put-{next(names)}-{time.monotonic_ns()}", layer)
            registry.expect(200, "PUT", f"/v1/images/{image.id}/json", image.json)
            with open(layer.path, "rb") as body:
                registry.expect(
                    200, "PUT", f"/v1/images/{image.id}/layer", body, {"Transfer-Encoding": "chunked"}
                )
            shutil.rmtree(registry.directory / "store/images" / image.id)

        return send

    def to_distribution(layer):
        def send(_):
            location = distribution.begin_upload()
            with open(layer.path, "rb") as body:
                distribution.expect(
                    201, "PUT", f"{location}&digest={layer.digest}", body, {"Transfer-Encoding": "chunked"}
                )

        return send

    def by_hand(layer):
        def send(_):
            target = scratch / f"copy-{next(names)}"
            digest = hashlib.sha256()
            with open(layer.path, "rb") as body, open(target, "wb", buffering=0) as out:
                while part := body.read(1 << 16):
                    digest.update(part)
                    out.write(part)
                os.fsync(out.fileno())
            target.unlink()

        return send

    for size, layer in layers.items():
        for clients in (1, 16):
            if clients * layer.size > 2 * GIB:
                continue
            say(f"  PUT {size}, {clients} clients")
            times = max(1, min(20, 64 * MIB // layer.size // clients))
            runs = {"registry": [], "distribution": [], "limit": []}
            for _ in range(plan["rounds"] + 1):
                for name, server, send in (
                    ("registry", registry, to_registry(layer)),
                    ("distribution", distribution, to_distribution(layer)),
                    ("limit", None, by_hand(layer)),
                ):
                    runs[name].append(load.write(server, send, clients, layer.size, times))
            # The first round warms up.
            numbers = {
                name: {key: statistics.median(run[key] for run in found[1:]) for key in found[0]}
                for name, found in runs.items()
            }
            results.append((size, clients, numbers))
    return results


def starts(plan, work, jar, java):
    """Seconds until the readiness is up: the plain jar, and extracted."""
    say("  starts")
    extracted = work / "extracted"
    load.subprocess.run(
        [java, "-Djarmode=tools", "-jar", str(jar), "extract", "--destination", str(extracted)],
        check=True,
        capture_output=True,
    )
    found = {"plain jar": [], "extracted": []}
    for number in range(plan["rounds"]):
        for name, file in (("plain jar", jar), ("extracted", extracted / jar.name)):
            server = Registry(work / f"start-{name}-{number}".replace(" ", "-"), file, java)
            try:
                found[name].append(server.start())
                found.setdefault(name + " MiB", []).append(server.resident_mib())
            finally:
                server.stop()
    return {name: statistics.median(values) for name, values in found.items()}


def main():
    plan = FULL if sys.argv[1:] == ["full"] else SHORT
    java = os.environ.get("BENCH_JAVA", "java")
    jar = Path("target/registry.jar").resolve()
    work = Path(tempfile.mkdtemp(prefix="bench-", dir=os.environ.get("BENCH_DIRECTORY")))
    servers = []
    try:
        say("Making data")
        layers = {
            name: Layer(work / f"layer-{size}", size)
            for name, size in {**plan["sizes"], **plan["uploads"]}.items()
        }
        nginx = Nginx(work)
        distribution = Distribution(work)
        registry = Registry(work, jar, java)
        servers = [nginx, registry, distribution]
        for server in servers:
            server.start()
        paths = {"nginx": {}, "registry": {}, "distribution": {}}
        for name, layer in layers.items():
            image = Image("layer " + name, layer)
            paths["registry"][name] = registry.push_image(image) + "/layer"
            paths["distribution"][name] = distribution.push_blob(layer.path, layer.digest)
            nginx.put("/layer/" + str(layer.size), layer.path)
            paths["nginx"][name] = "/layer/" + str(layer.size)
        metadata = push_metadata(plan, nginx, registry, distribution, layers["1 KiB"])

        say("Warming up")
        for server in (registry, distribution, nginx):
            load.read(server, metadata["tag"][server.name], 16, plan["warm_up"])
        sizes = {name: layers[name] for name in plan["sizes"]}
        results = {
            "layer_get": layer_get(plan, servers, sizes, paths),
            "metadata_get": metadata_get(plan, servers, metadata),
            "layer_put": layer_put(
                plan, registry, distribution, {n: layers[n] for n in plan["uploads"]}, work
            ),
            "resident": {server.name: server.resident_mib() for server in servers},
        }
        for server in servers:
            server.stop()
        results["starts"] = starts(plan, work, jar, java)
        report.write(Path("bench"), results, java, "full" if plan is FULL else "short")
        say("Written: bench/RESULTS.md")
    finally:
        for server in servers:
            server.stop()
        shutil.rmtree(work)


def push_metadata(plan, nginx, registry, distribution, layer):
    """A chain of images, a repository of a hundred tags, and a manifest for Distribution."""
    top = None
    for number in range(plan["depth"]):
        top = Image(f"chain {number}", layer, top)
        registry.push_image(top)
    repository = "/v1/repositories/bench/many"
    for number in range(100):
        registry.expect(200, "PUT", f"{repository}/tags/v{number}", f'"{top.id}"')
    found = {
        "tag": {"registry": f"{repository}/tags/v7"},
        "list of 100 tags": {"registry": f"{repository}/tags"},
        f"ancestry of {plan['depth']}": {"registry": f"/v1/images/{top.id}/ancestry"},
        "image JSON": {"registry": f"/v1/images/{top.id}/json"},
    }
    for what, by_server in found.items():
        _, text = registry.expect(200, "GET", by_server["registry"])
        name = "/metadata/" + what.replace(" ", "-")
        nginx.put(name, text)
        by_server["nginx"] = name
    media = "application/vnd.docker.distribution.manifest.v2+json"
    blob = {"digest": layer.digest, "size": layer.size}
    manifest = {
        "schemaVersion": 2,
        "mediaType": media,
        "config": {"mediaType": "application/vnd.docker.container.image.v1+json", **blob},
        "layers": [{"mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip", **blob}],
    }
    distribution.push_blob(layer.path, layer.digest)
    distribution.expect(
        201, "PUT", "/v2/bench/manifests/v7", json.dumps(manifest).encode(), {"Content-Type": media}
    )
    found["tag"]["distribution"] = "/v2/bench/manifests/v7"
    return found


if __name__ == "__main__":
    main()
