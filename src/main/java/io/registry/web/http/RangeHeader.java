package io.registry.web.http;

import io.registry.storage.ByteRange;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Parses the Range header (RFC 9110, 14.2), limited to single ranges. */
final class RangeHeader {
  private static final Pattern SINGLE = Pattern.compile("bytes=([0-9]*)-([0-9]*)");

  private static final String UNIT = "bytes=";

  /** Each range opens the blob once more. */
  private static final int MOST = 256;

  private RangeHeader() {}

  /**
   * Parses the header.
   *
   * @param value the header's text
   * @return the range; empty when the header is to be ignored: another unit, several ranges, or
   *     malformed
   */
  static Optional<ByteRange> parse(String value) {
    Matcher matcher = SINGLE.matcher(value);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    String first = matcher.group(1);
    String last = matcher.group(2);
    if (first.isEmpty()) {
      return last.isEmpty() ? Optional.empty() : Optional.of(suffix(number(last)));
    }
    long from = number(first);
    long to = last.isEmpty() ? Long.MAX_VALUE : number(last);
    return to < from ? Optional.empty() : Optional.of(part(from, to));
  }

  /**
   * Reads a header that may ask for several ranges.
   *
   * @param value the header's text
   * @return the ranges; none when the header is to be ignored: another unit, too many ranges, or
   *     not well-formed
   */
  static List<ByteRange> parseAll(String value) {
    if (!value.startsWith(UNIT)) {
      return List.of();
    }
    List<Optional<ByteRange>> ranges =
        Arrays.stream(value.substring(UNIT.length()).split(","))
            .map(range -> parse(UNIT + range.strip()))
            .limit(MOST + 1)
            .toList();
    return ranges.size() > MOST || !ranges.stream().allMatch(Optional::isPresent)
        ? List.of()
        : ranges.stream().flatMap(Optional::stream).toList();
  }

  // The whole blob, asked for as a range, is still a range: it is refused when the blob is empty.
  private static ByteRange part(long first, long last) {
    return new ByteRange(first, last == Long.MAX_VALUE ? Long.MAX_VALUE - 1 : last);
  }

  // A suffix of zero bytes cannot be satisfied by any blob.
  private static ByteRange suffix(long count) {
    return count == 0 ? part(Long.MAX_VALUE - 1, Long.MAX_VALUE) : ByteRange.suffix(count);
  }

  // A number that does not fit in a long is past the end of every blob.
  private static long number(String digits) {
    String significant = digits.replaceFirst("^0+(?=.)", "");
    return significant.length() > 18 ? Long.MAX_VALUE - 1 : Long.parseLong(significant);
  }
}
