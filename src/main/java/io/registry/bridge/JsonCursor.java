package io.registry.bridge;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Reads a JSON text as Go's {@code encoding/json} does, value after value, without building a tree.
 *
 * <p>Jackson is no substitute. It refuses bytes that are not UTF-8 where Go keeps them or replaces
 * each with U+FFFD, it accepts a byte order mark and UTF-16 where Go does not, and its offsets do
 * not point at the end of a value. An image id is a hash, so all of these matter.
 */
final class JsonCursor {
  /** Enough for every real image; the limit keeps hostile texts from exhausting the stack. */
  private static final int MAX_DEPTH = 500;

  private static final int REPLACEMENT = 0xfffd;
  private static final int UNICODE_DIGITS = 4;
  private static final int RADIX = 16;

  private final byte[] text;
  private int at;

  private JsonCursor(byte[] text) {
    this.text = text;
  }

  /** What kind of value follows. */
  enum Kind {
    OBJECT("an object"),
    ARRAY("an array"),
    STRING("a string"),
    NUMBER("a number"),
    BOOLEAN("a boolean"),
    NULL("null");

    private final String text;

    Kind(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /** A part of the text: one value with the white space inside it. */
  record Span(int start, int end) {}

  /**
   * Checks the whole text and returns a cursor in front of its value.
   *
   * @param text not copied
   * @throws MisfitException when the text is not one JSON value with nothing behind it
   */
  static JsonCursor over(byte[] text) {
    JsonCursor cursor = new JsonCursor(text);
    cursor.skipValue(0);
    cursor.skipSpace();
    if (cursor.at < text.length) {
      throw cursor.notJson();
    }
    cursor.at = 0;
    return cursor;
  }

  byte[] text() {
    return text;
  }

  Kind kind() {
    skipSpace();
    return switch (peek()) {
      case '{' -> Kind.OBJECT;
      case '[' -> Kind.ARRAY;
      case '"' -> Kind.STRING;
      case 't', 'f' -> Kind.BOOLEAN;
      case 'n' -> Kind.NULL;
      default -> Kind.NUMBER;
    };
  }

  /** Passes over one value and returns where it is. */
  Span skip() {
    skipSpace();
    int start = at;
    skipValue(0);
    return new Span(start, at);
  }

  /** Returns the bytes of the next value as they are, one character per byte. */
  String raw() {
    Span value = skip();
    return new String(
        text, value.start(), value.end() - value.start(), StandardCharsets.ISO_8859_1);
  }

  boolean bool() {
    Span value = skip();
    return text[value.start()] == 't';
  }

  /**
   * Reads an object.
   *
   * @param member is called with each key, duplicates included, and reads the value
   */
  void members(Consumer<String> member) {
    skipSpace();
    at++;
    skipSpace();
    while (peek() != '}') {
      String key = string();
      skipSpace();
      expect(':');
      member.accept(key);
      skipSpace();
      if (peek() == ',') {
        at++;
        skipSpace();
      }
    }
    at++;
  }

  /**
   * Reads an array.
   *
   * @param element is called in front of each element and reads it
   */
  void elements(Runnable element) {
    skipSpace();
    at++;
    skipSpace();
    while (peek() != ']') {
      element.run();
      skipSpace();
      if (peek() == ',') {
        at++;
      }
      skipSpace();
    }
    at++;
  }

  /** Reads a string; what is no valid Unicode becomes U+FFFD, as in Go. */
  String string() {
    Span span = skip();
    int end = span.end() - 1;
    StringBuilder value = new StringBuilder(end - span.start());
    int next = span.start() + 1;
    while (next < end) {
      int character = text[next] & 0xff;
      if (character == '\\') {
        next = unescape(next + 1, value);
      } else if (character < 0x80) {
        value.append((char) character);
        next++;
      } else {
        int length = sequence(next, end);
        if (length == 0) {
          value.appendCodePoint(REPLACEMENT);
          next++;
        } else {
          value.append(new String(text, next, length, StandardCharsets.UTF_8));
          next += length;
        }
      }
    }
    return value.toString();
  }

  /** Decodes what follows a backslash and returns where the text goes on. */
  private int unescape(int start, StringBuilder value) {
    char escape = (char) text[start];
    if (escape != 'u') {
      value.append(
          switch (escape) {
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            default -> escape;
          });
      return start + 1;
    }
    int end = start + 1 + UNICODE_DIGITS;
    char unit = unit(start + 1);
    if (!Character.isSurrogate(unit)) {
      value.append(unit);
      return end;
    }
    if (text[end] == '\\' && text[end + 1] == 'u') {
      char second = unit(end + 2);
      if (Character.isSurrogatePair(unit, second)) {
        value.append(unit).append(second);
        return end + 2 + UNICODE_DIGITS;
      }
    }
    // Only the first half is replaced: what follows may be a pair.
    value.appendCodePoint(REPLACEMENT);
    return end;
  }

  private char unit(int start) {
    int unit = 0;
    for (int i = start; i < start + UNICODE_DIGITS; i++) {
      unit = unit * RADIX + Character.digit(text[i], RADIX);
    }
    return (char) unit;
  }

  /** Returns the length of the UTF-8 sequence there, or 0 where there is none. */
  private int sequence(int start, int end) {
    int first = text[start] & 0xff;
    int length;
    int low = 0x80;
    int high = 0xbf;
    if (first >= 0xc2 && first <= 0xdf) {
      length = 2;
    } else if (first >= 0xe0 && first <= 0xef) {
      length = 3;
      // No overlong forms and no surrogates.
      low = first == 0xe0 ? 0xa0 : low;
      high = first == 0xed ? 0x9f : high;
    } else if (first >= 0xf0 && first <= 0xf4) {
      length = 4;
      // No overlong forms and nothing beyond U+10FFFF.
      low = first == 0xf0 ? 0x90 : low;
      high = first == 0xf4 ? 0x8f : high;
    } else {
      return 0;
    }
    for (int i = 1; i < length; i++) {
      int next = start + i < end ? text[start + i] & 0xff : 0;
      if (next < low || next > high) {
        return 0;
      }
      low = 0x80;
      high = 0xbf;
    }
    return length;
  }

  /**
   * Copies a value without the white space between its parts, and with HTML's characters escaped.
   */
  void compact(Span value, ByteArrayOutputStream out) {
    boolean quoted = false;
    for (int i = value.start(); i < value.end(); i++) {
      byte next = text[i];
      if (!quoted && isSpace(next)) {
        continue;
      }
      if (next == '"') {
        quoted = !quoted;
      }
      if (next == '\\') {
        out.write(next);
        i++;
        out.write(text[i]);
      } else {
        i += GoWriter.escapeHtml(text, i, out) - 1;
      }
    }
  }

  private void skipValue(int depth) {
    if (depth > MAX_DEPTH) {
      throw new MisfitException("the JSON is nested more than " + MAX_DEPTH + " deep");
    }
    skipSpace();
    switch (peek()) {
      case '{' -> skipObject(depth);
      case '[' -> skipArray(depth);
      case '"' -> skipString();
      case 't' -> skipWord("true");
      case 'f' -> skipWord("false");
      case 'n' -> skipWord("null");
      default -> skipNumber();
    }
  }

  private void skipObject(int depth) {
    at++;
    skipSpace();
    if (peek() == '}') {
      at++;
      return;
    }
    while (true) {
      skipSpace();
      skipString();
      skipSpace();
      expect(':');
      skipValue(depth + 1);
      skipSpace();
      if (peek() == '}') {
        at++;
        return;
      }
      expect(',');
    }
  }

  private void skipArray(int depth) {
    at++;
    skipSpace();
    if (peek() == ']') {
      at++;
      return;
    }
    while (true) {
      skipValue(depth + 1);
      skipSpace();
      if (peek() == ']') {
        at++;
        return;
      }
      expect(',');
    }
  }

  private void skipString() {
    expect('"');
    while (peek() != '"') {
      int next = peek();
      if (next < ' ') {
        throw notJson();
      }
      at++;
      if (next == '\\') {
        skipEscape();
      }
    }
    at++;
  }

  private void skipEscape() {
    int escape = peek();
    at++;
    if (escape == 'u') {
      for (int i = 0; i < UNICODE_DIGITS; i++) {
        if (Character.digit(peek(), RADIX) < 0) {
          throw notJson();
        }
        at++;
      }
    } else if ("\"\\/bfnrt".indexOf(escape) < 0) {
      throw notJson();
    }
  }

  private void skipWord(String word) {
    for (int i = 0; i < word.length(); i++) {
      expect(word.charAt(i));
    }
  }

  private void skipNumber() {
    if (peek() == '-') {
      at++;
    }
    if (peek() == '0') {
      at++;
    } else {
      skipDigits();
    }
    if (peek() == '.') {
      at++;
      skipDigits();
    }
    if (peek() == 'e' || peek() == 'E') {
      at++;
      if (peek() == '+' || peek() == '-') {
        at++;
      }
      skipDigits();
    }
  }

  private void skipDigits() {
    if (!isDigit(peek())) {
      throw notJson();
    }
    while (isDigit(peek())) {
      at++;
    }
  }

  private void skipSpace() {
    while (at < text.length && isSpace(text[at])) {
      at++;
    }
  }

  private void expect(char character) {
    if (peek() != character) {
      throw notJson();
    }
    at++;
  }

  /** Returns the next byte, or -1 at the end. */
  private int peek() {
    return at < text.length ? text[at] & 0xff : -1;
  }

  private MisfitException notJson() {
    return new MisfitException(
        at < text.length ? "not JSON at byte " + at : "the JSON ends too early");
  }

  private static boolean isSpace(byte character) {
    return character == ' ' || character == '\t' || character == '\r' || character == '\n';
  }

  private static boolean isDigit(int character) {
    return character >= '0' && character <= '9';
  }
}
