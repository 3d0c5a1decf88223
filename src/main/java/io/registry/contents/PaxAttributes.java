package io.registry.contents;

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

/** What the extended headers of a tar (POSIX pax, GNU long names) say of the entry after them. */
final class PaxAttributes {
  private static final String PATH = "path";
  private static final String SPARSE_PATH = "GNU.sparse.name";
  private static final String SPARSE_SIZE = "GNU.sparse.size";
  private static final String SPARSE_REAL_SIZE = "GNU.sparse.realsize";

  /** The longest of the keywords that are looked at, and more than any length has digits. */
  private static final int MAX_KEYWORD = 32;

  private static final int MAX_NUMBER = 64;

  private static final Pattern INTEGER = Pattern.compile("[+-]?[0-9]{1,18}");
  private static final Pattern DECIMAL = Pattern.compile("[+-]?[0-9]{1,15}(\\.[0-9]*)?");

  /** Digits that tell any two doubles apart. */
  private static final int DOUBLE_DIGITS = 17;

  private final int nameLength;
  private final Map<String, String> values = new HashMap<>();

  /**
   * None yet.
   *
   * @param nameLength how long a name may be, in bytes
   */
  PaxAttributes(int nameLength) {
    this.nameLength = nameLength;
  }

  /**
   * Reads the content of an extended header. What is of no use is passed over, however long it is.
   *
   * @param in positioned at the content
   * @param size how long it is
   * @param nameLength how long a name may be
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
      // Some fill the header with zeros.
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
          case PATH, SPARSE_PATH -> nameLength;
          case "size", "mtime", "uid", "gid", SPARSE_SIZE, SPARSE_REAL_SIZE -> MAX_NUMBER;
          default -> 0;
        };
    if (most == 0 || (length > most && most == MAX_NUMBER)) {
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
   * What was read in search of a mark.
   *
   * @param text without the mark
   * @param ended whether the mark was found
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

  /** Takes others over where there are none: the header that comes first counts. */
  void add(PaxAttributes others) {
    others.values.forEach(values::putIfAbsent);
  }

  /** Takes others over, also in place of those that are there. */
  void replaceBy(PaxAttributes others) {
    values.putAll(others.values);
  }

  /** A name as GNU tells it, unless there is one already. */
  void addName(String name) {
    String unused = values.putIfAbsent(PATH, name);
  }

  /** The name, without slashes at its end. */
  Optional<String> name() {
    return Optional.ofNullable(values.getOrDefault(SPARSE_PATH, values.get(PATH)))
        .map(TarReader::withoutSlash);
  }

  /** How much the archive holds of it. */
  Optional<Long> size() {
    return integer("size");
  }

  /** Of a sparse file: its size with its holes. */
  Optional<Long> realSize() {
    return integer(SPARSE_REAL_SIZE).or(() -> integer(SPARSE_SIZE));
  }

  Optional<Long> uid() {
    return integer("uid");
  }

  Optional<Long> gid() {
    return integer("gid");
  }

  /** The time as the original told it: as the double that is nearest, with a fraction always. */
  Optional<Number> mtime() {
    return Optional.ofNullable(values.get("mtime")).map(PaxAttributes::seconds);
  }

  // What is no number counts as 0, as with the original's library.
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

  // Not Double.toString, which before JDK 19 may tell more digits than it takes.
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
