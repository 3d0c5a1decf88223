"""Load on a server: by wrk for requests that read, by curl for uploads."""

import os
import re
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

SIZES = {"B": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30, "TB": 1 << 40}
TIMES = {"us": 1e-6, "ms": 1e-3, "s": 1, "m": 60}


def read(server, path, connections, seconds, keep_alive=True, headers=(), script=None, arguments=()):
    """Asks for a path all the time. Tells requests and bytes of each second, the time that 99 of 100
    requests took at most, and what the server's processors had to do for it."""
    command = ["wrk", f"-t{min(2, connections)}", f"-c{connections}", f"-d{seconds}s"]
    command += ["--latency", "--timeout", "120s"]
    if script:
        command += ["-s", str(Path(__file__).parent / script)]
    for header in [*headers, *([] if keep_alive else ["Connection: close"])]:
        command += ["-H", header]
    cpu = server.cpu_seconds()
    said = subprocess.run(
        [*command, server.url(path), "--", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    cpu = server.cpu_seconds() - cpu
    failed = re.search(r"Non-2xx.*|Socket errors: .*(connect|read|write) [1-9].*", said)
    if failed:
        raise RuntimeError(f"{server.name} {path}: {failed.group()}")
    requests = int(re.search(r"(\d+) requests in", said).group(1))
    lasted = duration(re.search(r"requests in ([\d.]+)(us|ms|s|m),", said))
    moved = re.search(r"requests in [^,]+, ([\d.]+)([KMGT]?B) read", said)
    moved = float(moved.group(1)) * SIZES[moved.group(2)]
    return {
        "requests": requests / lasted,
        "bytes": moved / lasted,
        "cpu_per_gb": cpu / (moved / 1e9) if moved else 0,
        "cpu_per_1000": cpu / requests * 1000 if requests else 0,
        "p99": duration(re.search(r"99%\s+([\d.]+)(us|ms|s|m)", said)),
    }


def duration(found):
    return float(found.group(1)) * TIMES[found.group(2)]


def upload(server, layer, urls_by_client):
    """Clients that each PUT a layer, chunked, to their paths, one after the other."""

    def client(urls):
        lines = []
        for url in urls:
            lines += [
                f'url = "{url}"',
                f'upload-file = "{layer.path}"',
                'header = "Transfer-Encoding: chunked"',
                'header = "Content-Type: application/octet-stream"',
                'header = "Expect:"',
                'output = "/dev/null"',
                'write-out = "%{http_code}\\n"',
                "silent",
                "next",
            ]
        said = subprocess.run(
            ["curl", "--config", "-"],
            input="\n".join(lines[:-1]),
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        refused = set(said.split()) - {"200", "201"}
        if refused:
            raise RuntimeError(f"{server.name} answered {refused}")

    return timed(server, client, urls_by_client, layer.size * sum(map(len, urls_by_client)))


def copy(layer, targets_by_client):
    """What an upload is at least: sha256sum, cp, and fsync, of the same bytes."""

    def client(targets):
        for target in targets:
            subprocess.run(
                ["sh", "-c", 'sha256sum "$1" >/dev/null && cp "$1" "$2" && sync "$2"', "sh", layer.path, target],
                check=True,
            )

    return timed(None, client, targets_by_client, layer.size * sum(map(len, targets_by_client)))


def timed(server, client, work, moved):
    # What was written before is not to be paid for now.
    os.sync()
    cpu = server.cpu_seconds() if server else 0
    begun = time.monotonic()
    with ThreadPoolExecutor(len(work)) as pool:
        list(pool.map(client, work))
    lasted = time.monotonic() - begun
    cpu = (server.cpu_seconds() if server else 0) - cpu
    return {"bytes": moved / lasted, "cpu_per_gb": cpu / (moved / 1e9)}
