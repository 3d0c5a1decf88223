package io.registry.deployment;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.Collections;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The environment variables by which settings can be set: those of the registry and of Spring. */
final class SettingVariables {
  private static final String METADATA = "META-INF/spring-configuration-metadata.json";

  private SettingVariables() {}

  static Set<String> known() throws IOException {
    JsonMapper json = new JsonMapper();
    Set<String> variables = new HashSet<>();
    ClassLoader loader = SettingVariables.class.getClassLoader();
    for (URL file : Collections.list(loader.getResources(METADATA))) {
      try (InputStream in = file.openStream()) {
        for (JsonNode property : json.readTree(in).path("properties")) {
          String name = property.path("name").asString();
          variables.add(name.replace("-", "").replace('.', '_').toUpperCase(Locale.ROOT));
        }
      }
    }
    return variables;
  }
}
