package io.registry.operations.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.operations.command.Commands;
import io.registry.operations.command.Console;
import io.registry.storage.BlobStorage;
import io.registry.testkit.FakeGcs;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.S3Server;
import io.registry.testkit.SigningKeyPair;
import io.registry.testkit.TestDatabase;
import io.registry.web.http.CrossOriginProperties;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The registry starts with what {@code import-config} makes of the original's own sample. */
@Tag("slow")
class SampleConfigurationTest {
  private static final Path SAMPLE = Path.of("src/test/resources/original/config_sample.yml");
  private static final Pattern VARIABLE = Pattern.compile("_env:([A-Z0-9_]+)");

  /** What sends mail, tells of defects or is for the debugger of Python has no equivalent. */
  private static final Pattern WITHOUT =
      Pattern.compile("SMTP_.*|BUGSNAG|AWS_DEBUG|AWS_USE_SIGV4|GCS_SECURE|DEBUG");

  /** Said by others: the mode standalone needs none of these, and one Redis none of the second. */
  private static final Pattern IMPLIED =
      Pattern.compile(
          "INDEX_ENDPOINT|DISABLE_TOKEN_AUTH|CORS_(SEND_WILDCARD|ALWAYS_SEND|AUTOMATIC_OPTIONS"
              + "|VARY_HEADER)|CACHE_.*REDIS_(PORT|DB|PASSWORD)|SQLALCHEMY_INDEX_DATABASE"
              + "|GCS_(KEY|SECRET|OAUTH2)");

