"""Writes the numbers as tables, and the most telling ones as a plot."""

import datetime
import os
import platform
import re
import zipfile
from pathlib import Path

from lab import java_version
from plans import MIB

GIT = "BOOT-INF/classes/git.properties"
COLOURS = {"nginx": "#9aa0a6", "registry": "#1a73e8", "Distribution": "#e8710a", "limit": "#9aa0a6"}
ROW, BAR, LEFT, WIDTH = 16, 12, 190, 760


def machine(java, jar, plan):
    """When, with what, and on what was measured."""
    cpu = "an unknown processor"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            cpu = line.split(":", 1)[1].strip()
            break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    return (
        f"{datetime.date.today()}, the {plan.name} version, commit {commit_of(jar)};"
        f" {os.cpu_count()} × {cpu}, {memory:.0f} GiB, Linux {platform.release()},"
        f" JDK {java_version(java)}; load average at the end {os.getloadavg()[0]:.1f}"
    )


def commit_of(jar):
    """The commit that was built, which need not be the one that is checked out."""
    with zipfile.ZipFile(jar) as file:
        if GIT not in file.namelist():
            return "unknown"
        lines = file.read(GIT).decode().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)["git.commit.id.abbrev"]


def write(folder, measures, results):
    lines = [
        "# What was measured",
        "",
        "Written by `bench/run.sh`. All servers and the load ran on the same machine over its loopback device, one server under",
        "load at a time, in turn, in the one order and then in the other; what is told is the median of the rounds. How to do it",
        "again, and what each of these says: [docs/benchmarks.md](../docs/benchmarks.md). The plot is of the newest JDK.",
        "",
        "![The registry against nginx and Distribution](results.svg)",
        "",
    ]
    for name, measure in measures.items():
        if name in results:
            lines += [f"## {measure.TITLE}", "", measure.GOAL, ""]
            for java, run in newest_first(results[name]):
                lines += [f"**JDK {java}**", "", *measure.report(run["found"])]
                lines += ["", f"Measured {run['machine']}.", ""]
    (folder / "RESULTS.md").write_text("\n".join(lines))
    (folder / "results.svg").write_text(plot(results))


def newest_first(runs):
    return sorted(runs.items(), key=lambda run: int(re.match(r"\d+", run[0]).group()), reverse=True)


def table(head, rows):
    names = head.split(" | ")
    return [
        "| " + head + " |",
        "|" + "---|" * len(names),
        *("| " + " | ".join(map(str, row)) + " |" for row in rows),
    ]


def mib(number):
    return f"{number / MIB:,.0f}"


def ratio(one, other):
    return f"{one / other:.2f}" if other else "–"


def milliseconds(seconds):
    return f"{seconds * 1000:.1f} ms"


def plot(results):
    """Bars: throughput and processor time of layers, requests for metadata, and uploads."""

    def found(name):
        return newest_first(results[name])[0][1]["found"] if name in results else []

    panels = []
    layers = [row for row in found("layer-get") if row["connections"] == 16 and row["keep_alive"]]
    if layers:
        panels.append(
            panel("GET of layers, 16 connections: MiB/s", layers, "size", "bytes", 1 / MIB)
        )
        panels.append(
            panel("The same: processor milliseconds per GB, from 1 MiB up", layers[1:], "size", "cpu_per_gb", 1000)
        )
    metadata = found("metadata-get")
    if metadata:
        panels.append(
            panel("GET of metadata, 16 connections: requests/s", metadata, "what", "requests", 1)
        )
    uploads = [row for row in found("layer-put") if row["clients"] == 1]
    if uploads:
        panels.append(panel("PUT of layers, one client: MiB/s", uploads, "size", "bytes", 1 / MIB))
    parts, top = [], 10
    for title, rows in panels:
        most = max(value for _, found in rows for value in found.values())
        parts.append(f'<text x="10" y="{top + 14}" font-weight="bold">{title}</text>')
        top += 24
        for label, found in rows:
            parts.append(f'<text x="10" y="{top + 11}">{label}</text>')
            for name, value in found.items():
                length = (WIDTH - LEFT - 190) * value / most
                parts.append(
                    f'<rect x="{LEFT}" y="{top}" width="{length:.1f}" height="{BAR}"'
                    f' fill="{COLOURS[name]}"/>'
                    f'<text x="{LEFT + 6 + length:.1f}" y="{top + 10}">{name} {value:,.0f}</text>'
                )
                top += ROW
            top += 6
        top += 12
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{top}"'
        ' font-family="sans-serif" font-size="12">'
        f'<rect width="100%" height="100%" fill="#fff"/>{"".join(parts)}</svg>\n'
    )


def panel(title, rows, label, key, factor):
    return (
        title,
        [
            (row[label], {name: numbers[key] * factor for name, numbers in row["found"].items()})
            for row in rows
        ],
    )
