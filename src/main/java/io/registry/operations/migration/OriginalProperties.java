package io.registry.operations.migration;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.EnumerablePropertySource;

/** The property source with the settings that the original's variables translate to. */
final class OriginalProperties extends EnumerablePropertySource<Map<String, Setting>> {
  /** The name of the property source. */
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
