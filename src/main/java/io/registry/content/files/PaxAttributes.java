package io.registry.content.files;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** The attributes of a tar entry in the extended headers before it (POSIX pax, GNU long names). */
final class PaxAttributes {
  private static final String PATH = "path";
  private static final String LINK = "linkpath";
  private static final String SPARSE_PATH = "GNU.sparse.name";
  private static final String SPARSE_SIZE = "GNU.sparse.size";
  private static final String SPARSE_REAL_SIZE = "GNU.sparse.realsize";

  /** The length of the longest keyword that is used; also more than the digits of any length. */
  private static final int MAX_KEYWORD = 32;

  private static final int MAX_NUMBER = 64;

  private static final Pattern INTEGER = Pattern.compile("[+-]?[0-9]{1,18}");
  private static final Pattern DECIMAL = Pattern.compile("[+-]?[0-9]{1,15}(\\.[0-9]*)?");

  /** The number of digits that distinguish any two doubles. */
  private static final int DOUBLE_DIGITS = 17;

  private final int nameLength;
  private final Map<String, String> values = new HashMap<>();

  /**
   * Creates an empty set of attributes.
   *
   * @param nameLength the longest name, in bytes
   */
  PaxAttributes(int nameLength) {
    this.nameLength = nameLength;
  }

  /**
   * Reads the content of an extended header. Attributes that are not used are skipped, however long
   * they are.
   *
   * @param in positioned at the content
   * @param size the size of the content
   * @param nameLength the longest name, in bytes
   * @throws IOException when it is damaged
   */
  static PaxAttributes read(InputStream in, long size, int nameLength) throws IOException {
    PaxAttributes attributes = new PaxAttributes(nameLength);
    long left = size;
    while (left > 0) {
      left -= attributes.readRecord(in, left);
    }
    return attributes;
  }

  // "30 mtime=1400000000.123456789\n", with its own length first.
  private long readRecord(InputStream in, long left) throws IOException {
    Word digits = readUntil(in, ' ', left);
    if (digits.text().startsWith("\0")) {
      // Some programs fill the header with zeros.
      in.skipNBytes(left - digits.length());
      return left;
    }
    long length = number(digits.text());
    Word keyword = readUntil(in, '=', length - digits.length());
    long value = length - digits.length() - keyword.length() - 1;
    if (length > left || value < 0 || !digits.ended()) {
      throw new IOException("the length of an attribute is wrong");
    }
    if (keyword.ended()) {
      readValue(in, keyword.text(), value);
    } else {
      in.skipNBytes(value);
    }
    if (in.read() != '\n') {
      throw new IOException("an attribute does not end where it should");
    }
    return length;
  }

  private void readValue(InputStream in, String keyword, long length) throws IOException {
    int most =
        switch (keyword) {
          case PATH, SPARSE_PATH, LINK -> nameLength;
          case "size", "mtime", "uid", "gid", SPARSE_SIZE, SPARSE_REAL_SIZE -> MAX_NUMBER;
          default -> 0;
        };
    if (most == 0 || (length > most && (most == MAX_NUMBER || keyword.equals(LINK)))) {
      in.skipNBytes(length);
      return;
    }
    if (length > most) {
      throw LayerRefusals.tooMuch("a name has more than " + nameLength + " bytes");
    }
    byte[] value = in.readNBytes((int) length);
    if (value.length < length) {
      throw new EOFException("the tar is cut short in an attribute");
    }
    values.put(keyword, TarHeader.text(value));
  }

  /**
   * A text up to a delimiter.
   *
   * @param text without the delimiter
   * @param ended whether the delimiter was found
   */
  private record Word(String text, boolean ended) {
    int length() {
      return text.length() + (ended ? 1 : 0);
    }
  }

  private static Word readUntil(InputStream in, char mark, long most) throws IOException {
    StringBuilder text = new StringBuilder();
    while (text.length() < Math.min(most, MAX_KEYWORD)) {
      int next = in.read();
      if (next < 0) {
        throw new EOFException("the tar is cut short in an attribute");
      }
      if (next == mark) {
        return new Word(text.toString(), true);
      }
      text.append((char) next);
    }
    return new Word(text.toString(), false);
  }

  private static long number(String digits) throws IOException {
    try {
      return Long.parseLong(digits);
    } catch (NumberFormatException e) {
      throw new IOException("the length of an attribute is none", e);
    }
  }

  /** Adds attributes of another header that are not set yet: the first header wins. */
  void add(PaxAttributes others) {
    others.values.forEach(values::putIfAbsent);
  }

  /** Adds attributes of another header, overwriting existing ones. */
  void replaceBy(PaxAttributes others) {
    values.putAll(others.values);
  }

  /** Sets a name from a GNU header, unless there is one already. */
  void addName(String name) {
    values.putIfAbsent(PATH, name);
  }

  /** Sets the target of a link from a GNU header, unless there is one already. */
  void addLink(String target) {
    values.putIfAbsent(LINK, target);
  }

  /** The target of a link. */
  Optional<String> link() {
    return Optional.ofNullable(values.get(LINK));
  }

  /** The name, without trailing slashes. */
  Optional<String> name() {
    return Optional.ofNullable(values.getOrDefault(SPARSE_PATH, values.get(PATH)))
        .map(TarReader::withoutSlash);
  }

  /** The size of the entry in the archive. */
  Optional<Long> size() {
    return integer("size");
  }

  /** The size of a sparse file including its holes. */
  Optional<Long> realSize() {
    return integer(SPARSE_REAL_SIZE).or(() -> integer(SPARSE_SIZE));
  }

  Optional<Long> uid() {
    return integer("uid");
  }

  Optional<Long> gid() {
    return integer("gid");
  }

  /** The time in the format of the original: the nearest double, always with a fraction. */
  Optional<Number> mtime() {
    return Optional.ofNullable(values.get("mtime")).map(PaxAttributes::seconds);
  }

  // An invalid number counts as 0, like in the original's library.
  private Optional<Long> integer(String keyword) {
    return Optional.ofNullable(values.get(keyword))
        .map(String::strip)
        .map(text -> INTEGER.matcher(text).matches() ? Long.parseLong(text) : 0L);
  }

  private static Number seconds(String text) {
    String number = text.strip();
    if (!DECIMAL.matcher(number).matches()) {
      return 0L;
    }
    double seconds = Double.parseDouble(number);
    if (seconds == Math.rint(seconds)) {
      return BigDecimal.valueOf((long) seconds).setScale(1, RoundingMode.UNNECESSARY);
    }
    return shortest(seconds);
  }

  // {@code Double.toString} may return more digits than necessary before JDK 19.
  private static BigDecimal shortest(double value) {
    BigDecimal exact = new BigDecimal(value);
    BigDecimal best = exact.round(new MathContext(DOUBLE_DIGITS, RoundingMode.HALF_EVEN));
    for (int digits = DOUBLE_DIGITS - 1; digits > 0; digits--) {
      BigDecimal shorter = exact.round(new MathContext(digits, RoundingMode.HALF_EVEN));
      if (shorter.doubleValue() != value) {
        break;
      }
      best = shorter;
    }
    return best;
  }
}
