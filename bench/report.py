"""Writes the numbers as tables, and those of layers as a plot."""

import datetime
import os
import platform
import subprocess
from pathlib import Path

GOALS = "at least 0.95 of nginx and at most 1.5 of its CPU from 1 MiB up; above Distribution"


def write(folder, results, java, version):
    text = [
        "# Results",
        "",
        f"Written by `bench/run.sh {version}` on {datetime.date.today()}: {machine(java)}.",
        "All servers and the load ran on the same processors, one server under load at a time, in turn; medians. `wrk` takes its",
        "part of the processors too, so that what a server takes of them (CPU) tells more than the throughput where the load is the limit.",
        "",
        *layer_get(results["layer_get"]),
        *metadata_get(results["metadata_get"]),
        *layer_put(results["layer_put"]),
        *starts(results),
    ]
    (folder / "RESULTS.md").write_text("\n".join(text) + "\n")
    (folder / "layers.svg").write_text(plot(results["layer_get"]))


def machine(java):
    cpu = "unknown"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            cpu = line.split(":", 1)[1].strip()
            break
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=True).stderr
    load = " ".join(f"{each:.1f}" for each in os.getloadavg())
    return (
        f"{os.cpu_count()} × {cpu}, Linux {platform.release()}, {said.splitlines()[0]}; load"
        f" averages at the end {load}"
    )


def mib(number):
    return f"{number / (1 << 20):,.0f}"


def ratio(one, other):
    return f"{one / other:.2f}" if other else "–"


def layer_get(results):
    lines = [
        "## GET of layers",
        "",
        f"Goal: {GOALS}.",
        "",
        "| Layer | Connections | Keep-alive | nginx MiB/s | registry MiB/s | Distribution MiB/s | registry / nginx | CPU per GB: registry / nginx | registry / Distribution |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for size, connections, keep_alive, found in results:
        nginx, ours, theirs = found["nginx"], found["registry"], found["distribution"]
        lines.append(
            f"| {size} | {connections} | {'yes' if keep_alive else 'no'} | {mib(nginx['bytes'])} |"
            f" {mib(ours['bytes'])} | {mib(theirs['bytes'])} | {ratio(ours['bytes'], nginx['bytes'])} |"
            f" {ours['cpu_per_gb']:.2f} s / {nginx['cpu_per_gb']:.2f} s ="
            f" {ratio(ours['cpu_per_gb'], nginx['cpu_per_gb'])} |"
            f" {ratio(ours['bytes'], theirs['bytes'])} |"
        )
    return [*lines, "", "![MiB/s with 16 connections and keep-alive](layers.svg)", ""]


def metadata_get(results):
    lines = [
        "## GET of metadata",
        "",
        "16 connections, keep-alive; nginx serves the same bytes, Distribution a manifest by its tag. Goal: at least 0.25 of nginx, 8 times",
        "Distribution, 99 of 100 under 10 ms.",
        "",
        "| What | nginx /s | registry /s | Distribution /s | registry / nginx | registry / Distribution | 99 of 100 in |",
        "|---|---|---|---|---|---|---|",
    ]
    for what, found in results:
        nginx, ours = found["nginx"], found["registry"]
        theirs = found.get("distribution")
        lines.append(
            f"| {what} | {nginx['requests']:,.0f} | {ours['requests']:,.0f} |"
            f" {format(theirs['requests'], ',.0f') if theirs else ''} |"
            f" {ratio(ours['requests'], nginx['requests'])} |"
            f" {ratio(ours['requests'], theirs['requests']) if theirs else ''} |"
            f" {ours['p99'] * 1000:.1f} ms |"
        )
    return [*lines, ""]


def layer_put(results):
    lines = [
        "## PUT of layers",
        "",
        "Chunked. The limit is SHA-256, a copy and `fsync` of the same bytes in one program. Goal: at least 0.9 of it for one large upload, above",
        "Distribution.",
        "",
        "| Layer | Clients | limit MiB/s | registry MiB/s | Distribution MiB/s | registry / limit | registry / Distribution |",
        "|---|---|---|---|---|---|---|",
    ]
    for size, clients, found in results:
        limit, ours, theirs = found["limit"], found["registry"], found["distribution"]
        lines.append(
            f"| {size} | {clients} | {mib(limit['bytes'])} | {mib(ours['bytes'])} |"
            f" {mib(theirs['bytes'])} | {ratio(ours['bytes'], limit['bytes'])} |"
            f" {ratio(ours['bytes'], theirs['bytes'])} |"
        )
    return [*lines, ""]


def starts(results):
    found = results["starts"]
    lines = [
        "## Start and memory",
        "",
        "| | Seconds until ready | Resident then |",
        "|---|---|---|",
    ]
    for name in ("plain jar", "extracted"):
        lines.append(f"| {name} | {found[name]:.1f} | {found[name + ' MiB']:.0f} MiB |")
    resident = results["resident"]
    lines += [
        "",
        "Resident after all of the above: "
        + ", ".join(f"{name} {value:.0f} MiB" for name, value in resident.items())
        + ".",
    ]
    return lines


def plot(results):
    """Bars of MiB/s for each size, with 16 connections and keep-alive."""
    rows = [(size, found) for size, connections, keep, found in results if connections == 16 and keep]
    most = max(numbers["bytes"] for _, found in rows for numbers in found.values())
    colours = {"nginx": "#9aa0a6", "registry": "#1a73e8", "distribution": "#e8710a"}
    width, bar = 640, 18
    parts, top = [], 30
    for size, found in rows:
        parts.append(f'<text x="10" y="{top + 14}" font-weight="bold">{size}</text>')
        for name, numbers in found.items():
            length = 380 * numbers["bytes"] / most
            parts.append(
                f'<rect x="90" y="{top}" width="{length:.1f}" height="{bar - 4}" fill="{colours[name]}"/>'
                f'<text x="{96 + length:.1f}" y="{top + 11}">{name} {mib(numbers["bytes"])}</text>'
            )
            top += bar
        top += 10
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{top}"'
        f' font-family="sans-serif" font-size="11"><rect width="100%" height="100%" fill="#fff"/>'
        f'<text x="10" y="18">GET of layers, 16 connections, keep-alive: MiB/s</text>{"".join(parts)}</svg>\n'
    )
