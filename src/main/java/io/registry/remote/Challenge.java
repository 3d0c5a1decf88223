package io.registry.remote;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a registry wants to see (RFC 9110, section 11.6.1).
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
}
