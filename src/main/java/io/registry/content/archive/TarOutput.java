package io.registry.content.archive;

import io.registry.content.manifest.Descriptor;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * Writes a tar with files only. The same files make the same bytes: times are 0. A file that is
 * written to the disk is there under its name when it is whole. For one thread at a time.
 */
public final class TarOutput implements AutoCloseable {
  private static final int BLOCK = 512;
  private static final int BUFFER = 64 * 1024;

  private final OutputStream out;
  private final Optional<FileChannel> channel;
  private final Optional<Path> target;
  private boolean broken;

  private TarOutput(OutputStream out, Optional<FileChannel> channel, Optional<Path> target) {
    this.out = new BufferedOutputStream(out, BUFFER);
    this.channel = channel;
    this.target = target;
  }

  /**
   * Writes to a stream, which is not closed. Content that turns out to be damaged ends the archive
   * there, because what was written cannot be taken back.
   */
  public static TarOutput to(OutputStream out) {
    return new TarOutput(out, Optional.empty(), Optional.empty());
  }

  /**
   * Writes to a file, which replaces an existing one when it is whole.
   *
   * @throws IOException when it cannot be created
   */
  public static TarOutput to(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(
            part(file),
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
    return new TarOutput(
        Channels.newOutputStream(channel), Optional.of(channel), Optional.of(file));
  }

  private static Path part(Path file) {
    return file.resolveSibling(file.getFileName() + ".part");
  }

  /**
   * Appends a file.
   *
   * @throws DamagedContentException when the content is not that of the descriptor: then it is not
   *     in the archive, and further files can be appended if {@link #isBroken} says no
   * @throws IOException when reading or writing fails
   */
  public void add(String name, Descriptor descriptor, Content content) throws IOException {
    out.flush();
    long start = position();
    boolean written = false;
    try {
      out.write(header(name, descriptor.size()));
      VerifiedCopy.copy(descriptor, content, out);
      out.write(new byte[(int) (-descriptor.size() & (BLOCK - 1))]);
      written = true;
    } finally {
      if (!written) {
        takeBack(start);
      }
    }
  }

  private long position() throws IOException {
    return channel.isPresent() ? channel.get().position() : 0;
  }

  private void takeBack(long start) throws IOException {
    if (channel.isEmpty()) {
      broken = true;
      return;
    }
    out.flush();
    channel.get().truncate(start);
  }

  /** Whether the archive cannot be completed any more. */
  public boolean isBroken() {
    return broken;
  }

  /** Appends a small file. */
  public void add(String name, byte[] bytes) throws IOException {
    out.write(header(name, bytes.length));
    out.write(bytes);
    out.write(new byte[-bytes.length & (BLOCK - 1)]);
  }

  private static byte[] header(String name, long size) throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name);
    entry.setSize(size);
    entry.setModTime(0);
    return header(entry);
  }

  /** The blocks before the content of an entry. */
  static byte[] header(TarArchiveEntry entry) throws IOException {
    ByteArrayOutputStream header = new ByteArrayOutputStream();
    // Never closed, because that wants the content.
    @SuppressWarnings("MustBeClosedChecker")
    TarArchiveOutputStream tar = new TarArchiveOutputStream(header, StandardCharsets.UTF_8.name());
    tar.setAddPaxHeadersForNonAsciiNames(true);
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
    tar.putArchiveEntry(entry);
    return header.toByteArray();
  }

  /**
   * Ends the archive. When this returns, a file survives a crash.
   *
   * @throws IOException when writing fails
   */
  public void finish() throws IOException {
    out.write(new byte[2 * BLOCK]);
    out.flush();
    if (channel.isPresent() && target.isPresent()) {
      channel.get().force(true);
      channel.get().close();
      Files.move(
          part(target.get()),
          target.get(),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** Removes an archive that was not finished from the disk. */
  @Override
  public void close() throws IOException {
    if (channel.isPresent() && target.isPresent()) {
      channel.get().close();
      Files.deleteIfExists(part(target.get()));
    }
  }
}
