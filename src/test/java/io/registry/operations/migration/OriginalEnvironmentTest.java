package io.registry.operations.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.registry.platform.problem.SetupException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** The variables of an old {@code docker run -e} count, below what is set for this registry. */
@ExtendWith(OutputCaptureExtension.class)
class OriginalEnvironmentTest {

  @Configuration(proxyBeanMethods = false)
  static class Nothing {}

  @Test
  void theOldLineForABucketGoesOnToWork(CapturedOutput output) {
    try (ConfigurableApplicationContext context =
        start(
            Map.of(
                "SETTINGS_FLAVOR", "s3",
                "AWS_BUCKET", "images",
                "AWS_KEY", "AK",
                "AWS_SECRET", "quite secret",
                "STORAGE_PATH", "/registry2",
                "REGISTRY_PORT", "5005",
                "GUNICORN_WORKERS", "8",
                "CACHE_REDIS_HOST", "redis"))) {
      ConfigurableEnvironment environment = context.getEnvironment();
      assertThat(environment.getActiveProfiles()).containsExactly("s3", "redis");
      assertThat(environment.getProperty("registry.storage.s3.bucket")).isEqualTo("images");
      assertThat(environment.getProperty("registry.storage.s3.prefix")).isEqualTo("/registry2");
      assertThat(environment.getProperty("registry.storage.s3.encryption")).isEqualTo("s3");
      assertThat(environment.getProperty("server.port")).isEqualTo("5005");
      assertThat(environment.getProperty("spring.data.redis.host")).isEqualTo("redis");
    }
    assertThat(output)
        .contains("AWS_BUCKET is mapped to registry.storage.s3.bucket")
        .contains("SETTINGS_FLAVOR is mapped to registry.storage.s3.encryption")
        .contains("GUNICORN_WORKERS has no equivalent")
        .doesNotContain("quite secret");
  }

  @Test
  void whatIsSetForThisRegistryWins(CapturedOutput output) {
    try (ConfigurableApplicationContext context =
        start(
            Map.of("STORAGE_PATH", "/old", "REGISTRY_STORAGE_LOCAL_PATH", "/new"),
            "--registry.issue=new")) {
      assertThat(context.getEnvironment().getProperty("registry.storage.local.path"))
          .isEqualTo("/new");
    }
    assertThat(output)
        .contains("STORAGE_PATH is mapped to registry.storage.local.path, which is set otherwise");
  }

  @Test
  void withoutAFlavorOnlyWhatIsSetCounts() {
    try (ConfigurableApplicationContext context = start(Map.of("LOGLEVEL", "warning"))) {
      ConfigurableEnvironment environment = context.getEnvironment();
      assertThat(environment.getProperty("registry.storage.local.path")).isEqualTo("./data");
      assertThat(environment.getProperty("logging.level.io.registry")).isEqualTo("warn");
      assertThat(environment.getActiveProfiles()).isEmpty();
    }
  }

  @Test
  void listsOfTheOriginalAreLists() {
    try (ConfigurableApplicationContext context =
        start(Map.of("CORS_ORIGINS", "[https://a.example, https://b.example]"))) {
      ConfigurableEnvironment environment = context.getEnvironment();
      assertThat(
              Binder.get(environment)
                  .bind("registry.cors.origins", Bindable.listOf(String.class))
                  .get())
          .containsExactly("https://a.example", "https://b.example");
    }
  }

  @Test
  void theLogsOfGunicornGoWhereTheyWent() {
    try (ConfigurableApplicationContext context =
        start(
            Map.of(
                "GUNICORN_ACCESS_LOG_FILE", "/var/log/access.log",
                "GUNICORN_ERROR_LOG_FILE", "\"-\""))) {
      ConfigurableEnvironment environment = context.getEnvironment();
      assertThat(environment.getProperty("registry.access-log.format")).isEqualTo("combined");
      assertThat(environment.getProperty("registry.access-log.file"))
          .isEqualTo("/var/log/access.log");
      assertThat(environment.getProperty("logging.file.name")).isNull();
    }
  }

  @Test
  void aFlavorBringsItsDefaults() {
    try (ConfigurableApplicationContext context = start(Map.of("SETTINGS_FLAVOR", "local"))) {
      assertThat(context.getEnvironment().getProperty("registry.storage.local.path"))
          .isEqualTo("/tmp/registry");
    }
  }

  @Test
  void anEnvironmentWithoutTheOriginalIsLeftAlone(CapturedOutput output) {
    try (ConfigurableApplicationContext context =
        start(Map.of("AWS_REGION", "eu-west-1", "DEBUG", "1", "PATH", "/bin"))) {
      assertThat(context.getEnvironment().getPropertySources())
          .noneMatch(source -> source.getName().equals(OriginalProperties.NAME));
    }
    assertThat(output).doesNotContain("is mapped to");
  }

  @Test
  void theAddressOfALinkedContainerIsNoPort(CapturedOutput output) {
    try (ConfigurableApplicationContext context =
        start(Map.of("REGISTRY_PORT", "tcp://10.0.0.1:5000"))) {
      assertThat(context.getEnvironment().getProperty("server.port")).isEqualTo("5000");
    }
    assertThat(output).contains("REGISTRY_PORT has no equivalent: is no port");
  }

