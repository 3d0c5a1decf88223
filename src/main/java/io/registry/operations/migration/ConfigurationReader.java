package io.registry.operations.migration;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * Reads a configuration file of the original with its rules for flavors and environment variables
 * (protocol 8.1).
 */
final class ConfigurationReader {
  private static final String VARIABLE = "_env:";

  private final UnaryOperator<@Nullable String> environment;

  /**
   * Creates a reader.
   *
   * @param environment returns the value of a variable, null when it is not set
   */
  ConfigurationReader(UnaryOperator<@Nullable String> environment) {
    this.environment = environment;
  }

  /**
   * Reads one flavor.
   *
   * @param yaml the content of the file
   * @param flavor a key at the top level; empty when the whole file is the configuration
   * @throws ConfigurationException when the file is not YAML, or has no such flavor
   */
  OriginalConfiguration read(String yaml, String flavor) {
    Map<?, ?> all = map(load(yaml));
    if (flavor.isEmpty()) {
      return new OriginalConfiguration(flat(all));
    }
    Object chosen = all.get(flavor);
    if (!(chosen instanceof Map<?, ?> values)) {
      throw new ConfigurationException(
          "There is no flavor %s in it, but: %s".formatted(flavor, String.join(", ", names(all))));
    }
    return new OriginalConfiguration(flat(values));
  }

  /**
   * Reads a whole file, in which each value is literal.
   *
   * @throws ConfigurationException when the file is not YAML
   */
  static OriginalConfiguration readLiterally(String yaml) {
    Map<String, OriginalValue> values = new LinkedHashMap<>();
    flatten("", map(load(yaml)))
        .forEach((key, value) -> values.put(key, OriginalValue.of(value.orElse(null))));
    return new OriginalConfiguration(values);
  }

  /**
   * The values of a tree by flat keys, in the order of the file.
   *
   * @param path the key of the tree; empty for the whole file
   */
  static Map<String, Optional<Object>> flatten(String path, Map<?, ?> tree) {
    Map<String, Optional<Object>> flat = new LinkedHashMap<>();
    tree.forEach(
        (name, value) -> {
          String key = path.isEmpty() ? String.valueOf(name) : path + "." + name;
          if (value instanceof Map<?, ?> deeper && !deeper.isEmpty()) {
            flat.putAll(flatten(key, deeper));
          } else {
            flat.put(
                key, value instanceof Map<?, ?> ? Optional.empty() : Optional.ofNullable(value));
          }
        });
    return flat;
  }

  private static Set<String> names(Map<?, ?> flavors) {
    Set<String> names = new TreeSet<>();
    flavors.forEach(
        (name, values) -> {
          if (values instanceof Map<?, ?>) {
            names.add(String.valueOf(name));
          }
        });
    return names;
  }

  private static Map<?, ?> map(@Nullable Object loaded) {
    if (loaded instanceof Map<?, ?> map) {
      return map;
    }
    throw new ConfigurationException("It holds no keys and values");
  }

  private Map<String, OriginalValue> flat(Map<?, ?> values) {
    Map<String, OriginalValue> flat = new LinkedHashMap<>();
    add(flat, "", values);
    return flat;
  }

  private void add(Map<String, OriginalValue> flat, String path, Map<?, ?> values) {
    values.forEach(
        (name, value) -> {
          String key = path + name;
          if (value instanceof Map<?, ?> deeper) {
            add(flat, key + ".", deeper);
          } else {
            flat.put(key, value(value));
          }
        });
  }

  private OriginalValue value(@Nullable Object value) {
    if (!(value instanceof String text) || !text.startsWith(VARIABLE)) {
      return OriginalValue.of(value);
    }
    // The default may contain colons.
    String[] parts = text.split(":", 3);
    String fallback = parts.length > 2 ? parts[2] : "";
    Optional<String> set = Optional.ofNullable(environment.apply(parts[1]));
    return OriginalValue.ofVariable(
        parts[1], fallback, set.isPresent(), scalar(set.orElse(fallback)));
  }

  /** Parses the value of an environment variable as YAML, like the original. */
  static @Nullable Object scalar(String text) {
    try {
      return load(text);
    } catch (ConfigurationException e) {
      // The original failed to start with a value that is not YAML, such as a password that begins
      // with %.
      return text;
    }
  }

  private static @Nullable Object load(String yaml) {
    LoaderOptions options = new LoaderOptions();
    options.setAllowDuplicateKeys(true);
    try {
      return new Yaml(new SafeConstructor(options)).load(yaml);
    } catch (YAMLException e) {
      throw new ConfigurationException("It is no YAML: " + e.getMessage(), e);
    }
  }
}
