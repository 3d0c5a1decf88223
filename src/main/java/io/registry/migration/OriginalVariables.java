package io.registry.migration;

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
 * What the environment variables of the original come to here, so that an old {@code docker run -e}
 * goes on to work. Without {@code SETTINGS_FLAVOR} only what is set counts; with it, also what that
 * flavor says of what is not.
 */
final class OriginalVariables {
  private static final String FLAVOR = "SETTINGS_FLAVOR";
  private static final String DEFAULT_FLAVOR = "local";

  private final Optional<String> flavor;
  private final OriginalConfiguration configuration;
  private final Translation translation;

  /**
   * Goes through an environment.
   *
   * @param environment the variables
   * @throws ConfigurationException when the flavor is none of the original's, or its store is not
   *     here
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

  /** The settings, by their names. */
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

  // What the flavor says without a variable comes from the variable that names it.
  private Setting named(Setting setting) {
    return set().contains(setting.origin()) ? setting : new Setting(setting.value(), FLAVOR);
  }

  /** What has no equivalent, by the variable. */
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
