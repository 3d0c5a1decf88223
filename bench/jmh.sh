#!/usr/bin/env bash
# Measures the few functions that each request or each byte goes through, by JMH. Arguments are
# JMH's own: -h tells them.
#
#   bench/jmh.sh                      all, some two minutes
#   bench/jmh.sh Paths -prof gc       one class, with what it allocates
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

[[ -f target/registry.jar ]] || ./mvnw -q -DskipTests package
java -Djarmode=tools -jar target/registry.jar extract --destination target/bench/app --force >/dev/null
./mvnw -q -f bench/jmh/pom.xml compile \
  dependency:build-classpath -Dmdep.outputFile=../../target/bench/jmh.classpath
exec java -cp "target/bench/jmh/classes:$(cat target/bench/jmh.classpath)" org.openjdk.jmh.Main "$@"
