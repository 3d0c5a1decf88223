package io.registry.web.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.registry.storage.ByteRange;
import io.registry.storage.UnsatisfiableRangeException;
import io.registry.testkit.RandomCases;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RangeHeaderTest {

  /** What of a layer of 5000 bytes is sent (protocol 2.2); "whole" is 200 and "none" 416. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "bytes=0-99|0-99",
        "bytes=100-|100-4999",
        "bytes=4000-5000|4000-4999",
        "bytes=5000-5000|none",
        "bytes=5000-|none",
        "bytes=0-0|0-0",
        "bytes=7-7|7-7",
        "bytes=4999-4999|4999-4999",
        "bytes=4999-|4999-4999",
        "bytes=10-5|whole",
        "bytes=9000-9999|none",
        "bytes=-500|4500-4999",
        "bytes=-1|4999-4999",
        "bytes=-5000|0-4999",
        "bytes=-5001|0-4999",
        "bytes=-99999999999999999999|0-4999",
        "bytes=-0|none",
        "bytes=0-|0-4999",
        "bytes=0-9223372036854775807|0-4999",
        "bytes=0-1,5-9|whole",
        "bytes=7|whole",
        "bytes=-|whole",
        "bytes=|whole",
        "Bytes=0-5|whole",
        "items=0-5|whole",
        "0-5|whole",
        "bytes= 0 - 5|whole",
        "bytes=+0-+5|whole",
        "bytes=0-5-|whole",
        "bytes=5--|whole",
        "bytes=--5|whole",
        "bytes=0x1-5|whole",
        "bytes=a-b|whole",
        "bytes=\u0660-\u0665|whole",
        "bytes=9223372036854775807-|none",
        "bytes=9223372036854775808-|none",
        "bytes=99999999999999999999-99999999999999999999|none",
        "bytes=00000000000000000000000000005-0000000000000000000000000000000007|5-7",
        "''|whole"
      })
  void aRangeOf5000Bytes(String header, String sent) {
    assertThat(answer(header, 5000)).isEqualTo(sent);
  }

  @ParameterizedTest
  @CsvSource({"bytes=0-5,none", "bytes=0-,none", "bytes=-5,none", "bytes=5-0,whole", "x,whole"})
  void anEmptyLayerHasNoRange(String header, String sent) {
    assertThat(answer(header, 0)).isEqualTo(sent);
  }

  @Test
  void randomRangesAreWhatANaiveReaderMakesOfThem() {
    RandomCases.check(
        20_000,
        random -> {
          int size = random.nextInt(4) == 0 ? random.nextInt(3) : random.nextInt(200);
          String first = random.nextInt(5) == 0 ? "" : number(random, size);
          String last = random.nextInt(5) == 0 ? "" : number(random, size);
          String header = "bytes=" + first + "-" + last;

          assertThat(answer(header, size))
              .as(header + " of " + size)
              .isEqualTo(naive(first, last, size));
        });
  }

  @Test
  void aTextThatIsNoRangeIsIgnored() {
    RandomCases.check(
        20_000,
        random -> {
          String text = RandomCases.oddText(random, 12, "bytes=0-9,; ");
          if (!text.matches("bytes=([0-9]+-[0-9]*|-[0-9]+)")) {
            assertThat(RangeHeader.parse(text)).isEmpty();
          }
        });
  }

  @Test
  void anyRangeOfAnySizeIsWithinItOrRefused() {
    RandomCases.check(
        20_000,
        random -> {
          long size = random.nextLong(Long.MAX_VALUE) >> random.nextInt(63);
          long first = random.nextLong() >> random.nextInt(63);
          long last =
              first
                  + Math.min(
                      Long.MAX_VALUE - Math.max(0, first),
                      random.nextLong(Long.MAX_VALUE) >> random.nextInt(63));
          ByteRange range = new ByteRange(first, first < 0 ? Long.MAX_VALUE : last);
          long start = first < 0 ? Math.max(0, size + first) : first;
          if (start >= size) {
            assertThatThrownBy(() -> range.offset(size))
                .isInstanceOf(UnsatisfiableRangeException.class);
            assertThatThrownBy(() -> range.length(size))
                .isInstanceOf(UnsatisfiableRangeException.class);
          } else {
            assertThat(range.offset(size)).isEqualTo(start);
            assertThat(range.length(size))
                .isPositive()
                .isEqualTo(Math.min(size - 1, range.last()) - start + 1);
          }
        });
  }

  @Test
  void theWholeOfABlobIsItsSize() {
    for (long size : new long[] {0, 1, 2, 5000, Long.MAX_VALUE}) {
      assertThat(ByteRange.ALL.offset(size)).isZero();
      assertThat(ByteRange.ALL.length(size)).isEqualTo(size);
    }
    assertThatThrownBy(() -> new ByteRange(5, 4)).isInstanceOf(IllegalArgumentException.class);
  }

  private static String number(RandomGenerator random, int size) {
    return switch (random.nextInt(8)) {
      case 0 -> "0";
      case 1 -> Integer.toString(size);
      case 2 -> "00" + random.nextInt(size + 1);
      case 3 ->
          new BigInteger("9223372036854775800")
              .add(BigInteger.valueOf(random.nextInt(20)))
              .toString();
      default -> Integer.toString(random.nextInt(size + 10));
    };
  }

  // Byte by byte, after RFC 9110, 14.1.2, with numbers of any size.
  private static String naive(String first, String last, int size) {
    if (first.isEmpty() && last.isEmpty()) {
      return "whole";
    }
    BigInteger from = first.isEmpty() ? null : new BigInteger(first);
    BigInteger to = last.isEmpty() ? null : new BigInteger(last);
    if (from != null && to != null && to.compareTo(from) < 0) {
      return bothBeyondAnyBlob(from, to) ? "none" : "whole";
    }
    boolean[] wanted = new boolean[size];
    for (int i = 0; i < size; i++) {
      BigInteger at = BigInteger.valueOf(i);
      wanted[i] =
          from == null
              ? to != null && BigInteger.valueOf(size - i).compareTo(to) <= 0
              : at.compareTo(from) >= 0 && (to == null || at.compareTo(to) <= 0);
    }
    int start = -1;
    int end = -1;
    for (int i = 0; i < size; i++) {
      if (wanted[i]) {
        start = start < 0 ? i : start;
        end = i;
      }
    }
    return start < 0 ? "none" : start + "-" + end;
  }

  // Which of two such numbers is larger makes no difference to anybody.
  private static boolean bothBeyondAnyBlob(BigInteger from, BigInteger to) {
    return from.bitLength() > 62 && to.bitLength() > 62;
  }

  private static String answer(String header, int size) {
    Optional<ByteRange> range = RangeHeader.parse(header);
    if (range.isEmpty()) {
      return "whole";
    }
    byte[] blob = new byte[size];
    Arrays.setAll(new int[size], i -> blob[i] = (byte) i);
    try {
      long offset = range.get().offset(size);
      long length = range.get().length(size);
      byte[] part = Arrays.copyOfRange(blob, (int) offset, (int) (offset + length));
      assertThat(part).isNotEmpty();
      return offset + "-" + (offset + part.length - 1);
    } catch (UnsatisfiableRangeException e) {
      assertThat(e.size()).isEqualTo(size);
      return "none";
    }
  }
}
