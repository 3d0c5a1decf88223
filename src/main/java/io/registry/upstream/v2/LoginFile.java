package io.registry.upstream.v2;

import io.registry.platform.json.JsonCodec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * The file in which {@code docker login} and {@code podman login} keep what they were told
 * (containers-auth.json(5)).
 */
public final class LoginFile {
  private static final String HUB = "docker.io";
  private static final String HUB_KEY = "index.docker.io";

  private final JsonCodec codec;

  /** Reads files. */
  public LoginFile(JsonCodec codec) {
    this.codec = codec;
  }

  /**
   * The files that clients keep, in the order in which podman looks for them.
   *
   * @param environment the environment of the process
   * @param home the home directory of the user
   */
  public static List<Path> usual(Map<String, String> environment, Path home) {
    return Stream.of(
            Optional.ofNullable(environment.get("REGISTRY_AUTH_FILE")).map(Path::of),
            Optional.ofNullable(environment.get("XDG_RUNTIME_DIR"))
                .map(folder -> Path.of(folder, "containers", "auth.json")),
            Optional.of(home.resolve(Path.of(".config", "containers", "auth.json"))),
            Optional.ofNullable(environment.get("DOCKER_CONFIG"))
                .map(folder -> Path.of(folder, "config.json")),
            Optional.of(home.resolve(Path.of(".docker", "config.json"))))
        .flatMap(Optional::stream)
        .filter(Files::isRegularFile)
        .toList();
  }

  /**
   * Finds the login for a registry.
   *
   * @param file the file
   * @param host the host, with a port where the URL has one
   * @param repository the repository: a file may have other logins for parts of a registry
   * @return empty when the file has none
   * @throws IOException when the file cannot be read, or leaves the login to another program
   */
  public Optional<Login> find(Path file, String host, String repository) throws IOException {
    JsonNode json =
        codec
            .parse(Files.readAllBytes(file))
            .filter(JsonNode::isObject)
            .orElseThrow(() -> new IOException(file + " is not the JSON that it should be"));
    JsonNode auths = json.path("auths");
    String key = host.equals("registry-1.docker.io") || host.equals(HUB) ? HUB_KEY : host;
    for (String place = key + "/" + repository;
        ;
        place = place.substring(0, place.lastIndexOf('/'))) {
      for (Map.Entry<String, JsonNode> entry : auths.properties()) {
        if (withoutScheme(entry.getKey()).equals(place)) {
          Optional<Login> login = login(file, entry.getValue());
          if (login.isPresent()) {
            return login;
          }
        }
      }
      if (place.indexOf('/') < 0) {
        break;
      }
    }
    if (json.path("credHelpers").has(key) || (json.has("credsStore") && auths.has(key))) {
      throw new IOException(
          "%s leaves the password of %s to a helper program: name a file with --credentials"
              .formatted(file, host));
    }
    return Optional.empty();
  }

  // Docker once wrote whole URLs.
  private static String withoutScheme(String key) {
    return key.replaceFirst("^https?://", "").replaceFirst("/v[12]/?$", "").replaceFirst("/$", "");
  }

  private static Optional<Login> login(Path file, JsonNode entry) throws IOException {
    String token = entry.path("identitytoken").asString("");
    String auth = entry.path("auth").asString("");
    if (auth.isEmpty()) {
      return token.isEmpty() ? Optional.empty() : Optional.of(new Login(Optional.empty(), token));
    }
    String text;
    try {
      text = new String(Base64.getDecoder().decode(auth), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": an entry of auths is not base64", e);
    }
    int colon = text.indexOf(':');
    if (colon < 0) {
      throw new IOException(file + ": an entry of auths is not USER:PASSWORD");
    }
    String password = text.substring(colon + 1);
    return Optional.of(Login.of(text.substring(0, colon), password, token));
  }
}
