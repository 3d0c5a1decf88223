package io.registry.content.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** How long a comparison takes must not tell how much of a layer a client has guessed. */
class LayerComparisonTest {
  private static final int SIZE = 1 << 20;

  @Test
  void aDifferenceAtTheBeginningCostsWhatOneAtTheEndCosts() throws IOException {
    byte[] stored = random();
    for (int at : new int[] {0, SIZE / 2, SIZE - 1}) {
      byte[] sent = stored.clone();
      sent[at] ^= 1;
      ByteArrayInputStream rest = new ByteArrayInputStream(stored);
      assertThat(LayerComparison.isEqual(new ByteArrayInputStream(sent), rest)).isFalse();
      assertThat(rest.available()).as("bytes not looked at").isZero();
    }
    assertThat(LayerComparison.isEqual(in(stored), in(stored))).isTrue();
  }

  @Test
  void soItIsWithLayersThatAreCompressed() throws IOException {
    byte[] stored = random();
    for (int at : new int[] {0, SIZE / 2, SIZE - 1}) {
      byte[] sent = stored.clone();
      sent[at] ^= 1;
      ByteArrayInputStream rest = new ByteArrayInputStream(gzip(stored));
      assertThat(LayerComparison.isEqualUnpacked(in(gzip(sent)), rest)).isFalse();
      assertThat(rest.available()).as("bytes not looked at").isZero();
    }
    assertThat(LayerComparison.isEqualUnpacked(in(gzip(stored)), in(gzip(stored)))).isTrue();
  }

  @Test
  void aCompressedLayerIsComparedWithOneThatIsNot() throws IOException {
    byte[] layer = random();
    byte[] other = layer.clone();
    other[SIZE - 1] ^= 1;
    assertThat(LayerComparison.isEqualUnpacked(in(layer), in(gzip(layer)))).isTrue();
    assertThat(LayerComparison.isEqualUnpacked(in(gzip(layer)), in(layer))).isTrue();
    assertThat(LayerComparison.isEqualUnpacked(in(other), in(gzip(layer)))).isFalse();
    assertThat(LayerComparison.isEqualUnpacked(in(gzip(other)), in(layer))).isFalse();
  }

  /** A layer of a client may unpack without end. */
  @Test
  void noMoreIsReadOfALongerLayerThanTheStoredOneHas() throws IOException {
    byte[] stored = random();
    InputStream endless =
        new InputStream() {
          @Override
          public int read() {
            return 0;
          }

          @Override
          public int read(byte[] bytes, int from, int count) {
            return count;
          }
        };
    assertThat(LayerComparison.isEqual(endless, in(stored))).isFalse();
    assertThat(LayerComparison.isEqual(in(new byte[0]), in(stored))).isFalse();
    assertThat(LayerComparison.isEqual(in(stored), in(new byte[0]))).isFalse();
  }

  private static byte[] random() {
    byte[] bytes = new byte[SIZE];
    new Random(1).nextBytes(bytes);
    return bytes;
  }

  private static InputStream in(byte[] bytes) {
    return new ByteArrayInputStream(bytes);
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }
}
