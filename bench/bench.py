"""Measures the servers in turn and writes bench/RESULTS.md; see run.sh."""

import json
import os
import resource
import shutil
import sys
import tempfile
from pathlib import Path

import growth
import images
import layer_get
import layer_put
import memory
import metadata_get
import replicas
import report
import start_up
import v2_get
import v2_push
from lab import Lab, java_version
from plans import FULL, SHORT

MEASURES = {
    "layer-get": layer_get,
    "metadata-get": metadata_get,
    "v2-get": v2_get,
    "layer-put": layer_put,
    "images": images,
    "v2-push": v2_push,
    "memory": memory,
    "start-up": start_up,
    "growth": growth,
    "replicas": replicas,
}


def main(arguments):
    plan = FULL if arguments[:1] == ["full"] else SHORT
    chosen = arguments[1:] or list(MEASURES)
    unknown = [each for each in chosen if each not in MEASURES]
    if unknown or arguments[:1] not in ([], ["short"], ["full"]):
        sys.exit(f"Usage: bench/run.sh [short|full] [{' | '.join(MEASURES)}]...")
    # A thousand slow readers need as many sockets.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    java = os.environ.get("BENCH_JAVA", "java")
    jar = Path(os.environ.get("BENCH_JAR", "target/registry.jar")).resolve()
    work = Path(tempfile.mkdtemp(prefix="bench-", dir=os.environ.get("BENCH_DIRECTORY")))
    # What an earlier run has measured and this one does not, stays; so does another JDK's.
    numbers = Path("bench/results.json")
    results = json.loads(numbers.read_text()) if numbers.exists() else {}
    lab = Lab(plan, work, jar, java)
    try:
        for name in chosen:
            print(f"{name}", flush=True)
            found = MEASURES[name].measure(lab)
            results.setdefault(name, {})[java_version(java)] = {
                "machine": report.machine(java, jar, plan),
                "found": found,
            }
            numbers.write_text(json.dumps(results, indent=1) + "\n")
            report.write(Path("bench"), MEASURES, results)
    finally:
        lab.close()
        shutil.rmtree(work)
    print("Written: bench/RESULTS.md")


if __name__ == "__main__":
    main(sys.argv[1:])
