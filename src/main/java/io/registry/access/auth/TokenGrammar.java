package io.registry.access.auth;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The syntax of tokens, without their meaning: see {@link TokenHeader}. */
final class TokenGrammar {
  private static final String SCHEME = "token";
  private static final String VISIBLE = "!#-+\\--\\[\\]-~";
  private static final Pattern FIELD =
      Pattern.compile("([a-z][a-z0-9_]*+)=(?:\"([ " + VISIBLE + "]++)\"|([" + VISIBLE + "]++))");

  private TokenGrammar() {}

  /**
   * The index at which the fields begin; 0 when the header does not contain a token. The scheme
   * {@code Token} may be repeated: the original's tokens began with it, and clients put it before
   * what they received.
   */
  static int afterScheme(String header) {
    int at = 0;
    while (isScheme(header, at)) {
      at = afterBlanks(header, at + SCHEME.length());
    }
    return at;
  }

  private static boolean isScheme(String header, int at) {
    int end = at + SCHEME.length();
    return header.regionMatches(true, at, SCHEME, 0, SCHEME.length())
        && (end == header.length() || header.charAt(end) == ' ');
  }

  private static int afterBlanks(String header, int from) {
    int at = from;
    while (at < header.length() && header.charAt(at) == ' ') {
      at++;
    }
    return at;
  }

  /**
   * Parses the fields from there to the end.
   *
   * @return the values by name; empty when there is anything else, or when a name occurs twice
   */
  static Optional<Map<String, String>> fields(String header, int start) {
    Map<String, String> fields = new HashMap<>();
    Matcher field = FIELD.matcher(header);
    int at = start;
    while (field.region(at, header.length()).lookingAt()) {
      String quoted = field.group(2);
      String value = quoted == null ? field.group(3) : quoted;
      if (fields.put(field.group(1), value) != null) {
        return Optional.empty();
      }
      at = field.end();
      if (at == header.length()) {
        return Optional.of(fields);
      }
      if (header.charAt(at) != ',') {
        return Optional.empty();
      }
      at = afterBlanks(header, at + 1);
    }
    return Optional.empty();
  }
}
