#!/usr/bin/env bash
# Measures the registry against nginx and the Distribution registry on this machine, one after the
# other with the same data, and writes bench/RESULTS.md with its plots.
#
#   bench/run.sh          a short version, under ten minutes
#   bench/run.sh full     sizes up to 1 GiB, three rounds
#
# Installs wrk and nginx from Debian, and unpacks the registry of CNCF Distribution without
# installing it. BENCH_JAVA names another Java than the one on the PATH.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

as_root=()
if [[ $(id -u) != 0 ]]; then
  as_root=(sudo -n)
fi
has() { PATH=$PATH:/usr/sbin command -v "$1" >/dev/null; }
for each in wrk:wrk nginx:nginx-light curl:curl; do
  if ! has "${each%:*}"; then
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
      apt-get install -y -qq --no-install-recommends "${each#*:}"
  fi
done

tools=${BENCH_TOOLS:-target/bench/tools}
if [[ ! -x $tools/usr/bin/docker-registry ]]; then
  mkdir -p "$tools"
  (cd "$tools" && apt-get download -qq docker-registry && dpkg -x docker-registry_*.deb .)
fi
if [[ ! -f target/registry.jar ]]; then
  ./mvnw -q -DskipTests package
fi
BENCH_TOOLS=$(realpath "$tools") exec python3 bench/bench.py "${1:-short}"
