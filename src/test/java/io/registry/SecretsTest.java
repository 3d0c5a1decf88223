package io.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.type.filter.AnnotationTypeFilter;

/** Where secrets may come from, and where they must not go. */
class SecretsTest {
  private static final Pattern SECRET =
      Pattern.compile(".*(secret|password|token|private|key|credential).*");

  /** What names a secret without being one. */
  private static final Pattern NAME_ONLY = Pattern.compile(".*(file|keyid|kmskey)");

  private static final String VALUE = "s3cret-do-not-tell-and-long-enough";

  /** What has to be set together with a secret. */
  private static final Map<String, String> NEEDED =
      Map.of(
          "registry.storage.s3.cloudfront.base", "https://layers.example",
          "registry.storage.s3.cloudfront.keyId", "K1",
          "registry.mirror.username", "somebody",
          // Excludes the password.
          "registry.mirror.token", "");

  @TempDir Path directory;

  @Test
  void aSecretMayComeFromAFileAndIsToldNowhere() throws IOException {
    Path secrets = Files.createDirectory(directory.resolve("secrets"));
    Files.writeString(secrets.resolve("registry.storage.s3.secret-key"), VALUE + "\n");
    Files.writeString(secrets.resolve("registry.storage.s3.access-key"), "id\n");
    Files.writeString(secrets.resolve("registry.issue"), "from a file\n");

    try (RegistryServer server =
        RegistryServer.start(
            directory.resolve("store"), "--spring.config.import=configtree:" + secrets + "/")) {
      TestClient client = server.client();
      assertThat(client.get("/").text()).isEqualTo("\"from a file\"");

      for (String endpoint :
          List.of(
              "env",
              "env/registry.storage.s3.secret-key",
              "configprops",
              "beans",
              "heapdump",
              "threaddump",
              "loggers",
              "mappings",
              "conditions",
              "auditevents",
              "sbom")) {
        assertThat(client.get("/actuator/" + endpoint).status()).as(endpoint).isEqualTo(404);
      }
      for (String path :
          List.of(
              "/actuator",
              "/actuator/health",
              "/actuator/metrics",
              "/actuator/prometheus",
              "/actuator/info")) {
        assertThat(client.get(path).status()).isEqualTo(200);
        assertThat(client.get(path).text()).doesNotContain(VALUE);
      }
    }
  }

  @Test
  void noSettingsPrintASecret() throws ClassNotFoundException {
    List<String> printed = new ArrayList<>();
    for (Class<?> type : settingsTypes()) {
      String prefix = type.getAnnotation(ConfigurationProperties.class).value();
      Map<String, String> secrets = new TreeMap<>();
      collect(type, prefix, secrets);
      if (!secrets.isEmpty()) {
        printed.addAll(secrets.keySet());
        secrets.putAll(NEEDED);
        Object settings =
            new Binder(new MapConfigurationPropertySource(secrets)).bindOrCreate(prefix, type);
        assertThat(settings.toString()).as(type.getName()).doesNotContain(VALUE);
      }
    }

    assertThat(printed)
        .contains(
            "registry.storage.s3.secretKey",
            "registry.storage.s3.sessionToken",
            "registry.storage.s3.cloudfront.privateKey");
  }

  private static List<Class<?>> settingsTypes() throws ClassNotFoundException {
    ClassPathScanningCandidateComponentProvider scanner =
        new ClassPathScanningCandidateComponentProvider(false);
    scanner.addIncludeFilter(new AnnotationTypeFilter(ConfigurationProperties.class));
    List<Class<?>> types = new ArrayList<>();
    for (BeanDefinition found : scanner.findCandidateComponents("io.registry")) {
      types.add(Class.forName(found.getBeanClassName()));
    }
    assertThat(types).hasSizeGreaterThan(5).allMatch(Class::isRecord);
    return types;
  }

  private static void collect(Class<?> type, String prefix, Map<String, String> secrets) {
    for (RecordComponent component : type.getRecordComponents()) {
      String name = prefix + "." + component.getName();
      if (component.getType().isRecord()) {
        collect(component.getType(), name, secrets);
      } else if (component.getType() == String.class) {
        String lower = component.getName().toLowerCase(Locale.ROOT);
        if (SECRET.matcher(lower).matches() && !NAME_ONLY.matcher(lower).matches()) {
          secrets.put(name, VALUE);
        }
      }
    }
  }
}
