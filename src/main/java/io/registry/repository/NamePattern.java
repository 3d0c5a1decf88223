package io.registry.repository;

/**
 * A pattern for names: {@code *} stands for any number of characters, slashes too, {@code ?} for
 * one, and everything else for itself. Takes time in proportion to both lengths at most, whatever
 * the pattern.
 *
 * @param text the pattern
 */
public record NamePattern(String text) {

  /**
   * Checks that there is something to match.
   *
   * @throws IllegalArgumentException when the pattern is empty
   */
  public NamePattern {
    if (text.isBlank()) {
      throw new IllegalArgumentException("A pattern must not be empty: * matches every name");
    }
  }

  /** Whether the whole of a name is matched. */
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
        // The last star takes one character more.
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
