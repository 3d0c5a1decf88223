package io.registry.upstream.v2;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * What a registry wants to see (RFC 9110, section 11.6.1): name and password, or a token of a token
 * service (distribution, docs/content/spec/auth/token.md).
 *
 * @param scheme in lower case
 * @param parameters by their names in lower case
 */
public record Challenge(String scheme, Map<String, String> parameters) {
  private static final Pattern SCHEME = Pattern.compile("^\\s*([A-Za-z]+)\\s*");
  private static final Pattern PARAMETER =
      Pattern.compile("([A-Za-z_]+)\\s*=\\s*(?:\"([^\"]*)\"|([^\\s,\"]+))");

  /** The first challenge of a kind that is known in the headers; Bearer comes first. */
  public static Optional<Challenge> of(List<String> headers) {
    for (String wanted : List.of("bearer", "basic")) {
      for (String header : headers) {
        Matcher scheme = SCHEME.matcher(header);
        if (scheme.find() && scheme.group(1).toLowerCase(Locale.ROOT).equals(wanted)) {
          return Optional.of(new Challenge(wanted, parameters(header.substring(scheme.end()))));
        }
      }
    }
    return Optional.empty();
  }

  private static Map<String, String> parameters(String text) {
    Map<String, String> found = new HashMap<>();
    Matcher parameter = PARAMETER.matcher(text);
    while (parameter.find()) {
      String value = parameter.group(2) == null ? parameter.group(3) : parameter.group(2);
      found.putIfAbsent(parameter.group(1).toLowerCase(Locale.ROOT), value);
    }
    return found;
  }

  /** Whether a token is wanted, and not name and password. */
  public boolean isBearer() {
    return scheme.equals("bearer");
  }

  /** A parameter; empty when there is none of that name. */
  public String get(String name) {
    return parameters.getOrDefault(name, "");
  }

  /**
   * The address of the token service.
   *
   * @param registry the address of the registry that sent the challenge
   * @return empty when there is none that may get a password: an unencrypted one may not, unless
   *     the registry is asked without encryption, too
   */
  public Optional<URI> tokenService(URI registry) {
    try {
      URI service = URI.create(get("realm"));
      boolean isSafe =
          "https".equals(service.getScheme())
              || ("http".equals(service.getScheme()) && "http".equals(registry.getScheme()));
      return Optional.of(service)
          .filter(uri -> isSafe && uri.getHost() != null && uri.getRawUserInfo() == null);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /**
   * The address that answers with a token.
   *
   * @param service the token service
   * @param scope what the token is for; empty for nothing but the login
   */
  public URI tokenRequest(URI service, String scope) {
    String separator = service.getRawQuery() == null ? "?" : "&";
    String wanted = scope.isEmpty() ? "" : "&scope=" + encode(scope);
    return URI.create(service + separator + "service=" + encode(get("service")) + wanted);
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /**
   * The value of the header {@code Authorization} with the token.
   *
   * @param answer the answer of the token service
   * @return empty when it has no token that can be sent in a header
   */
  public static Optional<String> authorization(JsonNode answer) {
    return Optional.of(answer.path("token").asString(answer.path("access_token").asString("")))
        .filter(token -> !token.isEmpty() && token.chars().allMatch(c -> c > ' ' && c < 0x7f))
        .map(token -> "Bearer " + token);
  }
}
