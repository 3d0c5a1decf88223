package io.registry.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PartSizesTest {
  private static final long MIB = 1024 * 1024;
  private static final long GIB = 1024 * MIB;

  @ParameterizedTest
  @ValueSource(longs = {5 * MIB, 8 * MIB, 64 * MIB, 5 * GIB})
  void aHundredGibibytesFitTheLimit(long first) {
    PartSizes sizes = new PartSizes(first, 5 * GIB);

    assertThat(sum(sizes)).isGreaterThan(100 * GIB);
  }

  @Test
  void partsGrowAndNeverPastTheLargest() {
    PartSizes sizes = new PartSizes(8 * MIB, 40 * MIB);

    assertThat(sizes.of(1)).isEqualTo(8 * MIB);
    assertThat(sizes.of(1000)).isEqualTo(8 * MIB);
    assertThat(sizes.of(1001)).isEqualTo(16 * MIB);
    assertThat(sizes.of(2001)).isEqualTo(32 * MIB);
    assertThat(sizes.of(3001)).isEqualTo(40 * MIB);
    assertThat(sizes.of(PartSizes.MAX_PARTS)).isEqualTo(40 * MIB);
  }

  @Test
  void boundsThatMakeNoSenseAreRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> new PartSizes(0, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> new PartSizes(2, 1));
  }

  private static long sum(PartSizes sizes) {
    return IntStream.rangeClosed(1, PartSizes.MAX_PARTS).mapToLong(sizes::of).sum();
  }
}
