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
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;

/** A configuration of the original is printed as the one that it comes to here. */
class ImportConfigTest {
  private static final String CONFIG =
      """
      common: &common
        loglevel: _env:LOGLEVEL:info
        standalone: _env:STANDALONE:true
        index_endpoint: _env:INDEX_ENDPOINT:https://index.docker.io
        storage_redirect: _env:STORAGE_REDIRECT
        search_backend: _env:SEARCH_BACKEND
        sqlalchemy_index_database: _env:SQLALCHEMY_INDEX_DATABASE:sqlite:////tmp/docker-registry.db
        mirroring:
          source: _env:MIRROR_SOURCE
          tags_cache_ttl: _env:MIRROR_TAGS_CACHE_TTL:172800
        cache_lru:
          host: _env:CACHE_LRU_REDIS_HOST
          port: _env:CACHE_LRU_REDIS_PORT
          db: _env:CACHE_LRU_REDIS_DB:0
          password: _env:CACHE_LRU_REDIS_PASSWORD
        email_exceptions:
          smtp_host: _env:SMTP_HOST
          smtp_port: 25
      dev: &dev
        <<: *common
        storage: local
        storage_path: _env:STORAGE_PATH:/tmp/registry
        loglevel: debug
        search_backend: sqlalchemy
      prod:
        <<: *common
        storage: s3
        boto_bucket: _env:AWS_BUCKET
        s3_bucket: _env:AWS_BUCKET
        s3_region: _env:AWS_REGION
        s3_encrypt: true
        s3_secure: true
        s3_access_key: _env:AWS_KEY
        s3_secret_key: "literal ${secret}"
        boto_host: s3.example.com
        boto_port: 9000
        boto_calling_format: boto.s3.connection.OrdinaryCallingFormat
        storage_path: _env:STORAGE_PATH:/prod
        storage_redirect: yes
        gunicorns: 4
      auth:
        <<: *common
        standalone: false
        index_endpoint: https://index.example.com/
        privileged_key: /etc/key.pem
        registry_endpoints: one.example.com, two.example.com:5000
        storage: file
        storage_path: /data
        cache: {host: redis.example.com, port: 6380, db: 3, password: "p:w"}
        sqlalchemy_index_database: postgresql+psycopg2://u:p%23w@db.example.com:5433/search
      old:
        storage: swift
        swift_container: images
      """;

  @TempDir Path directory;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @Test
  void whatCameFromVariablesGoesOnToComeFromThem() throws IOException {
    assertThat(run(Map.of(), CONFIG, "--flavor", "prod")).isZero();

    assertThat(setting("spring.profiles.active")).isEqualTo("s3");
    assertThat(setting("registry.storage.s3.bucket")).isEqualTo("${AWS_BUCKET:}");
    assertThat(setting("registry.storage.s3.prefix")).isEqualTo("${STORAGE_PATH:/prod}");
    assertThat(setting("registry.storage.s3.access-key")).isEqualTo("${AWS_KEY:}");
    assertThat(setting("registry.index.mode")).isEqualTo("standalone");
    assertThat(text(out))
        .contains("standalone: access is decided by no index")
        .contains("STANDALONE");
  }

  @Test
  void whatTheFileSaysIsSaidAgain() throws IOException {
    assertThat(run(Map.of(), CONFIG, "--flavor=prod")).isZero();

    assertThat(setting("registry.storage.s3.secret-key")).isEqualTo("literal \\${secret}");
    assertThat(setting("registry.storage.s3.endpoint")).isEqualTo("https://s3.example.com:9000");
    assertThat(setting("registry.storage.s3.path-style")).isEqualTo(true);
    assertThat(setting("registry.storage.s3.encryption")).isEqualTo("s3");
    assertThat(setting("registry.storage.redirect")).isEqualTo(true);
  }

  @Test
  void whatNobodyKnowsIsNamed() throws IOException {
    assertThat(run(Map.of(), CONFIG, "--flavor", "prod")).isZero();

    assertThat(text(out)).contains("#   gunicorns: not known");
    assertThat(text(out)).doesNotContain("smtp_port");
  }

  @Test
  void mailHasNoEquivalentWhenItWasSent() throws IOException {
    assertThat(run(Map.of("SMTP_HOST", "mail"), CONFIG, "--flavor", "prod")).isZero();

    assertThat(text(out)).contains("email_exceptions.smtp_host: no mail is sent");
  }

