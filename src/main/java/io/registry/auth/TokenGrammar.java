package io.registry.auth;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The form of tokens, without the meaning: see {@link TokenHeader}. */
final class TokenGrammar {
  private static final String SCHEME = "token";
  private static final String VISIBLE = "!#-+\\--\\[\\]-~";
  private static final Pattern FIELD =
      Pattern.compile("([a-z][a-z0-9_]*+)=(?:\"([ " + VISIBLE + "]++)\"|([" + VISIBLE + "]++))");

  private TokenGrammar() {}

  /**
   * Where the fields begin; 0 when the header is not about a token. The word may be there many
   * times: the token of the original began with it, and clients set it before what they are given.
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
   * The fields from there to the end.
   *
   * @return their values by their names; nothing when anything else is there, or a name twice
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
