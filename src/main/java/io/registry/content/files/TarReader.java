package io.registry.content.files;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Optional;

/**
 * Reads the headers of a tar in any dialect, and skips the contents. Memory is bounded by the
 * longest allowed name. Entries are reported like by the original's library (protocol 2.2), except
 * that this class reports a damaged archive where that library took the rest for the end.
 */
public final class TarReader {
  private static final int BUFFER = 64 * 1024;

  private final InputStream in;
  private final int nameLength;
  private final boolean filled;
  private final PaxAttributes common;
  private final byte[] buffer = new byte[BUFFER];

  /** The remaining bytes of the current entry, including the padding of its last block. */
  private long rest;

  /** What fills its last block, and may be absent at the end of the archive. */
  private long fill;

  /**
   * Creates a reader.
   *
   * @param in the tar
   * @param nameLength the longest name, in bytes
   */
  public TarReader(InputStream in, int nameLength) {
    this(in, nameLength, true);
  }

  /**
   * A reader.
   *
   * @param in the tar
   * @param nameLength the longest name, in bytes
   * @param filled whether the last block of the last entry has to be full: Docker reads an archive
   *     that ends before
   */
  TarReader(InputStream in, int nameLength, boolean filled) {
    this.in = in;
    this.nameLength = nameLength;
    this.filled = filled;
    this.common = new PaxAttributes(nameLength);
  }

  /**
   * Reads the next entry.
   *
   * @return the entry; empty after the last one
   * @throws IOException when the archive is damaged or cut short
   */
  public Optional<TarEntry> next() throws IOException {
    PaxAttributes own = new PaxAttributes(nameLength);
    boolean announced = false;
    while (true) {
      pass(rest);
      rest = 0;
      if (in.readNBytes(buffer, 0, (int) fill) < fill && filled) {
        throw new EOFException("the tar is cut short");
      }
      fill = 0;
      byte[] block = in.readNBytes(TarHeader.SIZE);
      if (TarHeader.isZero(block)) {
        if (announced) {
          throw new EOFException("the tar ends where an entry has to follow");
        }
        return Optional.empty();
      }
      if (block.length < TarHeader.SIZE) {
        throw new EOFException("the tar is cut short");
      }
      TarHeader header = TarHeader.of(block);
      if (!readAttributes(header, own)) {
        return Optional.of(entry(header, own));
      }
      announced |= header.type() != 'g';
    }
  }

  // Returns false when the header is that of an entry, and not an extended header for the next one.
  private boolean readAttributes(TarHeader header, PaxAttributes own) throws IOException {
    long size = natural(header.size());
    switch (header.type()) {
      case 'g' -> common.replaceBy(PaxAttributes.read(in, size, nameLength));
      case 'x', 'X' -> own.add(PaxAttributes.read(in, size, nameLength));
      case 'L' -> own.addName(longName(size));
      case 'K' -> readLink(size, own);
      default -> {
        return false;
      }
    }
    fill = padding(size);
    return true;
  }

  // Lists have no targets, so that a long one is no reason to refuse a layer.
  private void readLink(long size, PaxAttributes own) throws IOException {
    if (size > nameLength + 1L) {
      pass(size);
    } else {
      own.addLink(longName(size));
    }
  }

  private String longName(long size) throws IOException {
    // Includes the terminating zero.
    if (size > nameLength + 1L) {
      throw LayerRefusals.tooMuch("a name has more than " + nameLength + " bytes");
    }
    byte[] name = in.readNBytes((int) size);
    if (name.length < size) {
      throw new EOFException("the tar is cut short in a name");
    }
    int end = 0;
    while (end < name.length && name[end] != 0) {
      end++;
    }
    return TarHeader.text(Arrays.copyOf(name, end));
  }

  private TarEntry entry(TarHeader header, PaxAttributes own) throws IOException {
    String plain = header.name();
    char type = type(header.type(), plain);
    long stored = natural(own.size().or(common::size).orElse(header.size()));
    long size = own.realSize().orElse(stored);
    if (type == 'S') {
      size = header.realSize();
      passMap(header);
    }
    String name = own.name().or(common::name).orElse(plain);
    rest = hasContent(type) ? stored : 0;
    fill = padding(rest);
    return new TarEntry(
        type == 'd' ? withoutSlash(name) : name,
        type,
        natural(size),
        own.mtime().or(common::mtime).orElse(header.mtime()),
        header.mode(),
        own.uid().or(common::uid).orElse(header.uid()),
        own.gid().or(common::gid).orElse(header.gid()),
        type == 'l' || type == 's' ? own.link().or(common::link).orElse(header.link()) : "");
  }

  // Before tar had a type for folders, they were files whose name ends with a slash.
  private static char type(char flag, String name) {
    return switch (flag) {
      case 0 -> name.endsWith("/") ? 'd' : 'f';
      case '0' -> 'f';
      case '1' -> 'l';
      case '2' -> 's';
      case '3' -> 'c';
      case '4' -> 'b';
      case '5' -> 'd';
      case '6' -> 'i';
      case '7' -> 't';
      case 'S' -> 'S';
      default -> 'u';
    };
  }

  // Links and other special entries may state a size, but have no content.
  private static boolean hasContent(char type) {
    return "lscbdi".indexOf(type) < 0;
  }

  private void passMap(TarHeader header) throws IOException {
    boolean more = header.isExtended();
    while (more) {
      byte[] map = in.readNBytes(TarHeader.SIZE);
      if (map.length < TarHeader.SIZE) {
        throw new EOFException("the tar is cut short in a sparse file");
      }
      more = TarHeader.isExtendedAgain(map);
    }
  }

  private void pass(long count) throws IOException {
    long left = count;
    while (left > 0) {
      int read = in.read(buffer, 0, (int) Math.min(BUFFER, left));
      if (read < 0) {
        throw new EOFException("the tar is cut short");
      }
      left -= read;
    }
  }

  private static long natural(long size) throws IOException {
    if (size < 0 || size > Long.MAX_VALUE - TarHeader.SIZE) {
      throw new IOException("a size in the tar cannot be");
    }
    return size;
  }

  private static long padding(long size) {
    return -size & (TarHeader.SIZE - 1);
  }

  /** A name without trailing slashes. */
  static String withoutSlash(String name) {
    int end = name.length();
    while (end > 0 && name.charAt(end - 1) == '/') {
      end--;
    }
    return name.substring(0, end);
  }
}
