package io.registry.operations.migration;

import io.registry.platform.settings.TranslatedVariables;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.core.env.EnumerablePropertySource;

/**
 * The property source with the settings that the variables of the original and of Distribution
 * translate to.
 */
final class OriginalProperties extends EnumerablePropertySource<Map<String, Setting>>
    implements TranslatedVariables {
  /** The name of the property source. */
  static final String NAME = "variables of docker-registry";

  private final Set<String> keys;

  /**
   * Creates the source.
   *
   * @param settings the settings by name
   * @param keys the keys of Distribution that variables had
   */
  OriginalProperties(Map<String, Setting> settings, Set<String> keys) {
    super(NAME, Map.copyOf(settings));
    this.keys = Set.copyOf(keys);
  }

  @Override
  public boolean translates(ConfigurationPropertyName name) {
    return keys.contains(name.toString().substring("registry.".length()));
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
