package io.registry.content.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.testkit.Budget;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

/** Whatever bytes a layer has, it is listed or refused. */
class LayerFuzzTest {
  private static final int CHANGED = Budget.times(15);
  private static final int RANDOM = 20 * CHANGED;
  private static final int LENGTH = 3000;
  private static final ContentsProperties.Limits LIMITS =
      LayerArchives.limits(1000, DataSize.ofBytes(500));

  private final long seed = Budget.seed();
  private final Random random = new Random(seed);

  private void list(byte[] layer) {
    try {
      assertThat(LayerArchives.list(layer, LIMITS)).startsWith("[").endsWith("]");
    } catch (RegistryException e) {
      assertThat(e.problem()).isEqualTo(Problem.INVALID);
    } catch (RuntimeException | Error e) {
      throw new AssertionError("with -Dseed=" + seed, e);
    }
  }

  @Test
  void changedArchivesAreListedOrRefused() {
    List<byte[]> archives = new ArrayList<>();
    LayerArchives.packed().forEach(name -> archives.add(LayerArchives.read(name)));
    // Unpacked, so that changes reach the headers, and those again packed as they are.
    for (String name : LayerArchives.dialects()) {
      if (!name.equals("packed")) {
        archives.add(LayerArchives.unpacked(name + ".tar.gz"));
      }
    }
    for (byte[] archive : archives) {
      for (int i = 0; i < CHANGED; i++) {
        byte[] changed = archive.clone();
        for (int change = random.nextInt(4); change >= 0; change--) {
          changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
        }
        list(random.nextBoolean() ? changed : withChecksums(changed));
        list(Arrays.copyOf(changed, random.nextInt(changed.length)));
      }
    }
  }

  // So that other changes than those of the checksum are found, too.
  private static byte[] withChecksums(byte[] tar) {
    for (int at = 0; at + TarHeader.SIZE <= tar.length; at += TarHeader.SIZE) {
      if (tar[at + 257] == 'u' && tar[at + 258] == 's') {
        Arrays.fill(tar, at + 148, at + 156, (byte) ' ');
        int sum = 0;
        for (int i = at; i < at + TarHeader.SIZE; i++) {
          sum += tar[i] & 0xff;
        }
        byte[] digits = "%06o\0 ".formatted(sum).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(digits, 0, tar, at + 148, digits.length);
      }
    }
    return tar;
  }

  @Test
  void randomBytesAreListedOrRefusedWhateverTheyBeginWith() {
    List<byte[]> beginnings = new ArrayList<>(List.of(new byte[0], new byte[] {0x5d, 0, 0, 1, 0}));
    for (String name : LayerArchives.packed()) {
      beginnings.add(Arrays.copyOf(LayerArchives.read(name), 4 + random.nextInt(60)));
    }
    for (int i = 0; i < RANDOM; i++) {
      byte[] beginning = beginnings.get(random.nextInt(beginnings.size()));
      byte[] layer = new byte[beginning.length + random.nextInt(LENGTH)];
      random.nextBytes(layer);
      System.arraycopy(beginning, 0, layer, 0, beginning.length);
      list(layer);
    }
  }
}
