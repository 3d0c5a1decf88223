package io.registry.content.repository;

/**
 * A glob pattern for names: {@code *} matches any number of characters, including slashes, {@code
 * ?} matches one, and every other character itself. Matching takes at most time proportional to the
 * product of both lengths, whatever the pattern.
 *
 * @param text the pattern
 */
public record NamePattern(String text) {

  /**
   * Validates the pattern.
   *
   * @throws IllegalArgumentException when it is empty
   */
  public NamePattern {
    if (text.isBlank()) {
      throw new IllegalArgumentException("A pattern must not be empty: * matches every name");
    }
  }

  /** Whether the pattern matches a whole name. */
  public boolean matches(String name) {
    int at = 0;
    int in = 0;
    int star = -1;
    int taken = 0;
    while (in < name.length()) {
      if (at < text.length() && text.charAt(at) == '*') {
        star = at++;
        taken = in;
      } else if (at < text.length() && isMatch(text.charAt(at), name.charAt(in))) {
        at++;
        in++;
      } else if (star >= 0) {
        // Backtrack: the last star matches one character more.
        at = star + 1;
        in = ++taken;
      } else {
        return false;
      }
    }
    while (at < text.length() && text.charAt(at) == '*') {
      at++;
    }
    return at == text.length();
  }

  private static boolean isMatch(char wanted, char found) {
    return wanted == '?' || wanted == found;
  }

  @Override
  public String toString() {
    return text;
  }
}
