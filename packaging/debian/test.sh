#!/bin/sh
# Installs the Debian package on this machine, as an operator would, and looks at what it does:
# starts, is pushed to and pulled from, reloads, logs into a new file, is upgraded, stopped, removed
# and purged, and leaves nothing behind. Needs root, dpkg and Java, and is for machines that may be
# thrown away: .ci/run calls it there.
#
#   packaging/debian/test.sh [PACKAGE.deb]

set -eu

here=$(cd "$(dirname "$0")" && pwd)
project=$(dirname "$(dirname "$here")")
package=docker-registry-v1
home=/var/lib/docker-registry
logs=/var/log/docker-registry
settings=/etc/docker-registry/application.yml
variables=/etc/default/docker-registry
work=$(mktemp -d)
mine=

say() { printf '%s\n' "$*"; }

fail() {
  say "FAILED: $*" >&2
  exit 1
}

clean_up() {
  status=$?
  if [ -n "$mine" ]; then
    if [ $status != 0 ]; then
      tail -n 40 "$logs"/*.log /run/docker-registry/start.log >&2 2>/dev/null || true
      if [ -d /run/systemd/system ]; then
        journalctl --no-pager -n 60 -u docker-registry >&2 || true
      fi
    fi
    dpkg --purge --force-all "$package" >/dev/null 2>&1 || true
    rm -rf "$home" "$logs" /etc/docker-registry
    if getent passwd docker-registry >/dev/null; then
      deluser --quiet --system docker-registry >/dev/null 2>&1 || true
    fi
  fi
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# ends STATUS COMMAND...: the command has to end with that status.
ends() {
  expected=$1
  shift
  status=0
  "$@" >"$work/said" 2>&1 || status=$?
  if [ "$status" != "$expected" ]; then
    cat "$work/said" >&2
    fail "$* ended with $status, not with $expected"
  fi
}

# same WHAT EXPECTED ACTUAL
same() {
  [ "$2" = "$3" ] || fail "$1: expected $2, got $3"
}

owner() { stat -c '%U:%G %a' "$1"; }

installed() { dpkg-query -W -f='${db:Status-Abbrev}${Version}' "$package" 2>/dev/null || true; }

registry_pid() {
  if [ -d /run/systemd/system ]; then
    systemctl show --property=MainPID --value docker-registry
  else
    cat /run/docker-registry/docker-registry.pid
  fi
}

is_ready() { curl -fsS -o "$work/answer" "$url/actuator/health/readiness" 2>/dev/null; }

# await WHAT COMMAND...
await() {
  what=$1
  shift
  tries=150
  until "$@"; do
    tries=$((tries - 1))
    [ $tries != 0 ] || fail "$what: not within 15 seconds"
    sleep 0.1
  done
}

[ "$(id -u)" = 0 ] || fail "this needs root"
for program in dpkg-deb service curl java start-stop-daemon; do
  command -v "$program" >/dev/null || fail "$program is missing: please install it"
done
deb=${1:-}
if [ -z "$deb" ]; then
  set -- "$project"/target/"$package"_*_all.deb
  [ $# = 1 ] && [ -f "$1" ] || fail "there is no one package in target: ./mvnw -q -DskipTests package"
  deb=$1
fi
for path in "$home" "$logs" /etc/docker-registry "$variables" /etc/init.d/docker-registry; do
  [ ! -e "$path" ] || fail "$path is there already: this is not for machines that have a registry"
done
if getent passwd docker-registry >/dev/null; then
  fail "there is a user docker-registry: this is not for machines that have a registry"
fi

port=$((20000 + $(od -An -N2 -tu2 /dev/urandom) % 12000))
url=http://127.0.0.1:$port

say "Looking at the package"
if command -v lintian >/dev/null; then
  lintian --allow-root --fail-on error,warning "$deb" >"$work/said" 2>&1 || {
    cat "$work/said" >&2
    fail "lintian found something"
  }
  say "  lintian: ok"
fi

say "Installing it"
mine=yes
# As if an older registry had been configured here, so that it starts at a port that is free.
cat >"$variables" <<EOF
LISTEN_PORT=$port
JAVA_OPTS="-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx256m -Dregistry.issue=options"
STORAGE_PATH=$home/old-store
LOGGING_FILE_NAME=$logs/registry.log
EOF
dpkg --install --force-confold "$deb" >"$work/said" 2>&1 || {
  cat "$work/said" >&2
  fail "it cannot be installed"
}
same "the owner of the store" "docker-registry:docker-registry 750" "$(owner "$home")"
same "the owner of the logs" "docker-registry:adm 2750" "$(owner "$logs")"
same "the owner of the settings" "root:docker-registry 640" "$(owner "$settings")"
same "the owner of the variables" "root:docker-registry 640" "$(owner "$variables")"
if command -v systemd-analyze >/dev/null; then
  ends 0 systemd-analyze verify --man=no /usr/lib/systemd/system/docker-registry.service
  [ ! -s "$work/said" ] || fail "systemd-analyze verify: $(cat "$work/said")"
  ends 0 systemd-analyze security --offline=true --threshold=20 \
    /usr/lib/systemd/system/docker-registry.service
  say "  the unit: ok"
fi
if command -v man >/dev/null; then
  ends 0 man --warnings --local-file /usr/share/man/man8/docker-registry-v1.8.gz
fi

say "Starting it"
# Where packages may start services, it runs already.
ends 0 service docker-registry start
is_ready || fail "it was not ready when its start had ended"
same "the JVM options" '"options"' "$(curl -fsS "$url/")"
ends 0 service docker-registry status
pid=$(registry_pid)
same "the user" docker-registry "$(stat -c %U "/proc/$pid")"
ends 0 service docker-registry start
same "the process after a second start" "$pid" "$(registry_pid)"
say "  ready, as its user: ok"

say "Pushing and pulling"
"$project/examples/push-pull.sh" "$url" >"$work/said" || { cat "$work/said" >&2; exit 1; }
[ -d "$home/old-store/images" ] || fail "STORAGE_PATH was not honoured"
tag=$(curl -fsS "$url/v1/repositories/example/push-pull/tags")
say "  byte for byte: ok"
ends 0 docker-registry-v1 check
say "  nothing wrong with the store, says docker-registry-v1 check: ok"
ends 0 timeout 120 docker-registry-v1 --help
ends 1 timeout 120 docker-registry-v1 --server.port=none
grep -q server.port "$work/said" || fail "the words were not the registry's: $(cat "$work/said")"
[ -s /run/docker-registry/state/readiness ] || fail "a command has touched the file of the service"
same "the process after other commands" "$pid" "$(registry_pid)"
say "  other commands leave the service alone: ok"

say "Reloading, and turning over the log"
ends 0 service docker-registry reload
[ -d /run/systemd/system ] || ends 0 service docker-registry force-reload
same "the process after a reload" "$pid" "$(registry_pid)"
is_ready || fail "it does not answer after a reload"
if command -v logrotate >/dev/null; then
  log_before=$(stat -c %i "$logs/registry.log")
  ends 0 logrotate --force --state "$work/logrotate" /etc/logrotate.d/docker-registry-v1
  log_is_new() { [ -s "$logs/registry.log" ] && [ "$(stat -c %i "$logs/registry.log")" != "$log_before" ]; }
  curl -sS -o "$work/answer" -X PUT "$url/v1/images/none/json" || fail "it does not answer"
  await "a new log" log_is_new
  is_ready || fail "it does not answer after the log was turned over"
  say "  a new log: ok"
fi
same "the process" "$pid" "$(registry_pid)"

if [ ! -d /run/systemd/system ]; then
  say "Asking for what there is not"
  ends 2 service docker-registry frobnicate
  grep -q '^Usage: ' "$work/said" || fail "no usage was told"
  ends 1 setpriv --reuid=nobody --clear-groups /etc/init.d/docker-registry stop
  grep -q root "$work/said" || fail "it did not say that it needs root"
  say "  refused: ok"
fi

say "Upgrading it"
cat >>"$settings" <<EOF
management.endpoint.health.show-components: never
EOF
mkdir "$work/upgrade"
dpkg-deb --raw-extract "$deb" "$work/upgrade/package"
sed -i 's/^Version: .*/&+upgrade/' "$work/upgrade/package/DEBIAN/control"
echo '# new in this version' >>"$work/upgrade/package$settings"
chmod 640 "$work/upgrade/package$settings"
dpkg-deb --build -Znone --root-owner-group "$work/upgrade/package" "$work/upgrade.deb" >/dev/null
rm -rf "$work/upgrade"
dpkg --install --force-confold "$work/upgrade.deb" >"$work/said" 2>&1 || {
  cat "$work/said" >&2
  fail "it cannot be upgraded"
}
case $(installed) in
  'ii '*+upgrade) ;;
  *) fail "after the upgrade, there is: $(installed)" ;;
