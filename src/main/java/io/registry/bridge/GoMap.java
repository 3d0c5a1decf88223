package io.registry.bridge;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * A {@code map[string]*json.RawMessage}: an object whose values stay as they are, without white
 * space. Its keys are encoded in the order of their bytes, and of duplicate keys the last counts.
 */
final class GoMap {
  private final Map<String, Consumer<GoWriter>> members = new TreeMap<>(GoValue::compareBytes);

  private GoMap() {}

  /** Decodes an object. */
  static GoMap of(JsonCursor source) {
    GoMap map = new GoMap();
    source.members(
        key -> {
          JsonCursor.Span value = source.skip();
          map.members.put(key, out -> out.compact(source, value));
        });
    return map;
  }

  GoMap without(Set<String> keys) {
    members.keySet().removeAll(keys);
    return this;
  }

  /** Sets a value that is JSON already. */
  GoMap with(String key, byte[] json) {
    members.put(key, out -> out.raw(json));
    return this;
  }

  byte[] encoded() {
    GoWriter out = new GoWriter();
    String separator = "{";
    for (Map.Entry<String, Consumer<GoWriter>> member : members.entrySet()) {
      member.getValue().accept(out.raw(separator).string(member.getKey()).raw(":"));
      separator = ",";
    }
    return out.raw(members.isEmpty() ? "{}" : "}").bytes();
  }
}
