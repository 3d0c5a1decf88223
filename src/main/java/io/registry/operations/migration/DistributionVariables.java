package io.registry.operations.migration;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * The variables by which Distribution's configuration is overridden: {@code REGISTRY_HTTP_ADDR}
 * stands for {@code http.addr}. Their values are YAML.
 */
final class DistributionVariables {
  private static final String PREFIX = "REGISTRY_";

  private final Map<String, String> variables;

  /**
   * The variables of an environment.
   *
   * @param environment all variables
   * @param isOther whether a variable means something else and is left out
   */
  DistributionVariables(Map<String, String> environment, Predicate<String> isOther) {
    this.variables = new LinkedHashMap<>();
    environment.forEach(
        (name, value) -> {
          if (name.startsWith(PREFIX) && name.length() > PREFIX.length() && !isOther.test(name)) {
            variables.put(name, value);
          }
        });
  }

  /** The values of a configuration, overridden by the variables. */
  OriginalConfiguration over(OriginalConfiguration configuration) {
    Map<String, OriginalValue> values = new LinkedHashMap<>(configuration.values());
    variables.forEach(
        (name, text) -> {
          String key = key(name);
          Object value = ConfigurationReader.scalar(text);
          if (value instanceof Map<?, ?> deeper) {
            ConfigurationReader.flatten(key, deeper)
                .forEach((each, found) -> values.put(each, variable(name, found)));
          } else {
            values.put(key, OriginalValue.ofVariable(name, "", true, value));
          }
        });
    return new OriginalConfiguration(values);
  }

  private static OriginalValue variable(String name, Optional<Object> value) {
    return OriginalValue.ofVariable(name, "", true, value.orElse(null));
  }

  private static String key(String variable) {
    return variable.substring(PREFIX.length()).toLowerCase(Locale.ROOT).replace('_', '.');
  }

  /** The keys of those variables that a translation knows. */
  Set<String> known(Translation translation) {
    Set<String> known = new TreeSet<>();
    for (String name : variables.keySet()) {
      if (translation.isRead(key(name))) {
        known.add(key(name));
      }
    }
    return known;
  }
}
