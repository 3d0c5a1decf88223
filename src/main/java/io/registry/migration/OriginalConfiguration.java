package io.registry.migration;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One flavor of the original's configuration, flat: {@code cache.host} and the like.
 *
 * @param values by the path of their keys, in the order of the file
 */
record OriginalConfiguration(Map<String, OriginalValue> values) {

  OriginalConfiguration {
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }

  /** What is there under a key, which may be null. */
  Optional<OriginalValue> entry(String key) {
    return Optional.ofNullable(values.get(key));
  }

  /** A value; nothing when it is missing or null. */
  Optional<OriginalValue> find(String key) {
    return entry(key).filter(value -> value.resolved().isPresent());
  }

  /** A value as a text; nothing when it is missing, null or empty. */
  Optional<String> text(String key) {
    return find(key).flatMap(OriginalValue::text);
  }

  /** What there is. */
  Set<String> keys() {
    return values.keySet();
  }
}
