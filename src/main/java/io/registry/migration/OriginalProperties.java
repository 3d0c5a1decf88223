package io.registry.migration;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.EnumerablePropertySource;

/** The settings that the variables of the original come to. */
final class OriginalProperties extends EnumerablePropertySource<Map<String, Setting>> {
  /** What it is called among the property sources. */
  static final String NAME = "variables of docker-registry";

  OriginalProperties(Map<String, Setting> settings) {
    super(NAME, Map.copyOf(settings));
  }

  @Override
  public String[] getPropertyNames() {
    return getSource().keySet().toArray(String[]::new);
  }

  @Override
  public @Nullable Object getProperty(String name) {
    Setting setting = getSource().get(name);
    return setting == null ? null : setting.value();
  }
}
