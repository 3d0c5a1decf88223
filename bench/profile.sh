#!/usr/bin/env bash
# Shows where the registry spends its time under load: starts it, loads it, and writes a flame graph
# and the sampled stacks, by async-profiler from Maven Central. Knows the loads tag, tags, ancestry,
# json, small (a layer of 1 KiB), layer (64 MiB) and put (64 MiB).
#
#   bench/profile.sh LOAD [SECONDS [EVENT [OPTION...]]]
#
#   bench/profile.sh tag
#   bench/profile.sh put 10 wall
#   bench/profile.sh layer 10 alloc --spring.profiles.active=redis
#
# BENCH_JAVA and BENCH_JAR as for run.sh.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

load=${1:?which load?}
seconds=${2:-10}
event=${3:-cpu}
options=("${@:4}")
java=${BENCH_JAVA:-java}
jcmd=$(dirname "$(realpath "$(command -v "$java")")")/jcmd
version=4.2
tools=target/bench/tools
library=$tools/linux-x64/libasyncProfiler.so
[[ $(uname -m) != aarch64 ]] || library=$tools/linux-arm64/libasyncProfiler.so
if [[ ! -f $library ]]; then
  ./mvnw -q dependency:copy -Dartifact=tools.profiler:async-profiler:$version \
    -DoutputDirectory=$tools -Dmdep.useBaseVersion=true
  unzip -q -o "$tools/async-profiler-$version.jar" 'linux-*' -d "$tools"
fi
[[ -n ${BENCH_JAR:-} || -f target/registry.jar ]] || ./mvnw -q -DskipTests package

work=$(mktemp -d)
registry=
trap '[[ -z $registry ]] || kill -9 "$registry"; rm -rf "$work"' EXIT
port=$((20000 + RANDOM % 10000))
url=http://127.0.0.1:$port
# Without the listener, jcmd would ask for it by QUIT, which ends the registry.
"$java" -XX:+StartAttachListener -XX:+UnlockDiagnosticVMOptions -XX:+DebugNonSafepoints \
  -jar "${BENCH_JAR:-target/registry.jar}" --server.port=$port \
  --registry.storage.local.path="$work/store" "${options[@]}" >"$work/log" 2>&1 &
registry=$!
until curl -sf "$url/actuator/health/readiness" >/dev/null; do
  kill -0 $registry || { cat "$work/log"; exit 1; }
  sleep 0.2
done

# push NAME FILE: an image, whose id is left in $id.
push() {
  id=$(printf '%s' "$1" | sha256sum | cut -c 1-64)
  printf '{"id": "%s"%s}' "$id" "${parent:+, \"parent\": \"$parent\"}" >"$work/json"
  local sum
  sum=$({ cat "$work/json"; echo; cat "$2"; } | sha256sum | cut -c 1-64)
  curl -sf -o /dev/null -T "$work/json" "$url/v1/images/$id/json"
  curl -sf -o /dev/null -H 'Transfer-Encoding: chunked' -T "$2" "$url/v1/images/$id/layer"
  curl -sf -o /dev/null -X PUT -H "X-Docker-Checksum-Payload: sha256:$sum" \
    "$url/v1/images/$id/checksum"
}

head -c 1K /dev/urandom >"$work/small"
head -c 64M /dev/urandom >"$work/large"
parent=
for ((number = 0; number < 60; number++)); do
  push "small $number" "$work/small"
  parent=$id
done
small=$id
parent=
push large "$work/large"
large=$id
for ((number = 0; number < 100; number++)); do
  curl -sf -o /dev/null -X PUT -d "\"$small\"" "$url/v1/repositories/bench/profile/tags/v$number"
done

uploads() {
  local end=$((SECONDS + $1)) number
  for ((number = 0; SECONDS < end; number++)); do
    id=$(printf '%s' "$1 $2 $number" | sha256sum | cut -c 1-64)
    printf '{"id": "%s"}' "$id" >"$work/json-$2"
    curl -sf -o /dev/null -T "$work/json-$2" "$url/v1/images/$id/json"
    curl -sf -o /dev/null -H 'Transfer-Encoding: chunked' -T "$work/large" \
      "$url/v1/images/$id/layer"
    rm -r "$work/store/images/$id"
  done
}

# run SECONDS: the load.
run() {
  local path connections=16
  case $load in
    tag) path=/v1/repositories/bench/profile/tags/v7 ;;
    tags) path=/v1/repositories/bench/profile/tags ;;
    ancestry) path=/v1/images/$small/ancestry ;;
    json) path=/v1/images/$small/json ;;
    small) path=/v1/images/$small/layer ;;
    layer) path=/v1/images/$large/layer connections=8 ;;
    put)
      uploads "$1" one &
      uploads "$1" two
      wait %%
      return
      ;;
    *) echo "no such load: $load" >&2; exit 1 ;;
  esac
  wrk -t2 -c$connections -d"$1"s --latency "$url$path"
}

profiler() { "$jcmd" $registry JVMTI.agent_load "$(realpath "$library")" "\"$1\"" >/dev/null; }

run 20
base=target/bench/profile-$load-$event
profiler "start,event=$event"
run "$seconds"
profiler "stop"
profiler "dump,flamegraph,file=$(realpath target/bench)/profile-$load-$event.html"
profiler "dump,collapsed,file=$(realpath target/bench)/profile-$load-$event.txt"
profiler "dump,flat=40,traces=0,file=$(realpath target/bench)/profile-$load-$event.flat"
sed -n '1,60p' "$base.flat"
echo "Written: $base.html, $base.txt"
