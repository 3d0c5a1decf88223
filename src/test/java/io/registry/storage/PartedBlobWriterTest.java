package io.registry.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.registry.storage.StorageException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PartedBlobWriterTest {
  private static final BlobKey KEY = BlobKey.of("images", "abc", "layer");
  private static final int PART = 100_000;

  @TempDir private Path folder;
  private final List<String> log = new ArrayList<>();
  private final List<byte[]> sent = new ArrayList<>();

  @ParameterizedTest
  @CsvSource({
    "0, 'whole 0'",
    "1, 'whole 1'",
    "65536, 'whole 65536'",
    "65537, 'whole 65537'",
    "100000, 'whole 100000'",
    "100001, 'part 1 at 0: 100000, last 2 at 100000: 1'",
    "200000, 'part 1 at 0: 100000, last 2 at 100000: 100000'",
    "250000, 'part 1 at 0: 100000, part 2 at 100000: 100000, last 3 at 200000: 50000'"
  })
  void aBlobIsSentAsAWholeOrInParts(int size, String expected) {
    byte[] bytes = random(size);

    try (Recorder writer = new Recorder()) {
      for (int from = 0; from < size; from += 7777) {
        writer.write(bytes, from, Math.min(7777, size - from));
      }
      writer.commit();
    }

    assertThat(String.join(", ", log)).isEqualTo(expected);
    assertThat(concatenated()).isEqualTo(bytes);
  }

  @Test
  void nothingIsPublishedWithoutCommit() {
    try (Recorder writer = new Recorder()) {
      writer.write(random(PART + 1));
    }

    assertThat(log).containsExactly("part 1 at 0: 100000", "discard");
  }

  @Test
  void aCommitThatFailsIsTakenBack() {
    Recorder writer = new Recorder();
    writer.failing = true;
    try (writer) {
      writer.write(random(10));
      assertThatExceptionOfType(StorageException.class).isThrownBy(writer::commit);
    }

    assertThat(log).containsExactly("whole 10", "discard");
  }

  @Test
  void nothingIsLeftOfAPartOnDisk() throws IOException {
    try (Recorder writer = new Recorder()) {
      writer.write(random(PART));
      assertThat(folder).isEmptyDirectory();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      assertThat(files).containsExactly(folder);
    }
  }

  @Test
  void aClosedWriterTakesNothingMore() {
    Recorder writer = new Recorder();
    writer.close();

    assertThatIllegalStateException().isThrownBy(() -> writer.write(1));
  }

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  private byte[] concatenated() {
    byte[] all = new byte[sent.stream().mapToInt(part -> part.length).sum()];
    int at = 0;
    for (byte[] part : sent) {
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return all;
  }

  private final class Recorder extends PartedBlobWriter {
    private boolean failing;

    Recorder() {
      super(KEY, new PartSizes(PART, PART), folder);
    }

    @Override
    protected boolean sendWhole(BlobPart whole) {
      return record("whole " + whole.size(), whole);
    }

    @Override
    protected void sendPart(int number, long offset, BlobPart part) {
      record("part %d at %d: %d".formatted(number, offset, part.size()), part);
    }

    @Override
    protected boolean sendLastPart(int number, long offset, BlobPart part) {
      return record("last %d at %d: %d".formatted(number, offset, part.size()), part);
    }

    @Override
    protected void discard() {
      log.add("discard");
    }

    @Override
    protected StorageException localFailure(BlobKey key, IOException cause) {
      return new StorageException(Reason.BROKEN, "recorder", "write", key, cause);
    }

    // Reads it twice, as a driver does that has to send a part again.
    private boolean record(String line, BlobPart part) {
      log.add(line);
      byte[] bytes = readAll(part);
      assertThat(readAll(part)).isEqualTo(bytes);
      assertThat(part.md5()).isEqualTo(md5(bytes));
      sent.add(bytes);
      if (failing) {
        throw localFailure(KEY, new IOException("the test wants it"));
      }
      return true;
    }

    private byte[] readAll(BlobPart part) {
      try (InputStream in = part.open()) {
        return in.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private byte[] md5(byte[] bytes) {
      try {
        return MessageDigest.getInstance("MD5").digest(Arrays.copyOf(bytes, bytes.length));
      } catch (java.security.NoSuchAlgorithmException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
