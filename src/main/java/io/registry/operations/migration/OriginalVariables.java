package io.registry.operations.migration;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Translates the original's environment variables to settings, so that an old {@code docker run -e}
 * still works. Without {@code SETTINGS_FLAVOR} only variables that are set count; with it, also the
 * flavor's values for the others.
 */
final class OriginalVariables {
  private static final String FLAVOR = "SETTINGS_FLAVOR";
  private static final String DEFAULT_FLAVOR = "local";

  private final Optional<String> flavor;
  private final OriginalConfiguration configuration;
  private final Translation translation;

  /**
   * Translates an environment.
   *
   * @param environment the variables
   * @throws ConfigurationException when the flavor is unknown, or its store is not supported
   */
  OriginalVariables(Map<String, String> environment) {
    this.flavor = Optional.ofNullable(environment.get(FLAVOR)).filter(name -> !name.isEmpty());
    this.configuration =
        new ConfigurationReader(environment::get).read(sample(), flavor.orElse(DEFAULT_FLAVOR));
    this.translation = Equivalents.of(configuration, false);
  }

  private static String sample() {
    try (InputStream in = OriginalVariables.class.getResourceAsStream("variables.yml")) {
      if (in == null) {
        throw new IllegalStateException("variables.yml is missing");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The settings by name. */
  Map<String, Setting> settings() {
    Map<String, Setting> settings = new LinkedHashMap<>();
    translation
        .settings()
        .forEach(
            (name, setting) -> {
              if (flavor.isPresent() || set().contains(setting.origin())) {
                settings.put(name, named(setting));
              }
            });
    return settings;
  }

  // A value that the flavor has without a variable originates from SETTINGS_FLAVOR.
  private Setting named(Setting setting) {
    return set().contains(setting.origin()) ? setting : new Setting(setting.value(), FLAVOR);
  }

  /** The variables without an equivalent, with an explanation. */
  Map<String, String> remarks() {
    Map<String, String> remarks = new LinkedHashMap<>();
    translation
        .remarks()
        .forEach(
            (key, text) ->
                configuration
                    .entry(key)
                    .filter(OriginalValue::isSet)
                    .flatMap(OriginalValue::variable)
                    .ifPresent(variable -> remarks.put(variable, text)));
    return remarks;
  }

  private Set<String> set() {
    return configuration.values().values().stream()
        .filter(OriginalValue::isSet)
        .flatMap(value -> value.variable().stream())
        .collect(Collectors.toSet());
  }
}
