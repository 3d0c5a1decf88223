package io.registry.content.archive;

import io.registry.content.files.TarEntry;
import io.registry.content.files.TarReader;
import io.registry.content.manifest.Digest;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The files in a tar that anybody may have made. Nothing is unpacked: one pass notes where each
 * file begins, and its digest. The names are those in the archive, and never become paths of the
 * machine.
 */
public final class TarFile implements AutoCloseable {
  /** More entries than any archive of images has. */
  private static final int MAX_ENTRIES = 65_536;

  private static final int MAX_NAME = 4096;
  private static final int MAX_NAMES = 16 * 1024 * 1024;
  private static final int MAX_LINKS = 16;
  private static final int BUFFER = 64 * 1024;

  /** What is left to others on the disk that an archive is copied to. */
  private static final long SPARE = 256L * 1024 * 1024;

  private static final long LOOK_EVERY = 64L * 1024 * 1024;

  private final FileChannel channel;
  private final Map<String, Entry> files = new LinkedHashMap<>();
  private final Map<String, String> links = new LinkedHashMap<>();

  private TarFile(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * A file in the archive.
   *
   * @param name its name, without {@code ./} at the beginning
   * @param offset where its bytes begin in the archive
   * @param size how many there are
   * @param digest of the bytes
   */
  public record Entry(String name, long offset, long size, Digest digest) {}

  /**
   * Reads an archive that is a file.
   *
   * @param file the archive, which must not change meanwhile
   * @throws ArchiveException when it is damaged, or has an entry that no archive of images has
   * @throws IOException when it cannot be read
   */
  public static TarFile open(Path file) throws IOException {
    return open(
        FileChannel.open(file, StandardOpenOption.READ),
        Files.newInputStream(file),
        OutputStream.nullOutputStream());
  }

  /**
   * Reads an archive that is a stream.
   *
   * @param in the archive, unpacked; closed by this method
   * @param copy a file that does not exist, for the bytes
   * @throws ArchiveException as {@link #open(Path)}, or when there is no room for it
   * @throws IOException when it cannot be read or written
   */
  public static TarFile open(InputStream in, Path copy) throws IOException {
    try (OutputStream out = Files.newOutputStream(copy, StandardOpenOption.CREATE_NEW)) {
      return open(
          FileChannel.open(copy, StandardOpenOption.READ), in, new RoomyOutputStream(out, copy));
    }
  }

  private static TarFile open(FileChannel channel, InputStream in, OutputStream copy)
      throws IOException {
    TarFile tar = new TarFile(channel);
    boolean opened = false;
    try (Pass pass = new Pass(in, copy)) {
      tar.read(pass);
      copy.flush();
      opened = true;
      return tar;
    } finally {
      if (!opened) {
        channel.close();
      }
    }
  }

  private void read(Pass pass) throws IOException {
    TarReader reader = new TarReader(pass, MAX_NAME);
    String last = "(first)";
    long names = 0;
    int count = 0;
    Optional<TarEntry> next = next(reader, last);
    while (next.isPresent()) {
      TarEntry entry = next.get();
      String name = name(entry.name());
      last = name;
      names += name.length() + entry.link().length();
      if (++count > MAX_ENTRIES || names > MAX_NAMES) {
        throw new ArchiveException(name, "there are too many entries before it");
      }
      long offset = pass.count;
      pass.begin(entry.type() == 'f' ? entry.size() : 0);
      next = next(reader, last);
      add(entry, name, offset, pass);
    }
    // What follows the end of the archive.
    try {
      pass.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      throw new ArchiveException(last, "the archive is damaged after it: " + e.getMessage());
    }
  }

  private static Optional<TarEntry> next(TarReader reader, String last) throws IOException {
    try {
      return reader.next();
    } catch (ArchiveException e) {
      throw e;
    } catch (EOFException e) {
      throw new ArchiveException(last, "the archive ends in it or after it: " + e.getMessage());
    } catch (IOException e) {
      throw new ArchiveException(
          last, "the archive is damaged in it or after it: " + e.getMessage());
    }
  }

  private void add(TarEntry entry, String name, long offset, Pass pass) throws ArchiveException {
    if (files.containsKey(name) || links.containsKey(name)) {
      throw new ArchiveException(name, "there are two of that name");
    }
    switch (entry.type()) {
      case 'd' -> {}
      case 'f' -> {
        files.put(name, new Entry(name, offset, entry.size(), pass.digest()));
      }
      case 's', 'l' -> {
        String folder = entry.type() == 'l' ? "" : name.substring(0, name.lastIndexOf('/') + 1);
        links.put(name, resolve(name, folder, entry.link()));
      }
      default -> throw new ArchiveException(name, "it is neither a file nor a folder");
    }
  }

  private static String name(String text) throws ArchiveException {
    String name = text;
    while (name.startsWith("./")) {
      name = name.substring(2);
    }
    if (name.startsWith("/")) {
      throw new ArchiveException(text, "its name is absolute");
    }
    for (String part : name.split("/", -1)) {
      if (part.equals("..")) {
        throw new ArchiveException(text, "its name leads out of the archive");
      }
    }
    return name;
  }

  // A link that leads to nothing is harmless; one that leads out is not read, whatever it means.
  private static String resolve(String name, String folder, String target) throws ArchiveException {
    if (target.startsWith("/")) {
      throw new ArchiveException(name, "it is a link out of the archive");
    }
    Deque<String> parts = new ArrayDeque<>();
    for (String part : (folder + target).split("/", -1)) {
      if (part.equals("..")) {
        if (parts.pollLast() == null) {
          throw new ArchiveException(name, "it is a link out of the archive");
        }
      } else if (!part.isEmpty() && !part.equals(".")) {
        parts.addLast(part);
      }
    }
    return String.join("/", parts);
  }

  /** Finds a file by its name, or that of a link to it. */
  public Optional<Entry> find(String name) {
    String at = name.startsWith("./") ? name.substring(2) : name;
    for (int i = 0; i < MAX_LINKS; i++) {
      String target = links.get(at);
      if (target == null) {
        return Optional.ofNullable(files.get(at));
      }
      at = target;
    }
    return Optional.empty();
  }

  /**
   * Finds a file that has to be there.
   *
   * @throws ArchiveException when it is not
   */
  public Entry require(String name) throws ArchiveException {
    return find(name).orElseThrow(() -> new ArchiveException(name, "it is named, and not there"));
  }

  /** The names of all files and links. */
  public Set<String> names() {
    Set<String> names = new TreeSet<>(files.keySet());
    names.addAll(links.keySet());
    return names;
  }

  /** Opens a file. Its bytes have been read before, so that their digest is known. */
  public InputStream open(Entry entry) {
    return new Section(entry);
  }

  /**
   * Reads a small file.
   *
   * @param limit the largest size, in bytes
   * @throws ArchiveException when it is larger
   */
  public byte[] read(Entry entry, int limit) throws IOException {
    if (entry.size() > limit) {
      throw new ArchiveException(entry.name(), "it is too large for what it is");
    }
    try (InputStream in = open(entry)) {
      return in.readAllBytes();
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  /** The bytes of one file. Others may be read at the same time. */
  private final class Section extends InputStream {
    private long position;
    private final long end;

    Section(Entry entry) {
      this.position = entry.offset();
      this.end = entry.offset() + entry.size();
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      if (position >= end) {
        return -1;
      }
      int most = (int) Math.min(length, end - position);
      int read = channel.read(ByteBuffer.wrap(bytes, offset, most), position);
      if (read < 0) {
        throw new EOFException("the archive was cut short while it was read");
      }
      position += read;
      return read;
    }
  }

  /** Counts, copies and hashes what is read. */
  private static final class Pass extends FilterInputStream {
    private final OutputStream copy;
    private long count;

    /** Of the current entry. */
    private MessageDigest hash = Digest.sha256();

    /** How many bytes of it are still to come. */
    private long rest;

    Pass(InputStream in, OutputStream copy) {
      super(in);
      this.copy = copy;
    }

    void begin(long size) {
      hash = Digest.sha256();
      rest = size;
    }

    Digest digest() {
      return Digest.ofHash(hash.digest());
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int read = super.read(bytes, offset, Math.min(length, BUFFER));
      if (read > 0) {
        copy(bytes, offset, read);
        count += read;
        int own = (int) Math.min(rest, read);
        hash.update(bytes, offset, own);
        rest -= own;
      }
      return read;
    }

    // That it fails says nothing about the archive.
    private void copy(byte[] bytes, int offset, int length) {
      try {
        copy.write(bytes, offset, length);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public long skip(long bytes) throws IOException {
      return readNBytes((int) Math.min(bytes, BUFFER)).length;
    }

    @Override
    public boolean markSupported() {
      return false;
    }
  }

  /** Refuses to fill the disk. */
  private static final class RoomyOutputStream extends OutputStream {
    private final OutputStream out;
    private final Path file;
    private long sinceLook = LOOK_EVERY;

    RoomyOutputStream(OutputStream out, Path file) {
      this.out = out;
      this.file = file;
    }

    @Override
    public void write(int single) throws IOException {
      write(new byte[] {(byte) single}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      sinceLook += length;
      if (sinceLook > LOOK_EVERY) {
        sinceLook = 0;
        if (Files.getFileStore(file).getUsableSpace() < SPARE) {
          throw new IOException("There is no room for the archive beside " + file.getParent());
        }
      }
      out.write(bytes, offset, length);
    }

    @Override
    public void flush() throws IOException {
      out.flush();
    }
  }
}
