package io.registry.check;

import io.registry.json.StrictJson;
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

/** The findings in a file, so that there may be any number of them. For one thread at a time. */
final class FindingLog implements AutoCloseable {
  private final Path file;
  private final FileChannel channel;
  private final OutputStream out;
  private final StrictJson json = new StrictJson();
  private long size;

  /**
   * Opens the log, and forgets what comes after that size: it will be found again.
   *
   * @param file the log, made when it is not there
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

  /** Makes sure that all survives a crash. */
  long flush() throws IOException {
    out.flush();
    channel.force(false);
    return size;
  }

  /** All findings, in the order in which they were added; the caller closes the stream. */
  @SuppressWarnings("StreamResourceLeak") // Handed to the caller, who closes it.
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
