#!/bin/sh
# Builds the registry twice, in two directories, and compares the jar, the Debian package and the list
# of what is in them: the same sources have to give the same bytes.
#
#   packaging/reproducible.sh [BUILT]
#
# With the directory of a build of this very commit (target), it is built only once more.

set -eu

project=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# copy DIRECTORY: the sources there.
copy() {
  mkdir "$1"
  tar -c -C "$project" --exclude=./target --exclude=./data --exclude=./index . | tar -x -C "$1"
}

# build DIRECTORY
build() {
  (cd "$1" && ./mvnw -q --batch-mode --no-transfer-progress -Dmaven.test.skip=true -Dspotless.check.skip=true package)
}

# Both before anything is built, so that whoever works on the sources meanwhile does not come between.
copy "$work/another-place"
if [ $# = 0 ]; then
  copy "$work/one"
  build "$work/one"
  first=$work/one/target
else
  first=$1
fi
build "$work/another-place"
second=$work/another-place/target

status=0
for file in registry.jar classes/META-INF/sbom/application.cdx.json "$(basename "$second"/*.deb)"; do
  if cmp "$first/$file" "$second/$file"; then
    sha256sum "$second/$file" | sed "s|$second/||"
  else
    echo "FAILED: $file is not the same" >&2
    status=1
  fi
done
exit $status
