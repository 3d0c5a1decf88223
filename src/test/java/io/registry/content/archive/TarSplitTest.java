package io.registry.content.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.registry.platform.json.JsonCodec;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A tar that is put together of notes and files. The sums are those of the tests of Go. */
class TarSplitTest {
  private static final long ABC = 0x3776c42000000000L;
  private static final long ABCD = 0x336776c420000000L;

  @TempDir private Path directory;
  private Path root;

  @BeforeEach
  void unpack() throws IOException {
    root = Files.createDirectories(directory.resolve("root"));
    Files.createDirectories(root.resolve("etc"));
    Files.writeString(root.resolve("etc/abc"), "abc");
    Files.writeString(root.resolve("abcd"), "abcd");
    Files.writeString(directory.resolve("abcd"), "abcd");
  }

  @Test
  void headersAndFilesComeInTheirOrder() throws IOException {
    String notes =
        segment("<1>")
            + file("etc/abc", 3, ABC)
            + segment("<2>")
            + "\n"
            + file("gone-and-empty", 0, 0)
            + file("./abcd", 4, ABCD)
            + segment("<3>").strip();

    assertThat(read(notes)).isEqualTo("<1>abc<2>abcd<3>");
    assertThat(read("")).isEmpty();
  }

  @Test
  void theNotesMayBePacked() throws IOException {
    Path notes = directory.resolve("notes.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(notes))) {
      out.write((segment("<1>") + file("abcd", 4, ABCD)).getBytes(StandardCharsets.UTF_8));
    }

    assertThat(read(notes)).isEqualTo("<1>abcd");
  }

  @Test
  void aNameThatIsNoTextIsNotedAsBytes() throws IOException {
    String raw = Base64.getEncoder().encodeToString("abcd".getBytes(StandardCharsets.UTF_8));

    assertThat(read(file("other", 4, ABCD).replace("}", ",\"name_raw\":\"" + raw + "\"}")))
        .isEqualTo("abcd");
  }

  @ParameterizedTest
  @ValueSource(strings = {"abcx", "abcde", "abc", ""})
  void aFileThatWasChangedIsNamed(String content) throws IOException {
    Files.writeString(root.resolve("abcd"), content);

    assertThatExceptionOfType(ArchiveException.class)
        .isThrownBy(() -> read(file("abcd", 4, ABCD)))
        .withMessageContaining("abcd")
        .withMessageContaining("it was changed after the layer was unpacked");
  }

  @Test
  void aFileOfAnotherSizeThanWasNotedIsNamed() {
    assertThatExceptionOfType(ArchiveException.class)
        .isThrownBy(() -> read(file("abcd", 5, ABCD)))
        .withMessageContaining("it was changed after the layer was unpacked");
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "etc", "none/abcd", "../none"})
  void aFileThatIsNotThereIsNamed(String name) {
    assertThatExceptionOfType(ArchiveException.class)
        .isThrownBy(() -> read(file(name, 4, ABCD)))
        .withMessageContaining(name)
        .withMessageContaining("the layer has no such file any more");
  }

  @ParameterizedTest
  @CsvSource({
    "etc, up, up/abc",
    "/etc, up, up/abc",
    "../../../etc, up, up/abc",
    "/../../etc, etc/up, etc/up/abc",
    "abc, etc/link, etc/link"
  })
  void linksAreFollowedWithinTheRoot(String target, String link, String name) throws IOException {
    Files.createSymbolicLink(root.resolve(link), Path.of(target));

    assertThat(read(file(name, 3, ABC))).isEqualTo("abc");
  }

  /** Outside there is a file of the same name. */
  @Test
  void nothingOutsideOfTheRootIsRead() throws IOException {
    Files.writeString(directory.resolve("abc"), "outside");
    Files.createSymbolicLink(root.resolve("out"), directory);
    Files.createSymbolicLink(root.resolve("up"), Path.of(".."));
    Files.writeString(root.resolve("abc"), "abc");

    assertThat(read(file("../abc", 3, ABC))).isEqualTo("abc");
    assertThat(read(file("up/abc", 3, ABC))).isEqualTo("abc");
    assertThatExceptionOfType(ArchiveException.class)
        .isThrownBy(() -> read(file("out/abc", 3, ABC)))
        .withMessageContaining("the layer has no such file any more");
  }

  @Test
  void linksThatGoRoundInACircleEndInAnError() throws IOException {
    Files.createSymbolicLink(root.resolve("a"), Path.of("b"));
    Files.createSymbolicLink(root.resolve("b"), Path.of("a"));

    assertThatIOException()
        .isThrownBy(() -> read(file("a", 4, ABCD)))
        .withMessageContaining("too many links");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      textBlock =
          """
          {"type":1                                   | are not JSON
          {"type":3,"payload":""}                     | have an unknown kind of entry
          {"payload":"PDE+"}                          | have an unknown kind of entry
          {"type":2,"payload":"?"}                    | are damaged
          {"type":1,"size":4,"name_raw":"?"}          | are damaged
          """)
  void damagedNotesAreRefused(String notes, String reason) {
    assertThatIOException()
        .isThrownBy(() -> read(segment("<1>") + notes))
        .withMessage("The notes about the tar " + reason);
  }

  private String read(String notes) throws IOException {
    return read(Files.writeString(directory.resolve("notes"), notes));
  }

  private String read(Path notes) throws IOException {
    try (TarSplit tar = TarSplit.open(new JsonCodec(), notes, root)) {
      return new String(tar.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static String segment(String bytes) {
    return "{\"type\":2,\"payload\":\"%s\"}\n"
        .formatted(Base64.getEncoder().encodeToString(bytes.getBytes(StandardCharsets.UTF_8)));
  }

  private static String file(String name, int size, long sum) {
    byte[] bytes = ByteBuffer.allocate(Long.BYTES).putLong(sum).array();
    return "{\"type\":1,\"name\":\"%s\",\"size\":%d,\"payload\":\"%s\"}\n"
        .formatted(name, size, Base64.getEncoder().encodeToString(bytes));
  }
}
