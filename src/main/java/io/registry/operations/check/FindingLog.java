package io.registry.operations.check;

import io.registry.platform.json.StrictJson;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;

/** The findings in a file, because their number is not limited. For one thread at a time. */
final class FindingLog implements AutoCloseable {
  private final Path file;
  private final FileChannel channel;
  private final OutputStream out;
  private final StrictJson json = new StrictJson();
  private long size;

  /**
   * Opens the log and truncates it to the given size: what follows is found again.
   *
   * @param file the file, created if it does not exist
   * @param size in bytes
   */
  FindingLog(Path file, long size) throws IOException {
    this.file = file;
    this.size = size;
    this.channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    channel.truncate(size).position(size);
    this.out = new BufferedOutputStream(Channels.newOutputStream(channel));
  }

  void add(CheckFinding finding) {
    byte[] line = json.write(finding);
    try {
      out.write(line);
      out.write('\n');
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    size += line.length + 1;
  }

  /** Makes all findings survive a crash; returns the size of the file in bytes. */
  long flush() throws IOException {
    out.flush();
    channel.force(false);
    return size;
  }

  /** All findings, in the order in which they were added; the caller closes the stream. */
  @SuppressWarnings("StreamResourceLeak") // The caller closes it.
  Stream<CheckFinding> read() throws IOException {
    out.flush();
    BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8);
    return reader
        .lines()
        .map(line -> json.read(line.getBytes(StandardCharsets.UTF_8), CheckFinding.class))
        .onClose(() -> close(reader));
  }

  private static void close(BufferedReader reader) {
    try {
      reader.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
