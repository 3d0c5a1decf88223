#!/bin/sh
# Runs the registry as this package has set it up: as its user, with the variables of
# /etc/default/docker-registry and the settings of /etc/docker-registry. All words are the registry's own,
# see docker-registry-v1(8), but for two that are for the service: start-service and await-service PID.

program=/usr/share/docker-registry-v1/registry
settings=/etc/default/docker-registry
user=docker-registry

# They need nothing of this service.
case ${1:-} in
  import-config | help | version | -h | --help | --version) exec "$program" "$@" ;;
esac

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

# What the script of the Python docker-registry had. REGISTRY_PORT is below all other settings.
export REGISTRY_HOST="${REGISTRY_HOST:-${LISTEN_IP:-}}" REGISTRY_PORT="${REGISTRY_PORT:-${LISTEN_PORT:-}}"
[ -n "$REGISTRY_HOST" ] || unset REGISTRY_HOST
[ -n "$REGISTRY_PORT" ] || unset REGISTRY_PORT

export SPRING_CONFIG_ADDITIONALLOCATION="${SPRING_CONFIG_ADDITIONALLOCATION:-optional:file:/etc/docker-registry/}"
readiness=${REGISTRY_READINESS_FILE:-/run/docker-registry/state/readiness}

cd /var/lib/docker-registry || exit 1

case ${1:-} in
  start-service)
    rm -f "$readiness"
    REGISTRY_READINESS_FILE=$readiness exec "$program"
    ;;
  await-service)
    unset JDK_JAVA_OPTIONS
    said=$(REGISTRY_READINESS_FILE=$readiness "${JAVA_HOME:+$JAVA_HOME/bin/}java" \
      -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx64m \
      -Dloader.main=io.registry.operations.health.HealthProbe \
      -cp "$program.jar" org.springframework.boot.loader.launch.PropertiesLauncher \
      --wait="${START_TIMEOUT:-90}" --process="$2") && exit 0
    if ! kill -0 "$2" 2>/dev/null; then
      echo "The registry has ended before it was ready."
      exit 1
    fi
    # A store that is away comes back, and a registry that is stopped for it would not.
    echo "The registry runs, and is not ready after ${START_TIMEOUT:-90} seconds: $said"
    ;;
  *)
    # The file is that of the service, which may run.
    unset REGISTRY_READINESS_FILE
    exec "$program" "$@"
    ;;
esac
