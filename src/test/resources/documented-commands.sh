# Lets the commands of the documents run one after the other without a person: a registry that is
# started goes to the background, and the one before it ends; curl, which would ask for a password,
# is told the one that the commands before have set.

registry=
declare -A passwords=()

stop_registry() {
  if [[ -n $registry ]]; then
    kill -KILL "$registry"
    wait "$registry" || true
    registry=
  fi
}
trap stop_registry EXIT

java() {
  local jar=$2
  [[ -f $jar ]] || jar=target/$jar
  if (($# > 2)) && [[ $3 != --* ]]; then
    "$JAVA" -XX:TieredStopAtLevel=1 -jar "$jar" "${@:3}"
    return
  fi
  stop_registry
  : >registry.log
  "$JAVA" -XX:TieredStopAtLevel=1 -jar "$jar" "${@:3}" --server.port="$PORT" >registry.log 2>&1 &
  registry=$!
  until grep -q 'Listening on ' registry.log; do
    if ! kill -0 "$registry"; then
      cat registry.log
      return 1
    fi
    sleep 0.1
  done
  passwords[admin]=$(sed -n 's/^    \([^ ]*\)$/\1/p' registry.log)
}

curl() {
  local all="$*" arguments=() name= body=
  if [[ $all == *"--data @-"* ]]; then
    body=$(cat)
    all="$body $all"
  fi
  while (($# > 0)); do
    if [[ $1 == --user ]]; then
      name=$2
      arguments+=(--user "$name:${passwords[$name]}")
      shift
    elif [[ $1 != --fail-with-body ]]; then
      arguments+=("${1/THE-PRINTED-ONE/${passwords[admin]-}}")
    fi
    shift
  done
  command curl --fail-with-body "${arguments[@]}" <<<"$body"
  if [[ $all =~ \"name\":\ \"([a-z]+)\",\ \"password\":\ \"([^\"]+)\" ]]; then
    passwords[${BASH_REMATCH[1]}]=${BASH_REMATCH[2]}
  elif [[ $all =~ \"password\":\ \"([^\"]+)\".*/users/([a-z]+)/password ]]; then
    passwords[${BASH_REMATCH[2]}]=${BASH_REMATCH[1]}
  fi
}
