#!/bin/sh
# Runs the registry as this package has set it up: as its user, with the variables of
# /etc/default/docker-registry and the settings of /etc/docker-registry. See docker-registry-v1(8).

jar=/usr/share/docker-registry-v1/registry.jar
settings=/etc/default/docker-registry
user=docker-registry

# It reads files that others have named, and nothing of this service.
if [ "${1:-}" = import-config ]; then
  exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" -jar "$jar" "$@"
fi

if [ "$(id -u)" = 0 ]; then
  exec setpriv --reuid="$user" --regid="$user" --init-groups --no-new-privs -- "$0" "$@"
fi

if [ -r "$settings" ]; then
  set -a
  . "$settings"
  set +a
elif [ -e "$settings" ]; then
  echo "$settings cannot be read by $(id -un): this needs root" >&2
  exit 1
fi

java=${JAVA_HOME:+$JAVA_HOME/bin/}java

# What the script of the Python docker-registry had. REGISTRY_PORT is below all other settings.
export REGISTRY_HOST="${REGISTRY_HOST:-${LISTEN_IP:-}}" REGISTRY_PORT="${REGISTRY_PORT:-${LISTEN_PORT:-}}"
[ -n "$REGISTRY_HOST" ] || unset REGISTRY_HOST
[ -n "$REGISTRY_PORT" ] || unset REGISTRY_PORT

export SPRING_CONFIG_ADDITIONALLOCATION="${SPRING_CONFIG_ADDITIONALLOCATION:-optional:file:/etc/docker-registry/}"
export REGISTRY_READINESS_FILE="${REGISTRY_READINESS_FILE:-/run/docker-registry/state/readiness}"

cd /var/lib/docker-registry || exit 1

case ${1:-} in
  check)
    exec "$java" ${JAVA_OPTS:-} -jar "$jar" "$@"
    ;;
  await)
    unset JDK_JAVA_OPTIONS
    "$java" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx64m \
      -Dloader.main=io.registry.ops.HealthProbe \
      -cp "$jar" org.springframework.boot.loader.launch.PropertiesLauncher \
      --wait="${START_TIMEOUT:-90}" --process="$2" && exit 0
    # A store that is away comes back, and a registry that is stopped for it would not.
    kill -0 "$2" 2>/dev/null || exit 1
    echo "The registry runs, and is not ready: its log says why"
    ;;
  *)
    rm -f "$REGISTRY_READINESS_FILE"
    exec "$java" ${JAVA_OPTS:-} -jar "$jar" "$@"
    ;;
esac
