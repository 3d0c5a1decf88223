"""How long a start takes, until the registry says that it is ready."""

import os
import re
import subprocess
from pathlib import Path

from lab import java_version, medians, say
from report import ratio, table
from servers import Registry

TITLE = "Start"
GOAL = """\
With an empty store, until `/actuator/health/readiness` says so. Extracted as by `java -Djarmode=tools -jar registry.jar
extract`, then with an archive of the loaded classes (CDS), and, from JDK 25 on, with an AOT cache, as in the Dockerfile."""


def measure(lab):
    rows = []
    for java in [lab.java, *later(lab.java)]:
        variants = prepare(lab, java)
        found = {name: [] for name in variants}
        for number in range(lab.plan.starts):
            for name in variants if number % 2 == 0 else reversed(list(variants)):
                say(f"{java_version(java)}: {name}")
                found[name].append(start(lab, java, *variants[name]))
        rows += [
            {"java": java_version(java), "what": name, **medians(runs)} for name, runs in found.items()
        ]
    return rows


def later(java):
    """A JDK that makes AOT caches, when that is another one."""
    named = os.environ.get("BENCH_JAVA_25")
    candidates = [named] if named else map(str, sorted(Path("/usr/lib/jvm").glob("*/bin/java")))
    return [each for each in candidates if feature(each) >= 25 and feature(java) < 25][:1]


def feature(java):
    return int(re.match(r"\d+", java_version(java)).group())


def prepare(lab, java):
    """The jar and the JVM's options of each way to start."""
    folder = lab.work / f"start-{java_version(java)}"
    run(java, "-Djarmode=tools", "-jar", lab.jar, "extract", "--destination", folder / "app")
    jar = folder / "app" / lab.jar.name
    training = ["-Dspring.context.exit=onRefresh", "-jar", jar, "--server.port=0"]
    training.append(f"--registry.storage.local.path={folder}/training")
    run(java, f"-XX:ArchiveClassesAtExit={folder}/app.jsa", *training)
    variants = {
        "plain jar": (lab.jar, []),
        "extracted": (jar, []),
        "extracted, CDS": (jar, [f"-XX:SharedArchiveFile={folder}/app.jsa"]),
    }
    if feature(java) >= 25:
        run(java, f"-XX:AOTCacheOutput={folder}/app.aot", *training)
        variants["extracted, AOT cache"] = (jar, [f"-XX:AOTCache={folder}/app.aot"])
    return variants


def run(*command):
    subprocess.run([str(part) for part in command], check=True, capture_output=True)


def start(lab, java, jar, options):
    registry = Registry(lab.work, jar, java, name=f"start-{len(lab.running)}", options=options)
    lab.running.append(registry)
    seconds = registry.start()
    found = {
        "seconds": seconds,
        "cpu": registry.cpu_seconds(),
        "resident": registry.resident_mib(),
    }
    registry.stop()
    return found


def report(rows):
    plain = {row["java"]: row["seconds"] for row in rows if row["what"] == "plain jar"}
    return table(
        "Java | What | Seconds until ready | / plain jar | CPU s | Resident MiB",
        [
            [
                row["java"],
                row["what"],
                f"{row['seconds']:.1f}",
                f"**{ratio(row['seconds'], plain[row['java']])}**",
                f"{row['cpu']:.1f}",
                f"{row['resident']:.0f}",
            ]
            for row in rows
        ],
    )
