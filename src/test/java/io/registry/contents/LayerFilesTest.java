package io.registry.contents;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.registry.problem.Problem;
import io.registry.problem.RegistryException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.util.unit.DataSize;

/** Archives by GNU tar, bsdtar and the library of the original, which tells what is in them. */
class LayerFilesTest {
  private static final String EXPECTED = new String(LayerArchives.read("packed.tar.json"), UTF_8);

  static List<String> dialects() {
    return LayerArchives.dialects().stream().filter(name -> !name.equals("packed")).toList();
  }

  static List<String> packed() {
    return LayerArchives.packed();
  }

  @ParameterizedTest
  @MethodSource("dialects")
  void everyDialectIsListedAsTheOriginalsLibraryListsIt(String name) {
    assertThat(LayerArchives.list(LayerArchives.read(name + ".tar.gz")))
        .isEqualTo(new String(LayerArchives.read(name + ".tar.json"), UTF_8));
  }

  @ParameterizedTest
  @MethodSource("packed")
  void itIsTheSameHoweverItIsPacked(String name) {
    assertThat(LayerArchives.list(LayerArchives.read(name))).isEqualTo(EXPECTED);
  }

  @ParameterizedTest
  @MethodSource("packed")
  void whatIsCutShortIsRefused(String name) {
    byte[] whole = LayerArchives.read(name);
    boolean tar = name.equals("packed.tar");
    // Zeros at the end of a tar need not be there, and with each part of many it may be over.
    int needed =
        tar
            ? whole.length - 1024
            : Math.min(whole.length, LayerArchives.read("packed.tar.lzma").length);
    for (int length = 1; length < needed; length += tar ? 100 : 7) {
      if (!tar || length % 512 != 0) {
        assertRefused(Arrays.copyOf(whole, length), "cut to " + length);
      }
    }
  }

  private static void assertRefused(byte[] layer, String what) {
    assertThatThrownBy(() -> LayerArchives.list(layer))
        .as(what)
        .isInstanceOfSatisfying(
            RegistryException.class, e -> assertThat(e.problem()).isEqualTo(Problem.INVALID))
        .hasMessage("Layer format not supported");
  }

  @Test
  void nothingAndZerosAreAnEmptyLayer() {
    for (int size : List.of(0, 10, 512, 1024, 10240)) {
      assertThat(LayerArchives.list(new byte[size])).isEqualTo("[]");
    }
  }

  @Test
  void namesThatAreTooLongAreRefused() {
    assertThatThrownBy(
            () ->
                LayerArchives.list(
                    LayerArchives.read("gnu-gnu.tar.gz"),
                    LayerArchives.limits(100, DataSize.ofBytes(300))))
        .hasMessage("The layer is not listed: a name has more than 300 bytes");
  }
}
