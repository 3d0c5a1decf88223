package io.registry.testkit;

/**
 * How often the tests repeat what is random: orders of requests, moments of a death, damaged input.
 * The usual number is small, because each build pays for it. {@code -Dbudget=10} repeats everything
 * ten times as often, which a workflow does every week ({@code soak.yml}).
 *
 * <p>A test that fails names its seed. {@code -Dseed=N}, with the same budget, repeats it.
 */
public final class Budget {
  private static final String FACTOR = "budget";
  private static final String SEED = "seed";

  private Budget() {}

  /** How often to do what is usually done that often; at least once. */
  public static int times(int usual) {
    return (int) Math.max(1, Math.round(usual * factor()));
  }

  /** The distance between those that are tried, of many in a row; at least one. */
  public static int stride(int usual) {
    return (int) Math.max(1, Math.round(usual / factor()));
  }

  /** Where the random numbers of a test begin. */
  public static long seed() {
    return Long.getLong(SEED, System.nanoTime());
  }

  /** Where the random numbers begin of a test that does the same in each build. */
  static long seed(long usual) {
    return Long.getLong(SEED, usual);
  }

  private static double factor() {
    double factor = Double.parseDouble(System.getProperty(FACTOR, "1"));
    if (!(factor > 0)) {
      throw new IllegalArgumentException("-D" + FACTOR + " is not above zero: " + factor);
    }
    return factor;
  }
}
