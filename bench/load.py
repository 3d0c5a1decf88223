"""Load on a server, by wrk for requests that read and by threads for those that write."""

import re
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

UNITS = {"": 1, "k": 1e3, "M": 1e6, "G": 1e9, "B": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30}
TIMES = {"us": 1e-6, "ms": 1e-3, "s": 1, "m": 60}


def read(server, path, connections, seconds, keep_alive=True):
    """Asks for a path all the time, and tells requests and bytes per second, and of each what the
    server's processors took."""
    command = ["wrk", "-t2" if connections > 1 else "-t1", f"-c{connections}", f"-d{seconds}s"]
    command += ["--latency", "--timeout", "60s"]
    if not keep_alive:
        command += ["-H", "Connection: close"]
    cpu = server.cpu_seconds()
    said = subprocess.run(
        command + [server.url(path)], capture_output=True, text=True, check=True
    ).stdout
    cpu = server.cpu_seconds() - cpu
    if re.search(r"Non-2xx|Socket errors: .*(connect|read|write) [1-9]", said):
        errors = [line for line in said.splitlines() if "Non-2xx" in line or "Socket" in line]
        print(f"    {server.name} {path}: {errors}")
    requests = int(re.search(r"(\d+) requests in", said).group(1))
    moved = amount(re.search(r"requests in [^,]+, ([\d.]+)([KMG]?B) read", said))
    lasted = duration(re.search(r"requests in ([\d.]+)(us|ms|s|m),", said))
    return {
        "requests": requests / lasted,
        "bytes": moved / lasted,
        "cpu_per_gb": cpu / (moved / 1e9) if moved else 0,
        "cpu_per_krequest": cpu / requests * 1000 if requests else 0,
        "p99": duration(re.search(r"99%\s+([\d.]+)(us|ms|s|m)", said)),
    }


def amount(found):
    return float(found.group(1)) * UNITS[found.group(2)]


def duration(found):
    return float(found.group(1)) * TIMES[found.group(2)]


def write(server, send, clients, size, rounds):
    """Lets clients send something each, at the same time, and tells bytes per second."""
    cpu = server.cpu_seconds() if server else 0
    begun = time.monotonic()
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(send, range(clients * rounds)))
    lasted = time.monotonic() - begun
    moved = size * clients * rounds
    cpu = (server.cpu_seconds() if server else 0) - cpu
    return {"bytes": moved / lasted, "cpu_per_gb": cpu / (moved / 1e9)}
