package io.registry.operations.migration;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One flavor of the original's configuration, with flat keys such as {@code cache.host}.
 *
 * @param values the values by key, in the order of the file
 */
record OriginalConfiguration(Map<String, OriginalValue> values) {

  OriginalConfiguration {
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }

  /** The entry of a key, whose value may be null. */
  Optional<OriginalValue> entry(String key) {
    return Optional.ofNullable(values.get(key));
  }

  /** The value of a key; empty when it is missing or null. */
  Optional<OriginalValue> find(String key) {
    return entry(key).filter(value -> value.resolved().isPresent());
  }

  /** The value of a key as a text; empty when it is missing, null or empty. */
  Optional<String> text(String key) {
    return find(key).flatMap(OriginalValue::text);
  }

  /** All keys. */
  Set<String> keys() {
    return values.keySet();
  }
}
