package io.registry.operations.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.operations.command.Commands;
import io.registry.operations.command.Console;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.yaml.snakeyaml.Yaml;

/** A configuration of Distribution is printed as the one that it comes to here. */
class ImportDistributionConfigTest {
  /** That of the official image, with most of what its documentation names. */
  private static final String FULL =
      """
      version: 0.1
      log:
        level: debug
        formatter: json
        accesslog: {disabled: false}
        fields: {service: registry}
        hooks: [{type: mail, levels: [panic]}]
      storage:
        filesystem: {rootdirectory: /srv/registry, maxthreads: 100}
        delete: {enabled: true}
        redirect: {disable: false}
        cache: {blobdescriptor: redis, blobdescriptorsize: 10000}
        maintenance:
          uploadpurging: {enabled: true, age: 168h}
          readonly: {enabled: true}
      auth:
        htpasswd: {realm: basic-realm, path: /etc/registry/htpasswd}
      http:
        addr: 127.0.0.1:5443
        host: https://registry.example.com:5443
        prefix: /images/
        secret: asecret
        relativeurls: true
        draintimeout: 1m30s
        tls:
          certificate: /etc/registry/cert.pem
          key: /etc/registry/key.pem
          clientcas: [/etc/registry/ca.pem, /etc/registry/ca2.pem]
          minimumtls: tls1.3
        debug: {addr: ":5001", prometheus: {enabled: true, path: /metrics}}
        headers:
          X-Content-Type-Options: [nosniff]
          Access-Control-Allow-Origin: ["https://ui.example.com"]
        http2: {disabled: true}
      notifications:
        events: {includereferences: true}
        endpoints:
          - name: Alist_ener
            url: https://hooks.example.com/event
            headers: {Authorization: [Bearer x]}
            timeout: 500ms
            threshold: 5
            backoff: 1s
            ignoredmediatypes: [application/octet-stream]
            ignore: {actions: [pull, delete]}
          - {name: off, disabled: true, url: https://none.example.com}
      redis: {addr: "redis.example.com:6380", password: secret, db: 2}
      health: {storagedriver: {enabled: true, interval: 10s, threshold: 3}}
      proxy: {remoteurl: https://registry-1.docker.io, username: u, password: p, ttl: 168h}
      validation: {manifests: {urls: {allow: [.*]}}}
      compatibility: {schema1: {enabled: true, signingkeyfile: /k}}
      mystery: {depth: 3}
      """;

  @TempDir Path directory;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @Test
  void eachSettingIsTranslatedOrNamedWithAReason() throws IOException {
    assertThat(run(Map.of(), FULL)).isZero();

    assertThat(setting("logging.level.io.registry")).isEqualTo("debug");
    assertThat(setting("logging.structured.format.console")).isEqualTo("ecs");
    assertThat(setting("registry.access-log.format")).isEqualTo("combined");
    assertThat(setting("registry.storage.local.path")).isEqualTo("/srv/registry");
    assertThat(setting("registry.read-only")).isEqualTo(true);
    assertThat(setting("registry.index.mode")).isEqualTo("embedded");
    assertThat(setting("registry.access.htpasswd")).isEqualTo("/etc/registry/htpasswd");
    assertThat(setting("server.address")).isEqualTo("127.0.0.1");
    assertThat(setting("server.port")).isEqualTo(5443);
    assertThat(setting("registry.endpoints")).isEqualTo(List.of("registry.example.com:5443"));
    assertThat(setting("spring.lifecycle.timeout-per-shutdown-phase")).isEqualTo("PT1M30S");
    assertThat(setting("server.ssl.certificate")).isEqualTo("/etc/registry/cert.pem");
    assertThat(setting("server.ssl.certificate-private-key")).isEqualTo("/etc/registry/key.pem");
    assertThat(setting("server.ssl.trust-certificate")).isEqualTo("/etc/registry/ca.pem");
    assertThat(setting("server.ssl.client-auth")).isEqualTo("need");
    assertThat(setting("server.ssl.enabled-protocols")).isEqualTo(List.of("TLSv1.3"));
    assertThat(setting("management.server.port")).isEqualTo(5001);
    assertThat(setting("registry.cors.origins")).isEqualTo(List.of("https://ui.example.com"));
    assertThat(setting("registry.events.webhooks.alist-ener.url"))
        .isEqualTo("https://hooks.example.com/event");
    assertThat(setting("registry.events.webhooks.alist-ener.events"))
        .isEqualTo(List.of("tag-set", "manifest-pushed"));
    assertThat(setting("registry.events.webhooks.alist-ener.headers"))
        .isEqualTo(Map.of("[Authorization]", "Bearer x"));
    assertThat(setting("registry.events.webhooks.alist-ener.timeout")).isEqualTo("PT0.5S");
    assertThat(setting("registry.events.webhooks.off")).isEqualTo("missing");
    assertThat(setting("spring.profiles.active")).isEqualTo("redis");
    assertThat(setting("spring.data.redis.host")).isEqualTo("redis.example.com");
    assertThat(setting("spring.data.redis.port")).isEqualTo(6380);
    assertThat(setting("registry.mirror.source")).isEqualTo("https://registry-1.docker.io");
    assertThat(setting("registry.mirror.protocol")).isEqualTo("v2");
    assertThat(text(out))
        .contains("#   http.prefix: ", "#   log.hooks: ", "#   http.tls.clientcas: ")
        .contains("#   storage.maintenance.uploadpurging.age: ", "#   notifications.endpoints: ")
        .contains("#   proxy.ttl: ", "#   health.storagedriver.interval: ")
        .contains("#   validation.manifests.urls.allow: ", "#   mystery.depth: not known")
        .doesNotContain("asecret");
  }

