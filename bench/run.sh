#!/usr/bin/env bash
# Measures the registry against nginx, against the Distribution registry and against what this
# machine can do at all, one after the other with the same data, and writes bench/RESULTS.md.
#
#   bench/run.sh                       everything, the short version: under ten minutes
#   bench/run.sh full                  everything, with sizes up to 1 GiB and 50 GB served
#   bench/run.sh short layer-get ...   only some: layer-get metadata-get v2-get layer-put images
#                                      v2-push memory start-up growth replicas
#
# Nothing else should run meanwhile. Installs wrk, nginx, curl and redis-server from Debian, and
# unpacks Distribution's docker-registry without installing it.
#
#   BENCH_JAVA       another Java than the one on the PATH, such as /opt/jdk-25/bin/java
#   BENCH_JAVA_25    a JDK 25 or later for the starts; looked for in /usr/lib/jvm
#   BENCH_JAR        another registry.jar than the one that is built here
#   BENCH_DIRECTORY  where the data goes, up to 10 GB; the system's temporary directory
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

as_root=()
if [[ $(id -u) != 0 ]]; then
  as_root=(sudo -n)
fi
has() { PATH=$PATH:/usr/sbin command -v "$1" >/dev/null; }

# need PROGRAM PACKAGE
need() {
  if has "$1"; then
    return
  fi
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "$2"
  # The services that come with packages would only be in the way.
  "${as_root[@]}" service "$1" stop >/dev/null 2>&1 || true
}
need wrk wrk
need nginx nginx-light
need curl curl
need redis-server redis-server

tools=${BENCH_TOOLS:-target/bench/tools}
if [[ ! -x $tools/usr/bin/docker-registry ]]; then
  mkdir -p "$tools"
  (cd "$tools" && apt-get download -qq docker-registry && dpkg -x docker-registry_*.deb .)
fi
if [[ -z ${BENCH_JAR:-} && ! -f target/registry.jar ]]; then
  ./mvnw -q -DskipTests package
fi
PATH=$PATH:/usr/sbin BENCH_TOOLS=$(realpath "$tools") PYTHONDONTWRITEBYTECODE=1 \
  exec python3 bench/bench.py "$@"
