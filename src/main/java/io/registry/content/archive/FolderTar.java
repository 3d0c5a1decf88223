package io.registry.content.archive;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * The files of a folder as a tar, as Docker makes it of a layer of AUFS. The same files make the
 * same bytes. Sockets are left out, and so are extended attributes, which Java cannot read. Nothing
 * is buffered: memory holds the names in the folders above the current file, and those of files
 * with several links.
 */
public final class FolderTar {
  private static final int BLOCK = 512;
  private static final int MODE = 07777;
  private static final int TYPE = 0170000;
  private static final int SOCKET = 0140000;
  private static final int CHARACTER = 0020000;
  private static final int BLOCK_DEVICE = 0060000;
  private static final int FIFO = 0010000;

  private FolderTar() {}

  /**
   * Opens the tar of a folder.
   *
   * @param folder the folder, which must not change meanwhile
   * @param wanted whether a name directly in the folder is wanted
   * @return the bytes; reading fails when a file cannot be read
   */
  public static InputStream open(Path folder, Predicate<String> wanted) {
    return new Unwrapping(new SequenceInputStream(new Parts(folder, wanted)));
  }

  /**
   * The entries one after the other, each as its header, its content, and what fills its block. An
   * enumeration, because {@link SequenceInputStream} takes nothing else.
   */
  @SuppressWarnings("JdkObsolete")
  private static final class Parts implements Enumeration<InputStream> {
    private final Path root;
    private final Predicate<String> wanted;
    private final Deque<Path> waiting = new ArrayDeque<>();
    private final Deque<InputStream> next = new ArrayDeque<>();
    private final Map<Object, String> linked = new HashMap<>();
    private boolean ended;

    Parts(Path root, Predicate<String> wanted) {
      this.root = root;
      this.wanted = wanted;
      waiting.push(root);
    }

    @Override
    public boolean hasMoreElements() {
      return !next.isEmpty() || !ended;
    }

    @Override
    public InputStream nextElement() {
      try {
        while (next.isEmpty() && !waiting.isEmpty()) {
          add(waiting.pop());
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      if (next.isEmpty()) {
        if (ended) {
          throw new NoSuchElementException();
        }
        ended = true;
        return new ByteArrayInputStream(new byte[2 * BLOCK]);
      }
      return next.remove();
    }

    private void add(Path path) throws IOException {
      Map<String, Object> file = Files.readAttributes(path, "unix:*", LinkOption.NOFOLLOW_LINKS);
      int mode = (Integer) value(file, "mode");
      if ((mode & TYPE) == SOCKET) {
        return;
      }
      boolean isFolder = Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
      String name = name(path) + (isFolder ? "/" : "");
      Optional<String> first = firstLink(file, isFolder, name);
      TarArchiveEntry entry = entry(path, name, mode, first);
      entry.setMode(mode & MODE);
      entry.setIds((Integer) value(file, "uid"), (Integer) value(file, "gid"));
      FileTime time = (FileTime) value(file, "lastModifiedTime");
      entry.setLastModifiedTime(FileTime.from(time.toInstant().truncatedTo(ChronoUnit.SECONDS)));
      if (entry.isCharacterDevice() || entry.isBlockDevice()) {
        long device = (Long) value(file, "rdev");
        entry.setDevMajor((int) (device >>> 8 & 0xfff));
        entry.setDevMinor((int) ((device & 0xff) | (device >>> 12 & 0xfff00)));
      }
      boolean isFile = entry.isFile() && entry.getLinkFlag() == TarConstants.LF_NORMAL;
      long size = isFile ? (Long) value(file, "size") : 0;
      entry.setSize(size);
      next.add(new ByteArrayInputStream(TarOutput.header(entry)));
      if (size > 0) {
        next.add(new Whole(path, size));
        next.add(new ByteArrayInputStream(new byte[(int) (-size & (BLOCK - 1))]));
      }
      if (isFolder) {
        children(path).forEach(waiting::push);
      }
    }

    private static Object value(Map<String, Object> file, String name) throws IOException {
      Object value = file.get(name);
      if (value == null) {
        throw new IOException("The file system does not tell the " + name + " of files");
      }
      return value;
    }

    // Java shows bytes that it cannot decode as this character.
    private String name(Path path) throws IOException {
      String name = path.equals(root) ? "." : root.relativize(path).toString();
      if (name.indexOf('\ufffd') >= 0) {
        throw new ArchiveException(
            name, "its name is not UTF-8, or the locale of this process is not");
      }
      return name;
    }

    /** The name that the same file has got already. */
    private Optional<String> firstLink(Map<String, Object> file, boolean isFolder, String name)
        throws IOException {
      if (isFolder || (Integer) value(file, "nlink") < 2) {
        return Optional.empty();
      }
      return Optional.ofNullable(linked.putIfAbsent(value(file, "fileKey"), name));
    }

    private static TarArchiveEntry entry(Path path, String name, int mode, Optional<String> first)
        throws IOException {
      TarArchiveEntry entry = new TarArchiveEntry(name, type(path, mode, first));
      if (first.isPresent()) {
        entry.setLinkName(first.get());
      } else if (Files.isSymbolicLink(path)) {
        entry.setLinkName(Files.readSymbolicLink(path).toString());
      }
      return entry;
    }

    private static byte type(Path path, int mode, Optional<String> first) {
      if (first.isPresent()) {
        return TarConstants.LF_LINK;
      }
      if (Files.isSymbolicLink(path)) {
        return TarConstants.LF_SYMLINK;
      }
      return switch (mode & TYPE) {
        case CHARACTER -> TarConstants.LF_CHR;
        case BLOCK_DEVICE -> TarConstants.LF_BLK;
        case FIFO -> TarConstants.LF_FIFO;
        default ->
            Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)
                ? TarConstants.LF_DIR
                : TarConstants.LF_NORMAL;
      };
    }

    // The last one first, because they are pushed on a stack.
    private List<Path> children(Path folder) throws IOException {
      try (Stream<Path> children = Files.list(folder)) {
        return children
            .filter(
                child -> !folder.equals(root) || wanted.test(String.valueOf(child.getFileName())))
            .sorted(Comparator.<Path>naturalOrder().reversed())
            .toList();
      }
    }
  }

  /** A file that has to have the size that its header says. Opened when it is read. */
  private static final class Whole extends InputStream {
    private final Path file;
    private long rest;
    private InputStream in = InputStream.nullInputStream();
    private boolean isOpen;

    Whole(Path file, long size) {
      this.file = file;
      this.rest = size;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (rest == 0) {
        return -1;
      }
      if (!isOpen) {
        in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS);
        isOpen = true;
      }
      int read = in.read(bytes, offset, (int) Math.min(length, rest));
      if (read < 0) {
        throw new EOFException(file + " has become shorter");
      }
      rest -= read;
      return read;
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }

  /** Throws what an enumeration cannot throw. */
  private static final class Unwrapping extends FilterInputStream {
    Unwrapping(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      try {
        return super.read(bytes, offset, length);
      } catch (UncheckedIOException e) {
        throw e.getCause();
      }
    }
  }
}