  @Test
  void variablesOverrideTheFileAsTheyDoThere() throws IOException {
    assertThat(
            run(
                Map.of(
                    "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY", "/elsewhere",
                    "REGISTRY_HTTP_ADDR", ":8080",
                    "REGISTRY_STORAGE_MAINTENANCE_READONLY", "{enabled: false}"),
                FULL))
        .isZero();

    assertThat(setting("registry.storage.local.path")).isEqualTo("/elsewhere");
    assertThat(setting("server.port")).isEqualTo(8080);
    assertThat(setting("server.address")).isEqualTo("missing");
    assertThat(setting("registry.read-only")).isEqualTo("missing");
  }

  @Test
  void aBucketKeepsItsRegionKeysAndEncryption() throws IOException {
    assertThat(
            run(
                Map.of(),
                """
                version: 0.1
                storage:
                  s3:
                    accesskey: AK
                    secretkey: SK
                    region: eu-west-1
                    regionendpoint: s3.example.com
                    bucket: images
                    encrypt: true
                    keyid: alias/key
                    secure: false
                    chunksize: 5242880
                    rootdirectory: /registry/one
                    storageclass: STANDARD
                    skipverify: true
                middleware:
                  storage:
                    - name: cloudfront
                      options: {baseurl: https://cdn.example.com/, privatekey: /k.pem, keypairid: K1}
                """))
        .isZero();

    assertThat(setting("spring.profiles.active")).isEqualTo("s3");
    assertThat(setting("registry.storage.s3"))
        .isEqualTo(
            Map.ofEntries(
                Map.entry("bucket", "images"),
                Map.entry("prefix", "registry/one"),
                Map.entry("region", "eu-west-1"),
                Map.entry("access-key", "AK"),
                Map.entry("secret-key", "SK"),
                Map.entry("storage-class", "STANDARD"),
                Map.entry("endpoint", "http://s3.example.com"),
                Map.entry("path-style", true),
                Map.entry("encryption", "kms"),
                Map.entry("kms-key", "alias/key"),
                Map.entry("part-size", "5242880B"),
                Map.entry(
                    "cloudfront",
                    Map.of(
                        "base", "https://cdn.example.com/",
                        "key-id", "K1",
                        "private-key", "/k.pem"))));
    assertThat(setting("registry.storage.redirect")).isEqualTo(true);
    assertThat(text(out)).contains("#   storage.s3.skipverify: ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "storage: {azure: {accountname: a}} | rclone",
        "storage: {swift: {username: a}} | rclone",
        "storage: {oss: {bucket: a}} | regionendpoint",
        "storage: inmemory | nothing that was pushed would survive",
        "storage: {inmemory: {}} | nothing that was pushed would survive",
        "auth: {silly: {realm: r, service: s}} | lets every client in",
      })
  void whatIsNotHereIsRefusedWithAWayOut(String yaml, String reason) throws IOException {
    assertThat(run(Map.of(), "version: 0.1\n" + yaml + "\n")).isEqualTo(1);

    assertThat(text(err)).contains(reason);
    assertThat(text(out)).isEmpty();
  }

  private int run(Map<String, String> environment, String yaml) throws IOException {
    Path file = Files.writeString(directory.resolve("config.yml"), yaml);
    out.reset();
    err.reset();
    return Commands.run(
        new ImportConfig(environment),
        List.of(file.toString()),
        new Console(System.in, print(out), print(err)));
  }

  private Object setting(String name) {
    Object value = new Yaml().load(text(out));
    for (String part : List.of(name.split("\\.", -1))) {
      value = value instanceof Map<?, ?> map && map.containsKey(part) ? map.get(part) : "missing";
    }
    return value;
  }

  private static PrintStream print(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }

  private static String text(ByteArrayOutputStream bytes) {
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
