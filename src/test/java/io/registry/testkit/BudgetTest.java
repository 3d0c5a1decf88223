package io.registry.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ResourceLock(Resources.SYSTEM_PROPERTIES)
class BudgetTest {
  @ParameterizedTest
  @CsvSource({"1, 20, 83", "10, 200, 8", "83, 1660, 1", "1000, 20000, 1", "0.01, 1, 8300"})
  void moreIsDoneMoreOftenAndLessFarApart(String budget, int times, int stride) {
    with(
        budget,
        () -> {
          assertThat(Budget.times(20)).isEqualTo(times);
          assertThat(Budget.stride(83)).isEqualTo(stride);
        });
  }

  @Test
  void nothingIsNoBudget() {
    with("0", () -> assertThatThrownBy(() -> Budget.times(20)).hasMessageContaining("-Dbudget"));
  }

  private static void with(String budget, Runnable check) {
    String before = System.getProperty("budget");
    System.setProperty("budget", budget);
    try {
      check.run();
    } finally {
      if (before == null) {
        System.clearProperty("budget");
      } else {
        System.setProperty("budget", before);
      }
    }
  }
}
