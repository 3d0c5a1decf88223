package io.registry.content.repository;

import io.registry.platform.json.JsonCodec;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * The metadata of a tag, rendered as JSON: when and by which client it was set.
 *
 * @param values the values by name
 */
public record TagMetadata(Map<String, Object> values) {

  static TagMetadata of(ClientVersions client, Instant now) {
    Map<String, Object> values = new HashMap<>(client.values());
    values.put("last_update", now.getEpochSecond());
    return new TagMetadata(values);
  }

  /** The original's answer for a tag without metadata (protocol 2.3). */
  public static TagMetadata unknown() {
    Map<String, Object> values = new HashMap<>();
    values.put("arch", "amd64");
    values.put("docker_go_version", null);
    values.put("docker_version", null);
    values.put("kernel", null);
    values.put("last_update", null);
    values.put("os", "linux");
    return new TagMetadata(values);
  }

  /** When the tag was set last; empty when that is not known. */
  public Optional<Instant> lastUpdate() {
    Object value = values.get("last_update");
    if (value instanceof Number seconds) {
      return Optional.of(Instant.ofEpochSecond(seconds.longValue()));
    }
    return value instanceof JsonNode json && json.isNumber()
        ? Optional.of(Instant.ofEpochSecond(json.asLong(0)))
        : Optional.empty();
  }

  /** Parses a metadata file; empty when it is not one. */
  static Optional<TagMetadata> parse(JsonCodec codec, byte[] bytes) {
    return codec
        .parse(bytes)
        .filter(JsonNode::isObject)
        .map(
            json -> {
              Map<String, Object> values = new HashMap<>();
              json.properties().forEach(entry -> values.put(entry.getKey(), entry.getValue()));
              return new TagMetadata(values);
            });
  }
}
