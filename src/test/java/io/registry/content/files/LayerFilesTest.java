package io.registry.content.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.unit.DataSize;

/** Archives by GNU tar, bsdtar and the library of the original, which tells what is in them. */
@Tag("external")
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
    boolean parts = name.matches(".*(multi|padded|garbage|skip).*");
    // Zeros at the end of a tar need not be there, and with each part of many it may be over.
    int needed =
        tar
            ? whole.length - 1024
            : parts ? LayerArchives.read("packed.tar.lzma").length : whole.length;
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

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tar --format=v7 -cf",
        "tar --format=gnu -czf",
        "tar --format=posix -cJf",
        "bsdtar --format=pax -cjf",
        "bsdtar --format=ustar --zstd -cf"
      })
  void whatToolsOfThisMachineMakeIsListed(String tool, @TempDir Path folder) throws Exception {
    Path tree = Files.createDirectories(folder.resolve("tree"));
    Path file = Files.writeString(tree.resolve("a file \u00e9"), "text");
    Files.createSymbolicLink(tree.resolve("link"), file);
    Path layer = folder.resolve("layer");
    List<String> command = new ArrayList<>(List.of(tool.split(" ")));
    command.addAll(List.of(layer.toString(), "-C", tree.toString(), "."));
    assumeTrue(run(command), "this machine has no such tool");
    assertThat(LayerArchives.list(Files.readAllBytes(layer)))
        .contains("[\"/\", \"d\", false, 0, ", "[\"/a file \\u00e9\", \"f\", false, 4, ")
        .contains("[\"/link\", \"s\", false, 0, ");
  }

  private static boolean run(List<String> command) throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
