package io.registry.testkit;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Checks that something holds for many random cases. They are the same in each run, unless another
 * seed is given with {@code -Dseed=N}; a failure names the seed of its case, which alone repeats it
 * with {@code -Dcase=N}. A {@link Budget} multiplies their number.
 */
public final class RandomCases {
  private static final String CASE = "case";
  private static final long DEFAULT_SEED = 20_130_326;

  private RandomCases() {}

  /** What holds for any random numbers. */
  @FunctionalInterface
  public interface Property {
    void check(RandomGenerator random) throws Exception;
  }

  /** Checks that many cases. */
  public static void check(int count, Property property) {
    Long only = Long.getLong(CASE);
    if (only != null) {
      checkOne(only, property);
      return;
    }
    SplittableRandom seeds = new SplittableRandom(Budget.seed(DEFAULT_SEED));
    for (int i = 0; i < Budget.times(count); i++) {
      checkOne(seeds.nextLong(), property);
    }
  }

  private static void checkOne(long seed, Property property) {
    try {
      property.check(new SplittableRandom(seed));
    } catch (Exception | AssertionError e) {
      throw new AssertionError("fails with -D" + CASE + "=" + seed + ": " + e.getMessage(), e);
    }
  }

  /** A text of up to that many characters, out of these. */
  public static String text(RandomGenerator random, int maxLength, String alphabet) {
    StringBuilder text = new StringBuilder();
    int length = random.nextInt(maxLength + 1);
    for (int i = 0; i < length; i++) {
      text.append(alphabet.charAt(random.nextInt(alphabet.length())));
    }
    return text.toString();
  }

  /** A text of up to that many characters, half of the time out of these, else of any kind. */
  public static String oddText(RandomGenerator random, int maxLength, String alphabet) {
    return random.nextBoolean() ? anyText(random, maxLength) : text(random, maxLength, alphabet);
  }

  /** A text of up to that many characters of any kind, surrogates on their own included. */
  public static String anyText(RandomGenerator random, int maxLength) {
    StringBuilder text = new StringBuilder();
    int length = random.nextInt(maxLength + 1);
    for (int i = 0; i < length; i++) {
      int bound =
          switch (random.nextInt(4)) {
            case 0 -> 0x20;
            case 1 -> 0x80;
            case 2 -> 0x800;
            default -> 0x10000;
          };
      text.append((char) random.nextInt(bound));
    }
    return text.toString();
  }
}
