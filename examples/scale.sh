#!/bin/sh
# Two registries on one S3 store and one Redis behind nginx, as with docker-compose --profile scale
# up, but as processes of this machine. Pushes and pulls through nginx, asks each registry alone,
# moves tags while Redis is there, stands still and is gone, kills a registry, and ends with 0 only
# when every answer was right. Everything that was started is stopped again.
#
#   examples/scale.sh
#
# Needs the packaged registry (./mvnw -q -DskipTests package), java, redis-server, nginx, and what
# push-pull.sh needs. The store is the bucket that S3_ENDPOINT, S3_BUCKET, S3_ACCESS_KEY and
# S3_SECRET_KEY name, where images stay behind below scale-example/; without them, it is the S3
# server of the tests, which keeps everything in memory.

set -eu

here=$(cd "$(dirname "$0")" && pwd)
project=$(dirname "$here")
jar=$project/target/registry.jar
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
PATH=$PATH:/usr/sbin # where nginx often is
start_seconds=120
repository=/v1/repositories/example/push-pull

work=$(mktemp -d)
started=

# forget ID: it has ended, and somebody else may get the id.
forget() {
  others=
  for id in $started; do
    [ "$id" = "$1" ] || others="$others $id"
  done
  started=$others
}

clean_up() {
  for id in $started; do
    # What stands still takes no other signal before it goes on.
    kill -CONT "$id" 2>/dev/null && kill -TERM "$id" || true
  done
  wait
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

say() { printf '%s\n' "$*"; }

fail() {
  say "FAILED: $*" >&2
  exit 1
}

# start NAME COMMAND...: in the background, with its output in $work/NAME.log and its id in $started_id.
start() {
  name=$1
  shift
  (cd "$work" && exec "$@") >"$work/$name.log" 2>&1 &
  started_id=$!
  started="$started $started_id"
}

# await ID COMMAND...: until the command succeeds; gives up when the process ends.
await() {
  id=$1
  shift
  attempts=$((start_seconds * 10))
  until "$@" >/dev/null 2>&1; do
    attempts=$((attempts - 1))
    if ! kill -0 "$id" 2>/dev/null; then
      forget "$id"
      return 1
    fi
    [ $attempts != 0 ] || return 1
    sleep 0.1
  done
}

# failed_to_start NAME
failed_to_start() {
  cat "$work/$1.log" >&2
  fail "$1 did not start"
}

kill_process() {
  kill -KILL "$1"
  wait "$1" 2>/dev/null || true
  forget "$1"
}

# A port that hardly anybody has; who wants it finds out whether that is so.
any_port() { echo $((20000 + $(od -An -N2 -tu2 /dev/urandom) % 12000)); }

is_redis() { redis-cli -p "$redis_port" info server | tr -d '\r' | grep -qx "process_id:$redis"; }

# start_redis [PORT]: on any port when none is named.
start_redis() {
  for attempt in 1 2 3 4 5; do
    redis_port=${1:-$(any_port)}
    start redis redis-server --bind 127.0.0.1 --port "$redis_port" --dir "$work" \
      --maxmemory 64mb --maxmemory-policy allkeys-lru --save ''
    redis=$started_id
    if await "$redis" is_redis; then
      return
    fi
  done
  failed_to_start redis
}

is_nginx() { [ -s "$work/nginx.pid" ]; }

# The configuration of docker-compose.yml, with other addresses, and what the image of nginx adds.
start_nginx() {
  for attempt in 1 2 3 4 5; do
    nginx_port=$(any_port)
    sed -e "s/registry-1:5000/127.0.0.1:$port_1/" -e "s/registry-2:5000/127.0.0.1:$port_2/" \
      -e "s/listen 5000/listen 127.0.0.1:$nginx_port/" "$here/nginx.conf" >"$work/default.conf"
    cat >"$work/nginx.conf" <<EOF
$([ "$(id -u)" != 0 ] || echo 'user root;')
daemon off;
pid $work/nginx.pid;
events {}
http {
  access_log off;
  client_body_temp_path $work/body;
  proxy_temp_path $work/proxy;
  fastcgi_temp_path $work/fastcgi;
  uwsgi_temp_path $work/uwsgi;
  scgi_temp_path $work/scgi;
  include $work/default.conf;
}
EOF
    start nginx nginx -e stderr -p "$work" -c "$work/nginx.conf"
    nginx=$started_id
    if await "$nginx" is_nginx; then
      return
    fi
  done
  failed_to_start nginx
}

port_of() { sed -n 's|.*Listening on http://.*:\([0-9]*\)$|\1|p' "$work/$1.log"; }

is_ready() { curl -fsS "http://127.0.0.1:$(port_of "$1")/actuator/health/readiness"; }

start_s3_of_the_tests() {
  [ -d "$project/target/test-classes" ] ||
    fail "there is no S3 store: set S3_ENDPOINT, S3_BUCKET, S3_ACCESS_KEY and S3_SECRET_KEY, or build the tests (./mvnw -q test-compile) for the one that they use"
  (cd "$project" && ./mvnw -q --batch-mode dependency:build-classpath \
    -DincludeScope=test -Dmdep.outputFile="$work/classpath") >&2
  start s3 "$java" -cp "$project/target/test-classes:$(cat "$work/classpath")" \
    io.registry.testkit.S3Server
  await "$started_id" grep -q '^S3_SECRET_KEY=' "$work/s3.log" || failed_to_start s3
  grep '^S3_[A-Z_]*=' "$work/s3.log" >"$work/s3.env"
  . "$work/s3.env"
}

# answer URL [CURL ARGUMENT...]
answer() {
  url=$1
  shift
  curl -sSf --max-time 30 "$@" "$url" || fail "$url: no answer"
}

# pull URL: everything that a daemon gets when it pulls, as one sum.
pull() {
  top=$(answer "$1$repository/tags/v1") || exit 1
  ancestry=$(answer "$1/v1/images/$(echo "$top" | tr -d '"')/ancestry") || exit 1
  {
    say "$top $ancestry"
    for id in $(echo "$ancestry" | tr -d '[]",'); do
      answer "$1/v1/images/$id/json"
      answer "$1/v1/images/$id/layer"
    done
  } >"$work/pulled" || exit 1
  sha256sum <"$work/pulled"
}

# same WHAT EXPECTED ACTUAL
same() {
  [ -n "$2" ] && [ "$2" = "$3" ] || fail "$1: expected $2, got $3"
  say "  $1: ok"
}

# move WHEN URL URL: moves a tag twice at the first registry, and reads it at the second and at the first.
move() {
  for image in "$first" "$second"; do
    answer "$2$repository/tags/v1" -o "$work/answer" \
      -X PUT -H 'Content-Type: application/json' --data-binary "$image"
    read=$(answer "$3$repository/tags/v1") || exit 1
    [ "$read" = "$image" ] || fail "$1: the tag was moved to $image at $2, and is $read at $3"
    read=$(answer "$2$repository/tags/v1") || exit 1
    [ "$read" = "$image" ] || fail "$1: the tag was moved to $image at $2, and is $read there"
  done
  say "  $1, moved at $2: ok"
}

for program in "$java" curl tar sha256sum redis-server redis-cli nginx; do
  command -v "$program" >/dev/null || fail "$program is missing: please install it"
done
[ -f "$jar" ] || fail "$jar is missing: ./mvnw -q -DskipTests package"

if [ -z "${S3_ENDPOINT:-}" ]; then
  say "Starting the S3 server of the tests"
  start_s3_of_the_tests
fi
say "Starting Redis"
start_redis
say "Starting two registries on the bucket ${S3_BUCKET:?} of $S3_ENDPOINT"
export SPRING_PROFILES_ACTIVE=s3,redis
export SPRING_DATA_REDIS_HOST=127.0.0.1
export SPRING_DATA_REDIS_PORT="$redis_port"
export REGISTRY_STORAGE_S3_ENDPOINT="$S3_ENDPOINT"
export REGISTRY_STORAGE_S3_PATHSTYLE=true
export REGISTRY_STORAGE_S3_BUCKET="$S3_BUCKET"
export REGISTRY_STORAGE_S3_PREFIX=scale-example
export REGISTRY_STORAGE_S3_ACCESSKEY="${S3_ACCESS_KEY:?}"
export REGISTRY_STORAGE_S3_SECRETKEY="${S3_SECRET_KEY:?}"
export SERVER_ADDRESS=127.0.0.1
export SERVER_PORT=0
start registry-1 "$java" -Xmx256m -jar "$jar"
registry_1=$started_id
start registry-2 "$java" -Xmx256m -jar "$jar"
registry_2=$started_id
await "$registry_1" is_ready registry-1 || failed_to_start registry-1
await "$registry_2" is_ready registry-2 || failed_to_start registry-2
port_1=$(port_of registry-1)
port_2=$(port_of registry-2)
one=http://127.0.0.1:$port_1
two=http://127.0.0.1:$port_2
say "Starting nginx"
start_nginx
both=http://127.0.0.1:$nginx_port
say "  at $both, before $one and $two"

say "Pushing two images through nginx and pulling them back"
"$here/push-pull.sh" "$both" >"$work/push-pull" || { cat "$work/push-pull"; exit 1; }
first=$(answer "$both$repository/tags/v1")
"$here/push-pull.sh" "$both" >"$work/push-pull" || { cat "$work/push-pull"; exit 1; }
second=$(answer "$both$repository/tags/v1")
[ "$first" != "$second" ] || fail "the tag was not moved"
say "  two times three layers: ok"

say "Pulling from each registry alone"
whole=$(pull "$both")
same "registry 1" "$whole" "$(pull "$one")"
same "registry 2" "$whole" "$(pull "$two")"

say "Moving a tag at one registry and reading it at the other at once"
move "with Redis" "$one" "$two"
move "with Redis" "$two" "$one"
kill -STOP "$redis"
move "while Redis stands still" "$one" "$two"
move "while Redis stands still" "$two" "$one"
kill -CONT "$redis"
move "when Redis goes on" "$one" "$two"
kill_process "$redis"
move "without Redis" "$one" "$two"
move "without Redis" "$two" "$one"
start_redis "$redis_port"
move "with an empty Redis" "$one" "$two"

say "Killing registry 1"
kill_process "$registry_1"
for time in 1 2 3 4; do
  same "pull $time through nginx" "$whole" "$(pull "$both")"
done
"$here/push-pull.sh" "$both" >"$work/push-pull" || { cat "$work/push-pull"; exit 1; }
say "  push and pull through nginx: ok"

say "OK: two registries behind nginx were one"
