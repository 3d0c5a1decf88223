package io.registry.repository;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The versions that a client reports in its User-Agent, with the names of the tag metadata
 * (protocol 2.3).
 *
 * @param values some of {@code arch}, {@code docker_go_version}, {@code docker_version}, {@code
 *     kernel}, {@code os}
 */
public record ClientVersions(Map<String, String> values) {
  private static final Map<String, String> NAMES =
      Map.of(
          "arch", "arch",
          "docker", "docker_version",
          "go", "docker_go_version",
          "kernel", "kernel",
          "os", "os");

  /** Makes a defensive copy. */
  public ClientVersions {
    values = Map.copyOf(values);
  }

  /**
   * Parses the pairs {@code name/version} of a Docker daemon.
   *
   * @param userAgent the header; empty when there is none
   * @return the versions that it contains
   */
  public static ClientVersions parse(String userAgent) {
    Map<String, String> values = new TreeMap<>();
    for (String product : userAgent.split("\\s+", -1)) {
      String[] parts = product.split("/", 3);
      String name = parts.length < 2 || parts[1].isEmpty() ? null : NAMES.get(parts[0]);
      if (name != null) {
        boolean lower = !name.startsWith("docker_");
        values.put(name, lower ? parts[1].toLowerCase(Locale.ROOT) : parts[1]);
      }
    }
    return new ClientVersions(values);
  }
}
