package io.registry.content.repository;

import java.util.Map;

/**
 * The versions that a client reports of itself, with the names of the tag metadata (protocol 2.3).
 *
 * @param values some of {@code arch}, {@code docker_go_version}, {@code docker_version}, {@code
 *     kernel}, {@code os}
 */
public record ClientVersions(Map<String, String> values) {
  /** Of a client that reports none. */
  public static final ClientVersions NONE = new ClientVersions(Map.of());

  /** Makes a defensive copy. */
  public ClientVersions {
    values = Map.copyOf(values);
  }
}