  @Test
  void aStoreThatIsNotHereStopsTheStart() {
    assertThatThrownBy(() -> start(Map.of("SETTINGS_FLAVOR", "swift")).close())
        .isInstanceOf(SetupException.class)
        .hasMessageContaining("no such store");
    assertThatThrownBy(() -> start(Map.of("SETTINGS_FLAVOR", "mine")).close())
        .isInstanceOf(SetupException.class)
        .hasMessageContaining("no flavor mine");
  }

  @Test
  void theVariablesOfDistributionCount(CapturedOutput output) {
    try (ConfigurableApplicationContext context =
        start(
            Map.of(
                "REGISTRY_HTTP_ADDR", "0.0.0.0:5443",
                "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY", "/srv",
                "REGISTRY_STORAGE_DELETE_ENABLED", "true",
                "REGISTRY_LOG_LEVEL", "debug",
                "REGISTRY_HTTP_PREFIX", "/images/",
                "REGISTRY_LIMITS_JSONSIZE", "1MB"))) {
      ConfigurableEnvironment environment = context.getEnvironment();
      assertThat(environment.getProperty("server.port")).isEqualTo("5443");
      assertThat(environment.getProperty("registry.storage.local.path")).isEqualTo("/srv");
      assertThat(environment.getProperty("logging.level.io.registry")).isEqualTo("debug");
      assertThat(environment.getProperty("registry.limits.json-size")).isEqualTo("1MB");
    }
    assertThat(output)
        .contains("REGISTRY_HTTP_ADDR is mapped to server.port")
        .contains("REGISTRY_HTTP_PREFIX has no equivalent");
  }

  @Test
  void aStoreOfDistributionInABucketIsChosenByItsVariable() {
    try (ConfigurableApplicationContext context =
        start(
            Map.of(
                "REGISTRY_STORAGE", "s3",
                "REGISTRY_STORAGE_S3_BUCKET", "images",
                "REGISTRY_STORAGE_S3_ROOTDIRECTORY", "/one/"))) {
      ConfigurableEnvironment environment = context.getEnvironment();
      assertThat(environment.getActiveProfiles()).containsExactly("s3");
      assertThat(environment.getProperty("registry.storage.s3.prefix")).isEqualTo("one");
    }
  }

  @Test
  void whatIsMountedInTheContainerIsServed(@TempDir Path root, CapturedOutput output)
      throws IOException {
    Path volume = Files.createDirectories(root.resolve("var/lib/registry"));
    Path config = Files.createDirectories(root.resolve("etc/docker/registry"));
    Files.writeString(
        config.resolve("config.yml"), "version: 0.1\nlog: {level: debug}\nhttp: {addr: ':5005'}");

    try (ConfigurableApplicationContext context =
        start(Map.of("DISTRIBUTION_IMAGE_ROOT", root.toString()))) {
      ConfigurableEnvironment environment = context.getEnvironment();
      assertThat(environment.getProperty("registry.storage.local.path"))
          .isEqualTo(volume.toString());
      assertThat(environment.getProperty("server.port")).isEqualTo("5005");
      assertThat(environment.getProperty("logging.level.io.registry")).isEqualTo("debug");
    }
    assertThat(output).contains("/var/lib/registry is mapped to registry.storage.local.path");
  }

  @Test
  void whatNeitherRegistryKnowsStopsTheStart() {
    assertThatThrownBy(() -> start(Map.of("REGISTRY_STORAGE_LOCAL_PAHT", "/srv")).close())
        .isInstanceOf(SetupException.class)
        .hasMessageContaining("registry.storage.local.paht");
    assertThatThrownBy(() -> start(Map.of("REGISTRY_AUTH", "silly")).close())
        .isInstanceOf(SetupException.class)
        .hasMessageContaining("lets every client in");
    assertThatThrownBy(() -> start(Map.of("REGISTRY_STORAGE", "azure")).close())
        .isInstanceOf(SetupException.class)
        .hasMessageContaining("rclone");
  }

  private static ConfigurableApplicationContext start(
      Map<String, String> variables, String... arguments) {
    return new SpringApplicationBuilder(Nothing.class)
        .web(WebApplicationType.NONE)
        .environment(new Variables(variables))
        // Not the file in the working directory, which here is the one of the jar.
        .properties("spring.config.location=classpath:/")
        .run(arguments);
  }

  /** An environment with these variables and no others. */
  private static final class Variables extends StandardEnvironment {
    private final Map<String, String> variables;

    Variables(Map<String, String> variables) {
      this.variables = Map.copyOf(variables);
      getPropertySources()
          .replace(
              SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
              new SystemEnvironmentPropertySource(
                  SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, Map.copyOf(variables)));
    }

    @Override
    public Map<String, Object> getSystemEnvironment() {
      return variables == null ? Map.of() : Map.copyOf(variables);
    }
  }
}
