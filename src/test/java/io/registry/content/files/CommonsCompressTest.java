package io.registry.content.files;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;

/**
 * Why layers are listed with {@link TarReader}: each test shows an archive that commons-compress
 * reads in another way than the original's library, or without a bound. {@link TarReader} can go
 * when they all fail.
 */
class CommonsCompressTest {
  private static final int NAME_LENGTH = 4096;

  private static List<String> own(InputStream tar) throws IOException {
    List<String> names = new ArrayList<>();
    TarReader reader = new TarReader(tar, NAME_LENGTH);
    for (Optional<TarEntry> next = reader.next(); next.isPresent(); next = reader.next()) {
      names.add(next.get().name() + " " + next.get().mtime());
    }
    return names;
  }

  private static List<String> theirs(InputStream tar) throws IOException {
    List<String> names = new ArrayList<>();
    try (TarArchiveInputStream reader = new TarArchiveInputStream(tar, UTF_8.name())) {
      for (TarArchiveEntry next = reader.getNextEntry();
          next != null;
          next = reader.getNextEntry()) {
        names.add(
            TarReader.withoutSlash(next.getName())
                + " "
                + next.getLastModifiedTime().toInstant().getEpochSecond());
      }
    }
    return names;
  }

  private static InputStream archive(String name) {
    return new ByteArrayInputStream(LayerArchives.unpacked(name + ".tar.gz"));
  }

  private static byte[] header(String name, char type, String size) {
    byte[] block = new byte[TarHeader.SIZE];
    put(block, 0, name);
    put(block, 100, "0000644\0" + "0000000\0" + "0000000\0" + size + "\0" + "00000000000\0");
    put(block, 148, "        ");
    block[156] = (byte) type;
    put(block, 257, "ustar\00000");
    int sum = 0;
    for (byte each : block) {
      sum += each & 0xff;
    }
    put(block, 148, "%06o\0 ".formatted(sum));
    return block;
  }

  private static void put(byte[] block, int at, String text) {
    System.arraycopy(text.getBytes(US_ASCII), 0, block, at, text.length());
  }

  @Test
  void itTakesTheNamesInAFolderOfAnIncrementalBackupForAnEntry() throws IOException {
    assertThat(theirs(archive("gnu-incremental"))).anyMatch(name -> name.startsWith("Yfifo"));
    assertThat(own(archive("gnu-incremental"))).noneMatch(name -> name.startsWith("Yfifo"));
  }

  @Test
  void itTakesWhatFollowsAFolderWithASizeForTheContentOfTheFolder() throws IOException {
    List<String> own = own(archive("types"));
    assertThat(own).anyMatch(name -> name.startsWith("sizedfolder"));
    assertThat(theirs(archive("types"))).hasSizeLessThan(own.size());
  }

  @Test
  void itDoesNotTellATimeWithAFractionOfZeroFromOneWithout() throws IOException {
    assertThat(own(archive("gnu-global"))).anyMatch(name -> name.endsWith(" -5.0"));
    assertThat(theirs(archive("gnu-global"))).anyMatch(name -> name.endsWith(" -5"));
  }

  @Test
  void itTakesADamagedHeaderForAnEntry() throws IOException {
    byte[] tar = Arrays.copyOf(header("name", '0', "00000000000"), 3 * TarHeader.SIZE);
    tar[0] = 'g';
    assertThat(theirs(new ByteArrayInputStream(tar))).containsExactly("game 0");
    assertThatThrownBy(() -> own(new ByteArrayInputStream(tar)))
        .isInstanceOf(IOException.class)
        .hasMessage("a header of the tar is damaged");
  }

  @Test
  void itKeepsALongNameInMemoryWhateverItsLength() throws IOException {
    byte[] name = "n".repeat(10 * NAME_LENGTH).getBytes(US_ASCII);
    byte[] head = header("././@LongLink", 'L', "%011o".formatted(name.length));
    byte[] tar = Arrays.copyOf(head, head.length + name.length + 3 * TarHeader.SIZE);
    System.arraycopy(name, 0, tar, head.length, name.length);
    System.arraycopy(
        header("name", '0', "00000000000"), 0, tar, head.length + name.length, TarHeader.SIZE);
    assertThat(theirs(new ByteArrayInputStream(tar)).get(0)).hasSize(name.length + " 0".length());
    assertThatThrownBy(() -> own(new ByteArrayInputStream(tar)))
        .hasMessage("The layer is not listed: a name has more than 4096 bytes");
  }
}
