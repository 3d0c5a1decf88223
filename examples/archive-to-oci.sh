#!/bin/sh
# Copies every image of a V1 store into OCI layouts, one folder for each repository. The store is only
# read. Needs Java 17 or later, curl and skopeo.
#
#   examples/archive-to-oci.sh STORE OUTPUT [JAR]      JAR defaults to target/registry.jar
#
# STORE is the directory that holds images/ and repositories/. An image with a layer that no client of
# today can read is named and left out; the script then ends with 1.

set -eu

store=$1
output=$2
jar=${3:-target/registry.jar}

work=$(mktemp -d)
pid=
clean_up() {
  if [ -n "$pid" ]; then
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  fi
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

java -jar "$jar" --server.address=127.0.0.1 --server.port=0 --registry.read-only=true \
  --registry.storage.local.path="$store" --registry.v2.directory="$output/.digests" \
  >"$work/log" 2>&1 &
pid=$!
until port=$(sed -n 's|.*Listening on http://.*:\([0-9]*\)$|\1|p' "$work/log") && [ -n "$port" ]; do
  if ! kill -0 "$pid" 2>/dev/null; then
    cat "$work/log" >&2
    exit 1
  fi
  sleep 0.2
done
registry=127.0.0.1:$port

# names PATH FIELD: all names of a list, page by page
names() {
  path=$1
  while [ -n "$path" ]; do
    curl -fsS -D "$work/headers" "http://$registry$path" >"$work/page"
    {
      sed -n "s/.*\"$2\": \[\([^]]*\)\].*/\1/p" "$work/page" | tr -d '" ' | tr ',' '\n'
      echo
    } | sed '/^$/d'
    path=$(sed -n 's/^[Ll]ink: <\([^>]*\)>.*/\1/p' "$work/headers")
  done
}

left_out=0
mkdir -p "$output"
names /v2/_catalog repositories >"$work/repositories"
while read -r repository; do
  names "/v2/$repository/tags/list" tags >"$work/tags"
  while read -r tag; do
    mkdir -p "$output/$repository"
    # An OCI layout has no names that begin with an underscore.
    name=$(printf '%s' "$tag" | sed 's/^_/x_/')
    if skopeo copy --quiet --src-tls-verify=false "docker://$registry/$repository:$tag" \
      "oci:$output/$repository:$name" </dev/null 2>"$work/error"; then
      printf 'copied   %s:%s\n' "$repository" "$tag"
    else
      left_out=1
      printf 'LEFT OUT %s:%s: %s\n' "$repository" "$tag" "$(tail -n 1 "$work/error")"
    fi
  done <"$work/tags"
done <"$work/repositories"
exit "$left_out"
