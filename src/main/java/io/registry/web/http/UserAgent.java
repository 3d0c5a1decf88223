package io.registry.web.http;

import io.registry.content.repository.ClientVersions;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.springframework.http.HttpHeaders;

/** The User-Agent of a request. */
public final class UserAgent {
  private static final Map<String, String> NAMES =
      Map.of(
          "arch", "arch",
          "docker", "docker_version",
          "go", "docker_go_version",
          "kernel", "kernel",
          "os", "os");

  private UserAgent() {}

  /** The versions that the client of a request reports. */
  public static ClientVersions versions(HttpServletRequest request) {
    return Optional.ofNullable(request.getHeader(HttpHeaders.USER_AGENT))
        .map(UserAgent::parse)
        .orElse(ClientVersions.NONE);
  }

  // The pairs name/version of a Docker daemon.
  static ClientVersions parse(String userAgent) {
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
