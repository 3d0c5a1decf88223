package io.registry.platform.logs;

/**
 * Encodes text for a log line. Names, paths and headers come from clients: a line break in one of
 * them would begin a line that the registry never wrote, and a control character could make a
 * terminal hide or change what was written before.
 */
public final class LogText {
  private LogText() {}

  /**
   * Replaces each character that a reader of the log does not see as itself: controls (including
   * line breaks and tabs), separators of lines and paragraphs, marks that change the direction of
   * writing, and single surrogates. Each becomes {@code \}{@code uXXXX}, which JSON reads as the
   * same character.
   *
   * @param text any text
   * @return the same text without such characters
   */
  public static String printable(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (isHidden(text, i)) {
        return encoded(text);
      }
    }
    return text;
  }

  private static String encoded(String text) {
    StringBuilder encoded = new StringBuilder(text.length() + 16);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (isHidden(text, i)) {
        encoded.append("\\u%04x".formatted((int) c));
      } else {
        encoded.append(c);
      }
    }
    return encoded.toString();
  }

  private static boolean isHidden(String text, int at) {
    char c = text.charAt(at);
    if (c >= ' ' && c <= '~') {
      return false;
    }
    if (Character.isSurrogate(c)) {
      return Character.isHighSurrogate(c)
          ? at + 1 == text.length() || !Character.isLowSurrogate(text.charAt(at + 1))
          : at == 0 || !Character.isHighSurrogate(text.charAt(at - 1));
    }
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          true;
      default -> false;
    };
  }
}
