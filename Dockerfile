# The registry on a Java runtime of its own, without a shell. Run it with volumes for /registry/data and
# /registry/index, port 5000, and 330 seconds to stop.

# The jar is the same for every processor. To use one that is built already, name a directory that has
# it as build/target/registry.jar: docker build --build-context jar=DIRECTORY
FROM --platform=$BUILDPLATFORM eclipse-temurin:25-jdk-noble AS jar
WORKDIR /build
COPY .mvn .mvn
COPY mvnw pom.xml application.yml ./
COPY docs/openapi.json docs/openapi.json
COPY src/main src/main
RUN --mount=type=cache,target=/root/.m2 \
    ./mvnw --batch-mode --no-transfer-progress -Dmaven.test.skip=true -Dspotless.check.skip=true -Dmaven.antrun.skip=true -Djdeb.skip=true package

FROM eclipse-temurin:25-jdk-noble AS build
# All that Java SE specifies, because a library may use any of it, without debug symbols and without what
# only draws. jcmd looks into the registry.
RUN jlink --output /opt/jre --compress zip-9 --strip-debug --no-header-files --no-man-pages \
        --add-modules java.se,jdk.jcmd,jdk.jfr,jdk.management,jdk.naming.dns,jdk.net,jdk.security.auth,jdk.security.jgss,jdk.unsupported \
    && strip --strip-unneeded /opt/jre/lib/server/libjvm.so \
    && rm -f /opt/jre/lib/libawt*.so /opt/jre/lib/libfontmanager.so /opt/jre/lib/libfreetype.so \
        /opt/jre/lib/libjavajpeg.so /opt/jre/lib/liblcms.so /opt/jre/lib/libmlib_image.so
# Of the system only the libraries that the runtime is linked with; what packages they are of is for
# scanners. Nothing here needs a shell.
RUN mkdir --parents /system/etc /system/usr/lib /system/var/lib/dpkg /registry/data /registry/index \
    && mkdir --mode=1777 /system/tmp \
    && ldd /opt/jre/bin/java /opt/jre/lib/*.so /opt/jre/lib/server/libjvm.so \
        | grep --only-matching '/[^ )]*' | grep --invert-match -e : -e ^/opt/jre | sort --unique \
        | xargs cp --dereference --parents --target-directory=/system \
    && cp /etc/os-release /system/etc/ \
    && dpkg --status libc6 zlib1g >/system/var/lib/dpkg/status \
    && echo 'registry:x:10001:10001::/registry:/usr/sbin/nologin' >/system/etc/passwd \
    && echo 'registry:x:10001:' >/system/etc/group
COPY --from=jar /build/target/registry.jar /build/
RUN java -Djarmode=tools -jar /build/registry.jar extract --destination /app
COPY packaging/Training.java /build/
# The registry is started, pushed to and pulled from once, and what the JVM has loaded and learned is kept
# for those starts that count. Only this very runtime can read it.
RUN java /build/Training.java /opt/jre/bin/java -XX:AOTCacheOutput=/app/registry.aot -jar /app/registry.jar

FROM scratch
COPY --from=build /system/ /
COPY --from=build /opt/jre /opt/jre
# Those that change least first.
COPY --from=build /app/lib /app/lib
COPY --from=build /app/registry.jar /app/registry.aot /app/
COPY --from=build --chown=10001:10001 /registry /registry
# What the official image of Distribution has below that root is understood: docs/configuration-of-distribution.md.
ENV JAVA_HOME=/opt/jre PATH=/opt/jre/bin LANG=C.UTF-8 DISTRIBUTION_IMAGE_ROOT=/
# An application.yml that is put here overrides the defaults, the store is in ./data, and
# accounts, when there are any, in ./index. With a volume for temporary files, the rest may be read-only.
WORKDIR /registry
USER 10001:10001
VOLUME ["/registry/data", "/registry/index", "/tmp"]
EXPOSE 5000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["java", "-XX:AOTCache=/app/registry.aot", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx16m", "-cp", "/app/registry.jar", "io.registry.operations.health.HealthProbe"]
# The options are those of packaging/registry, which needs a shell.
ENTRYPOINT ["java", "-XX:MaxRAMPercentage=50", "-XX:+ExitOnOutOfMemoryError", "-XX:+StartAttachListener", "-XX:AOTCache=/app/registry.aot", "-jar", "/app/registry.jar"]
