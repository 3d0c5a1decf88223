#!/bin/sh
# Pushes an image of three layers to a registry, pulls it back as a Docker daemon would, and
# compares. Needs curl, tar and sha256sum. Ends with 0 only when every byte came back.
#
#   examples/push-pull.sh [URL]      URL defaults to http://localhost:5000

set -eu

registry=${1:-http://localhost:5000}
registry=${registry%/}
repository=example/push-pull
tag=v1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

say() { printf '%s\n' "$*"; }

fail() {
  say "FAILED: $*" >&2
  exit 1
}

sum() { sha256sum <"$1" | cut -c 1-64; }

size() { wc -c <"$1" | tr -d ' '; }

# same WHAT FILE FILE
same() {
  [ "$(sum "$2")" = "$(sum "$3")" ] || fail "$1 came back different"
}

# text WHAT EXPECTED ACTUAL
text() {
  [ "$2" = "$3" ] || fail "$1: expected $2, got $3"
}

# request STATUS METHOD PATH [CURL ARGUMENT...]: the answer goes to $work/body and $work/headers.
request() {
  expected=$1 method=$2 path=$3
  shift 3
  if [ "$method" != GET ]; then
    set -- -X "$method" "$@"
  fi
  if [ -n "$token" ]; then
    set -- -H "Authorization: Token $token" "$@"
  fi
  : >"$work/body"
  status=$(curl -sS --max-time 60 -o "$work/body" -D "$work/headers" -w '%{http_code}' \
    "$@" "$registry$path") || fail "$method $path: no answer"
  say "  $status $method $path"
  [ "$status" = "$expected" ] ||
    fail "$method $path: expected $expected, got $status $(cat "$work/body")"
}

# header NAME (in lower case): its value in the last answer.
header() {
  tr -d '\r' <"$work/headers" | while IFS= read -r line; do
    name=$(printf '%s' "${line%%:*}" | tr '[:upper:]' '[:lower:]')
    if [ "$name" = "$1" ]; then
      printf '%s' "${line#*: }"
    fi
  done
}

# image NUMBER PARENT-ID: makes $work/NUMBER.{id,json,layer,checksum} out of $work/root-NUMBER.
image() {
  head -c 32 /dev/urandom | sha256sum | cut -c 1-64 >"$work/$1.id"
  id=$(cat "$work/$1.id")
  parent=
  if [ -n "$2" ]; then
    parent="\"parent\": \"$2\", "
  fi
  printf '{"id": "%s", %s"created": "2014-11-05T00:00:00Z", "architecture": "amd64", "os": "linux"}\n' \
    "$id" "$parent" >"$work/$1.json"
  tar -czf "$work/$1.layer" -C "$work/root-$1" .
  # The V1 payload checksum: the JSON, one line feed, the layer.
  { cat "$work/$1.json"; printf '\n'; cat "$work/$1.layer"; } >"$work/payload"
  printf 'sha256:%s' "$(sum "$work/payload")" >"$work/$1.checksum"
  say "  $id: $(size "$work/$1.layer") bytes"
}

say "Making an image of three layers"
mkdir -p "$work/root-1/etc" "$work/root-1/usr/share" "$work/root-2/srv" "$work/root-3/etc"
say "3.14" >"$work/root-1/etc/release"
head -c 200000 /dev/urandom >"$work/root-1/usr/share/noise"
ln -s ../usr/share/noise "$work/root-1/etc/noise"
say "<h1>Hello</h1>" >"$work/root-2/srv/index.html"
say "4.0" >"$work/root-3/etc/release"
: >"$work/root-3/etc/empty"
image 1 ""
image 2 "$(cat "$work/1.id")"
image 3 "$(cat "$work/2.id")"
top=$(cat "$work/3.id")

say "Pushing it to $registry as $repository:$tag"
token=
request 200 GET /v1/_ping
[ -n "$(header x-docker-registry-version)" ] || fail "the ping names no version"
printf '[{"id": "%s"}, {"id": "%s"}, {"id": "%s", "Tag": "%s"}]' \
  "$(cat "$work/1.id")" "$(cat "$work/2.id")" "$top" "$tag" >"$work/images"
request 200 PUT "/v1/repositories/$repository/" \
  -H 'X-Docker-Token: true' -H 'Content-Type: application/json' --data-binary "@$work/images"
[ -n "$(header x-docker-endpoints)" ] || fail "no endpoint to push to"
token=$(header x-docker-token)
[ -n "$token" ] || fail "no token to push with"
for number in 1 2 3; do
  id=$(cat "$work/$number.id")
  request 404 GET "/v1/images/$id/json"
  request 200 PUT "/v1/images/$id/json" \
    -H 'Content-Type: application/json' --data-binary "@$work/$number.json"
  request 200 PUT "/v1/images/$id/layer" -H 'Transfer-Encoding: chunked' \
    -H 'Content-Type: application/octet-stream' -T "$work/$number.layer"
  request 400 GET "/v1/images/$id/layer" # Until it is verified, nobody gets it.
  request 200 PUT "/v1/images/$id/checksum" -H 'Content-Length: 0' \
    -H "X-Docker-Checksum-Payload: $(cat "$work/$number.checksum")"
done
request 200 PUT "/v1/repositories/$repository/tags/$tag" \
  -H 'Content-Type: application/json' --data-binary "\"$top\""
request 204 PUT "/v1/repositories/$repository/images" \
  -H 'Content-Type: application/json' --data-binary '[]'

say "Pulling it back"
token=
request 200 GET "/v1/repositories/$repository/images" -H 'X-Docker-Token: true'
for number in 1 2 3; do
  case $(cat "$work/body") in
    *"\"$(cat "$work/$number.id")\""*) ;;
    *) fail "the image list lacks image $number" ;;
  esac