  @TempDir Path directory;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @ParameterizedTest
  @CsvSource({
    "local, false", "local, true",
    "dev, false", "dev, true",
    "test, false", "test, true"
  })
  void aFlavorWithADirectoryStarts(String flavor, boolean all) throws IOException {
    Map<String, String> environment = new TreeMap<>(Map.of("STORAGE_PATH", directory + "/store"));
    if (all) {
      environment.putAll(everything());
    }

    try (RegistryServer server = start(flavor, environment)) {
      assertThat(server.bean(BlobStorage.class).describe()).contains(directory + "/store");
      assertThat(server.client().get("/v1/_ping").status()).isEqualTo(200);
      CrossOriginProperties pages = server.bean(CrossOriginProperties.class);
      assertThat(pages.headers()).contains("Content-Type");
      assertThat(pages.origins())
          .isEqualTo(all ? List.of("https://a.example", "https://b.example") : List.of());
      assertThat(pages.maxAge()).isEqualTo(Duration.ofSeconds(all ? 600 : 0));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "s3, false", "s3, true",
    "prod, false", "prod, true",
    "cloudfronts3, false", "cloudfronts3, true",
    "ceph-s3, false", "ceph-s3, true"
  })
  void aFlavorWithABucketStarts(String flavor, boolean all) throws Exception {
    try (S3Server s3 = S3Server.start()) {
      URI endpoint = s3.endpoint();
      Map<String, String> environment =
          new TreeMap<>(
              Map.of(
                  "AWS_BUCKET",
                  s3.createBucket(),
                  "AWS_KEY",
                  S3Server.ACCESS_KEY,
                  "AWS_SECRET",
                  S3Server.SECRET_KEY,
                  "AWS_HOST",
                  endpoint.getHost(),
                  "AWS_PORT",
                  String.valueOf(endpoint.getPort()),
                  "AWS_SECURE",
                  "false",
                  "AWS_ENCRYPT",
                  "false",
                  "AWS_CALLING_FORMAT",
                  "boto.s3.connection.OrdinaryCallingFormat"));
      if (all) {
        environment.putAll(everything());
        environment.put("AWS_REGION", "eu-west-1");
        environment.put("STORAGE_PATH", "/elsewhere");
      }

      try (RegistryServer server = start(flavor, environment)) {
        assertThat(server.bean(BlobStorage.class).describe())
            .startsWith("s3 ")
            .contains(all ? "elsewhere" : flavor.equals("prod") ? "prod" : "registry");
        assertThat(server.client().get("/v1/_ping").status()).isEqualTo(200);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theFlavorOfGoogleStarts(boolean all) throws IOException {
    try (FakeGcs gcs = new FakeGcs()) {
      gcs.needNoCredentials();
      Map<String, String> environment = new TreeMap<>(Map.of("GCS_BUCKET", FakeGcs.BUCKET));
      if (all) {
        environment.putAll(everything());
        environment.putAll(Map.of("GCS_KEY", "key", "GCS_SECRET", "secret"));
      }
      Path account = Files.writeString(directory.resolve("account.json"), gcs.serviceAccount());

      try (RegistryServer server =
          start(
              "gcs",
              environment,
              "--registry.storage.gcs.endpoint=" + gcs.endpoint(),
              "--registry.storage.gcs.credentials-file=" + account)) {
        assertThat(server.bean(BlobStorage.class).describe()).contains(FakeGcs.BUCKET);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "azureblob",
        "swift",
        "glance",
        "openstack",
        "glance-swift",
        "openstack-swift",
        "elliptics",
        "oss"
      })
  void aFlavorWhoseStoreIsNotHereIsRefused(String flavor) {
    assertThat(run(flavor, Map.of())).isEqualTo(1);

    assertThat(err.toString(StandardCharsets.UTF_8)).contains("no such store here");
    assertThat(out.size()).isZero();
  }

  static Stream<String> flavors() {
    return Stream.of("local", "dev", "test", "s3", "prod", "cloudfronts3", "ceph-s3", "gcs");
  }

  /** A variable comes to a placeholder, or a comment says that it counted once. */
  @ParameterizedTest
  @MethodSource("flavors")
  void noVariableVanishes(String flavor) throws IOException {
    for (String variable : variables(flavor)) {
      if (WITHOUT.matcher(variable).matches() || IMPLIED.matcher(variable).matches()) {
        continue;
      }
      assertThat(run(flavor, Map.of())).isZero();
      assertThat(out.toString(StandardCharsets.UTF_8)).as("not set").contains(variable);
      assertThat(run(flavor, Map.of(variable, value(variable)))).isZero();
      assertThat(out.toString(StandardCharsets.UTF_8)).as("set").contains(variable);
    }
  }

  @Test
  void theLevelOfTheLogGoesOnToComeFromItsVariable() {
    assertThat(run("local", Map.of())).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("${LOGLEVEL:info}");

    assertThat(run("local", Map.of("LOGLEVEL", "WARNING"))).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("registry: warn", "not by LOGLEVEL");
  }

  private RegistryServer start(String flavor, Map<String, String> environment, String... more)
      throws IOException {
    assertThat(run(flavor, environment)).as(err.toString(StandardCharsets.UTF_8)).isZero();
    Path file = Files.write(directory.resolve("application.yml"), out.toByteArray());
    List<String> arguments = new ArrayList<>(List.of(more));
    arguments.add("--spring.config.additional-location=" + file.toUri());
    arguments.add("--spring.datasource.url=" + TestDatabase.h2(directory.resolve("index")));
    environment.forEach((name, value) -> arguments.add("--" + name + "=" + value));
    return RegistryServer.startWith(arguments.toArray(String[]::new));
  }

  private Map<String, String> everything() throws IOException {
    SigningKeyPair key = new SigningKeyPair();
    key.writePublicKey(directory.resolve("key.pem"));
    Map<String, String> all = new TreeMap<>();
    all.put("LOGLEVEL", "warn");
    all.put("STORAGE_REDIRECT", "yes");
    all.put("PRIVILEGED_KEY", directory.resolve("key.pem").toString());
    all.put("SEARCH_BACKEND", "sqlalchemy");
    all.put("MIRROR_SOURCE", "http://127.0.0.1:9");
    all.put("CACHE_LRU_REDIS_HOST", "127.0.0.1");
    all.put("CACHE_REDIS_HOST", "127.0.0.1");
    all.put("CORS_ORIGINS", "[\"https://a.example\", \"https://b.example\"]");
    all.put("CORS_METHODS", "[GET]");
    all.put("CORS_EXPOSE_HEADERS", "X-Docker-Size");
    all.put("CORS_SUPPORTS_CREDENTIALS", "true");
    all.put("CORS_MAX_AGE", "600");
    all.put("CORS_RESOURCES", "/v1/**");
    all.put("SMTP_HOST", "mail.example");
    return all;
  }

  private static String value(String variable) {
    return switch (variable) {
      case "SQLALCHEMY_INDEX_DATABASE" -> "postgresql://db.example/search";
      case "SEARCH_BACKEND" -> "sqlalchemy";
      case "LOGLEVEL" -> "CRITICAL";
      case "CORS_ORIGINS", "CORS_METHODS" -> "[a, b]";
      case "AWS_PORT", "CACHE_REDIS_PORT", "CORS_MAX_AGE" -> "9000";
      default -> "true";
    };
  }

  private Set<String> variables(String flavor) throws IOException {
    LoaderOptions options = new LoaderOptions();
    options.setMaxAliasesForCollections(100);
    Map<?, ?> all = new Yaml(new SafeConstructor(options)).load(Files.readString(SAMPLE));
    return VARIABLE
        .matcher(String.valueOf(all.get(flavor)))
        .results()
        .map(found -> found.group(1))
        .collect(Collectors.toSet());
  }

  private int run(String flavor, Map<String, String> environment) {
    out.reset();
    err.reset();
    return Commands.run(
        new ImportConfig(environment),
        List.of(SAMPLE.toString(), "--flavor", flavor),
        new Console(System.in, print(out), print(err)));
  }

  private static PrintStream print(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }
}
