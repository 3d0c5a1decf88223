# The registry on a JRE 25. Run it with volumes for /registry/data and /registry/index, port 5000, and 330 seconds to stop.
# What is built is the same for every processor.
FROM --platform=$BUILDPLATFORM eclipse-temurin:25-jdk-noble AS build
WORKDIR /build
COPY .mvn .mvn
COPY mvnw pom.xml application.yml ./
COPY docs/openapi.json docs/openapi.json
COPY src/main src/main
RUN --mount=type=cache,target=/root/.m2 \
    ./mvnw --batch-mode --no-transfer-progress -Dmaven.test.skip=true -Dspotless.check.skip=true -Dmaven.antrun.skip=true -Djdeb.skip=true package
# One directory for each layer, those that change least first.
RUN java -Djarmode=tools -jar target/registry.jar extract --layers --destination extracted

FROM eclipse-temurin:25-jre-noble
RUN groupadd --gid 10001 registry \
    && useradd --uid 10001 --gid 10001 --home-dir /registry --no-create-home --shell /usr/sbin/nologin registry \
    && install --directory --owner=10001 --group=10001 /registry /registry/data /registry/index
COPY --from=build /build/extracted/dependencies/ /app/
COPY --from=build /build/extracted/spring-boot-loader/ /app/
COPY --from=build /build/extracted/snapshot-dependencies/ /app/
COPY --from=build /build/extracted/application/ /app/
# Starts once, up to where it would take requests, and keeps the loaded classes for those starts that
# count: only a JVM of exactly this build can read them, so this is done with the one that will.
RUN java -XX:AOTCacheOutput=/app/registry.aot -Dspring.context.exit=onRefresh -jar /app/registry.jar \
    --server.port=0 --registry.storage.local.path=/tmp/training
# An application.yml that is put here overrides the defaults, the store is in ./data, and
# accounts, when there are any, in ./index.
WORKDIR /registry
USER 10001:10001
VOLUME ["/registry/data", "/registry/index"]
EXPOSE 5000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx16m", "-cp", "/app/registry.jar", "io.registry.ops.HealthProbe"]
ENTRYPOINT ["java", "-XX:AOTCache=/app/registry.aot", "-jar", "/app/registry.jar"]