esac
grep -q "^LISTEN_PORT=$port" "$variables" || fail "the variables were lost"
grep -q '^management.endpoint.health' "$settings" || fail "the settings were lost"
# Where packages may not start services, nothing has stopped it either.
if [ -d "/proc/$pid" ]; then
  ends 0 service docker-registry restart
fi
is_ready || fail "it was not started again"
same "health with the settings" '{"status":"UP"}' "$(cat "$work/answer")"
same "the owner of the settings after the upgrade" "root:docker-registry 640" "$(owner "$settings")"
[ ! -d "/proc/$pid" ] || fail "the old process is still there"
same "the tags after the upgrade" "$tag" "$(curl -fsS "$url/v1/repositories/example/push-pull/tags")"
say "  settings and images kept: ok"

if [ -d /run/systemd/system ]; then
  say "Stopping it"
  ends 0 service docker-registry restart
  ends 0 service docker-registry stop
  ends 3 service docker-registry status
  say "  stopped: ok"
else
  say "Killing it"
  kill -KILL "$(registry_pid)"
  killed() { [ ! -d "/proc/$1" ]; }
  await "its end" killed "$(registry_pid)"
  ends 1 service docker-registry status
  ends 3 service docker-registry status
  [ ! -e /run/docker-registry/docker-registry.pid ] || fail "the pid file of nobody is still there"
  ends 7 service docker-registry reload
  ends 0 service docker-registry stop
  ends 0 service docker-registry try-restart
  say "  told, and its pid file removed: ok"

  say "Starting what cannot start"
  echo 'SERVER_PORT=none' >>"$variables"
  ends 1 service docker-registry start
  grep -q 'ended before it was ready' "$work/said" || fail "it did not say so: $(cat "$work/said")"
  grep -q server.port "$work/said" || fail "it did not say why: $(cat "$work/said")"
  ends 3 service docker-registry status
  say "  said why: ok"

  say "Starting what does not get ready in time"
  sed -i 's/^SERVER_PORT=none/START_TIMEOUT=0/' "$variables"
  ends 0 service docker-registry start
  grep -q 'not ready after 0 seconds: .* does not answer' "$work/said" ||
    fail "it did not say why: $(cat "$work/said")"
  grep -q "The last lines of .*$logs/registry.log" "$work/said" || fail "it did not show its log"
  await "a registry that gets ready later" is_ready
  ends 0 service docker-registry stop
  say "  said what it answers, and got ready later: ok"
fi

say "Removing it"
dpkg --remove "$package" >"$work/said" 2>&1 || { cat "$work/said" >&2; fail "it cannot be removed"; }
[ -f "$settings" ] && [ -d "$home/old-store/images" ] || fail "settings or images are gone"
[ ! -e /usr/share/docker-registry-v1 ] || fail "its files are still there"

say "Purging it"
dpkg --purge "$package" >"$work/said" 2>&1 || { cat "$work/said" >&2; fail "it cannot be purged"; }
grep -q "kept in $home" "$work/said" || fail "it did not say that images are kept: $(cat "$work/said")"
[ -d "$home/old-store/images" ] || fail "images were deleted"
for path in /etc/docker-registry "$variables" /etc/init.d/docker-registry "$logs" /run/docker-registry \
  /etc/logrotate.d/docker-registry-v1 /etc/rc2.d/S??docker-registry; do
  [ ! -e "$path" ] || fail "$path is still there"
done
same "what dpkg knows of it" "" "$(installed)"
say "  only the images are left, and said so: ok"

say "OK: the package was installed, used, upgraded and purged"