  @Test
  void theFlavorIsThatOfTheEnvironmentOrDev() throws IOException {
    assertThat(run(Map.of(), CONFIG)).isZero();
    assertThat(setting("registry.storage.local.path")).isEqualTo("${STORAGE_PATH:/tmp/registry}");
    assertThat(setting("registry.search.enabled")).isEqualTo(true);
    assertThat(setting("logging.level.io.registry")).isEqualTo("debug");

    assertThat(run(Map.of("SETTINGS_FLAVOR", "auth"), CONFIG)).isZero();
    assertThat(setting("registry.storage.local.path")).isEqualTo("/data");
  }

  @Test
  void anIndexElsewhereAndRedisAreTakenOver() throws IOException {
    assertThat(run(Map.of(), CONFIG, "--flavor", "auth")).isZero();

    assertThat(setting("registry.index.mode")).isEqualTo("remote");
    assertThat(setting("registry.index.remote.endpoint")).isEqualTo("https://index.example.com/");
    assertThat(setting("registry.auth.privileged-keys")).isEqualTo(List.of("/etc/key.pem"));
    assertThat(text(out)).contains("#   privileged_key: clients that sign no date");
    assertThat(setting("registry.endpoints"))
        .isEqualTo(List.of("one.example.com", "two.example.com:5000"));
    assertThat(setting("spring.profiles.active")).isEqualTo("redis");
    assertThat(setting("spring.data.redis.host")).isEqualTo("redis.example.com");
    assertThat(setting("spring.data.redis.port")).isEqualTo("6380");
    assertThat(setting("spring.data.redis.password")).isEqualTo("p:w");
    assertThat(setting("spring.datasource.url"))
        .isEqualTo("jdbc:postgresql://db.example.com:5433/search");
    assertThat(setting("spring.datasource.password")).isEqualTo("p#w");
  }

  @Test
  void aStoreThatIsNotHereIsRefused() throws IOException {
    assertThat(run(Map.of(), CONFIG, "--flavor", "old")).isEqualTo(1);

    assertThat(text(err)).contains("no such store here as swift");
    assertThat(text(out)).isEmpty();
  }

  @Test
  void aFileWithoutFlavorsIsTheConfigurationItself() throws IOException {
    assertThat(run(Map.of(), "storage: local\nstorage_path: /x\nstandalone: true\n", "--flavor="))
        .isZero();

    assertThat(setting("registry.storage.local.path")).isEqualTo("/x");
  }

  @Test
  void whatCannotBeReadIsSaidOnTheErrorOutput() throws IOException {
    assertThat(run(Map.of(), CONFIG, "--flavor", "none")).isEqualTo(1);
    assertThat(text(err)).contains("no flavor none").contains("prod").contains("dev");

    assertThat(run(Map.of(), "a: [", "--flavor", "prod")).isEqualTo(1);
    assertThat(text(err)).contains("no YAML");

    assertThat(run(Map.of(), "!!java.io.File [/x]", "--flavor", "prod")).isEqualTo(1);
    assertThat(run(Map.of(), List.of())).isEqualTo(2);
    assertThat(run(Map.of(), List.of(directory.resolve("missing").toString()))).isEqualTo(1);
    assertThat(text(out)).isEmpty();
  }

  @Test
  void whatTheEnvironmentSaysIsYamlAsForTheOriginal() throws IOException {
    assertThat(run(Map.of("STANDALONE", "off"), CONFIG, "--flavor", "dev")).isZero();
    assertThat(setting("registry.index.mode")).isEqualTo("remote");

    // Not the boolean that it had to be (protocol 8.1).
    assertThat(run(Map.of("STANDALONE", "1"), CONFIG, "--flavor", "dev")).isZero();
    assertThat(setting("registry.index.mode")).isEqualTo("remote");

    assertThat(run(Map.of("AWS_REGION", "%nowhere"), CONFIG, "--flavor", "prod")).isZero();
  }

  private int run(Map<String, String> environment, String yaml, String... options)
      throws IOException {
    Path file = Files.writeString(directory.resolve("config.yml"), yaml);
    out.reset();
    err.reset();
    return run(environment, Stream.concat(Stream.of(file.toString()), Stream.of(options)).toList());
  }

  private int run(Map<String, String> environment, List<String> arguments) {
    return Commands.run(
        new ImportConfig(environment), arguments, new Console(System.in, print(out), print(err)));
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
