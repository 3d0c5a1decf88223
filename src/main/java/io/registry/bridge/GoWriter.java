package io.registry.bridge;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes JSON as Go's {@code encoding/json} does. */
final class GoWriter {
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  byte[] bytes() {
    return out.toByteArray();
  }

  /** Writes text that is JSON already. */
  GoWriter raw(String json) {
    return raw(json.getBytes(StandardCharsets.UTF_8));
  }

  GoWriter raw(byte[] json) {
    out.writeBytes(json);
    return this;
  }

  GoWriter compact(JsonCursor source, JsonCursor.Span value) {
    source.compact(value, out);
    return this;
  }

  /**
   * Writes a string. Go 1.5 to 1.21 have short escapes for line feed, carriage return and tab, but
   * none for backspace and form feed.
   */
  GoWriter string(String value) {
    byte[] text = value.getBytes(StandardCharsets.UTF_8);
    out.write('"');
    int next = 0;
    while (next < text.length) {
      byte character = text[next];
      switch (character) {
        case '"', '\\' -> escape(character);
        case '\n' -> escape('n');
        case '\r' -> escape('r');
        case '\t' -> escape('t');
        default -> {
          if (character >= 0 && character < ' ') {
            escapeAscii(character, out);
          } else {
            next += escapeHtml(text, next, out) - 1;
          }
        }
      }
      next++;
    }
    out.write('"');
    return this;
  }

  private void escape(int character) {
    out.write('\\');
    out.write(character);
  }

  /**
   * Copies one character, or one byte of it, and escapes it where a browser could take it for HTML
   * or for the end of a line.
   *
   * @return how many bytes of the text it is
   */
  static int escapeHtml(byte[] text, int at, ByteArrayOutputStream out) {
    byte character = text[at];
    if (character == '<' || character == '>' || character == '&') {
      escapeAscii(character, out);
      return 1;
    }
    if (isLineSeparator(text, at)) {
      out.writeBytes("\\u202".getBytes(StandardCharsets.US_ASCII));
      out.write(HEX[text[at + 2] & 0xf]);
      return 3;
    }
    out.write(character);
    return 1;
  }

  /** Whether U+2028 or U+2029 is there: E2 80 A8 or E2 80 A9. */
  private static boolean isLineSeparator(byte[] text, int at) {
    return (text[at] & 0xff) == 0xe2
        && at + 2 < text.length
        && (text[at + 1] & 0xff) == 0x80
        && (text[at + 2] & 0xfe) == 0xa8;
  }

  private static void escapeAscii(byte character, ByteArrayOutputStream out) {
    out.writeBytes("\\u00".getBytes(StandardCharsets.US_ASCII));
    out.write(HEX[character >> 4]);
    out.write(HEX[character & 0xf]);
  }
}