done
token=$(header x-docker-token)
request 200 GET "/v1/repositories/$repository/tags/$tag"
text "the tag" "\"$top\"" "$(cat "$work/body")"
request 200 GET "/v1/images/$top/ancestry"
ancestry=$(tr -d '[]" ' <"$work/body" | tr ',' ' ')
text "the ancestry" "$top $(cat "$work/2.id") $(cat "$work/1.id")" "$ancestry"
number=3
for id in $ancestry; do
  request 200 GET "/v1/images/$id/json"
  same "the JSON of $id" "$work/$number.json" "$work/body"
  text "the layer's size" "$(size "$work/$number.layer")" "$(header x-docker-size)"
  text "the checksum" "$(cat "$work/$number.checksum")" "$(header x-docker-checksum-payload)"
  request 200 GET "/v1/images/$id/layer"
  same "the layer of $id" "$work/$number.layer" "$work/body"
  mv "$work/body" "$work/pulled-$number"
  number=$((number - 1))
done

say "Pulling the largest layer again, broken off after a third and resumed"
id=$(cat "$work/1.id")
whole=$(size "$work/1.layer")
got=$((whole / 3))
head -c "$got" "$work/pulled-1" >"$work/resumed"
# Daemons ask for one byte too many.
request 206 GET "/v1/images/$id/layer" -H "Range: bytes=$got-$whole"
text "the range" "bytes $got-$((whole - 1))/$whole" "$(header content-range)"
cat "$work/body" >>"$work/resumed"
same "the resumed layer" "$work/1.layer" "$work/resumed"
request 416 GET "/v1/images/$id/layer" -H "Range: bytes=$whole-$whole"

say "Unpacking what was pulled"
mkdir "$work/root"
for number in 1 2 3; do
  tar -xzf "$work/pulled-$number" -C "$work/root"
done
same "etc/release" "$work/root-3/etc/release" "$work/root/etc/release"
same "etc/noise" "$work/root-1/usr/share/noise" "$work/root/etc/noise"
same "srv/index.html" "$work/root-2/srv/index.html" "$work/root/srv/index.html"

say "OK: three layers went to $registry and came back byte for byte"
