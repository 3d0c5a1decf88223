package io.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.config.YamlPropertiesFactoryBean;
import org.springframework.core.io.ClassPathResource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the settings records, application.yml and docs/configuration.md say must agree. */
class ConfigurationMetadataTest {
  private static final String METADATA = "META-INF/spring-configuration-metadata.json";
  private static final Path PAGE = Path.of("docs/configuration.md");
  private static final Path LIST = Path.of("docs/settings.md");
  private static final String LIST_HEAD =
      """
      # All settings

      What the classes of the settings say of themselves, in alphabetical order; what goes together, and why one would change it:
      [configuration.md](configuration.md). This file is written by `./mvnw test -Dtest=ConfigurationMetadataTest -Dsettings.write=true`.

      | Property | Type | Default | Meaning | Environment variable |
      |---|---|---|---|---|
      """;

  /** To write it anew. */
  private static final boolean WRITE = Boolean.getBoolean("settings.write");

  private static final Pattern ROW =
      Pattern.compile("^\\| `(registry\\.[a-z0-9.-]+)` \\|.*$", Pattern.MULTILINE);

  @Test
  void everySettingIsDescribed() throws IOException {
    assertThat(settings())
        .containsKeys("registry.storage.local.path", "registry.limits.json-size")
        .allSatisfy(
            (name, setting) -> assertThat(setting.path("description").asString()).isNotBlank());
  }

  @Test
  void everySettingHasARowInTheManualAndEveryRowASetting() throws IOException {
    assertThat(rows().keySet()).isEqualTo(settings().keySet());
  }

  @Test
  void theManualNamesEachDefaultAndEnvironmentVariable() throws IOException {
    Map<String, String> rows = rows();
    settings()
        .forEach(
            (name, setting) ->
                assertThat(rows.getOrDefault(name, ""))
                    .contains("`" + environmentVariable(name) + "`")
                    .contains(setting.path("defaultValue").asString("")));
  }

  @Test
  void theListOfSettingsIsWhatTheMetadataSays() throws IOException {
    StringBuilder page = new StringBuilder(LIST_HEAD);
    settings().forEach((name, setting) -> page.append(line(name, setting)));
    if (WRITE) {
      Files.writeString(LIST, page);
    }

    assertThat(LIST).hasContent(page.toString());
  }

  private static String line(String name, JsonNode setting) {
    JsonNode value = setting.path("defaultValue");
    String text =
        value.isArray()
            ? value.valueStream().map(JsonNode::asString).collect(Collectors.joining(", "))
            : value.asString("");
    return "| `%s` | %s | %s | %s | `%s` |\n"
        .formatted(
            name,
            type(setting.path("type").asString()),
            text.isEmpty() ? "" : "`" + text + "`",
            setting.path("description").asString().replace("|", "\\|").replace("<", "&lt;"),
            environmentVariable(name));
  }

  private static String type(String type) {
    return type.replaceAll("[a-z]+\\.|[A-Za-z]+\\$", "").replace('<', ' ').replace(">", "");
  }

  @Test
  void everyRegistryKeyOfTheDefaultsIsASetting() throws IOException {
    YamlPropertiesFactoryBean yaml = new YamlPropertiesFactoryBean();
    yaml.setResources(new ClassPathResource("application.yml"));
    Properties defaults = Objects.requireNonNull(yaml.getObject());

    assertThat(
            defaults.keySet().stream()
                .map(String::valueOf)
                .filter(key -> key.startsWith("registry."))
                .map(key -> key.replaceFirst("\\[.*", "")))
        .isNotEmpty()
        .isSubsetOf(settings().keySet());
  }

  private static Map<String, JsonNode> settings() throws IOException {
    JsonMapper mapper = new JsonMapper();
    Map<String, JsonNode> settings = new TreeMap<>();
    ClassLoader loader = RegistryApplication.class.getClassLoader();
    for (URL file : Collections.list(loader.getResources(METADATA))) {
      try (InputStream in = file.openStream()) {
        for (JsonNode property : mapper.readTree(in).path("properties")) {
          String name = property.path("name").asString();
          if (name.startsWith("registry.")) {
            settings.put(name, property);
          }
        }
      }
    }
    return settings;
  }

  private static Map<String, String> rows() throws IOException {
    return ROW.matcher(Files.readString(PAGE))
        .results()
        .collect(
            Collectors.toMap(
                row -> row.group(1), MatchResult::group, (first, second) -> second, TreeMap::new));
  }

  private static String environmentVariable(String name) {
    return name.replace("-", "").replace('.', '_').toUpperCase(Locale.ROOT);
  }
}
