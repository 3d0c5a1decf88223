package io.registry.bridge;

/** Versions of Docker as Docker compares them: number by number, where no number counts as 0. */
final class DockerVersion {
  /** Where a 64-bit number overflows when one more digit follows. */
  private static final long CUTOFF = Long.divideUnsigned(-1L, 10) + 1;

  private DockerVersion() {}

  /** Whether the first version is lower than the second. */
  static boolean isLower(String version, String other) {
    String[] numbers = version.split("\\.", -1);
    String[] others = other.split("\\.", -1);
    for (int i = 0; i < Math.max(numbers.length, others.length); i++) {
      int order =
          Long.compare(
              i < numbers.length ? number(numbers[i]) : 0,
              i < others.length ? number(others[i]) : 0);
      if (order != 0) {
        return order < 0;
      }
    }
    return false;
  }

  /** Go's {@code strconv.Atoi}, whose result counts also when it reports an overflow. */
  private static long number(String text) {
    boolean signed = text.startsWith("-") || text.startsWith("+");
    boolean negative = text.startsWith("-");
    String digits = signed ? text.substring(1) : text;
    if (digits.isEmpty()) {
      return 0;
    }
    long value = 0;
    for (int i = 0; i < digits.length(); i++) {
      int digit = digits.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return 0;
      }
      if (Long.compareUnsigned(value, CUTOFF) >= 0
          || Long.compareUnsigned(value * 10 + digit, value * 10) < 0) {
        // What follows the overflow is not looked at.
        return negative ? Long.MIN_VALUE : Long.MAX_VALUE;
      }
      value = value * 10 + digit;
    }
    if (value < 0) {
      return negative ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
    return negative ? -value : value;
  }
}
