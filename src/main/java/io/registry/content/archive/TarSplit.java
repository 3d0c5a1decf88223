package io.registry.content.archive;

import io.registry.platform.json.JsonCodec;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Base64;
import java.util.Deque;
import java.util.zip.GZIPInputStream;
import tools.jackson.databind.JsonNode;

/**
 * The tar of a layer, put together again of its unpacked files and of what Docker noted about it
 * when it unpacked them: the headers as they were, and the names, sizes and CRC-64 of the files
 * (vbatts/tar-split). The bytes are those of the tar, or reading fails.
 */
public final class TarSplit extends InputStream {
  private static final int FILE = 1;
  private static final int SEGMENT = 2;
  private static final int GZIP = 0x1f;
  private static final int MAX_LINE = 16 * 1024 * 1024;
  private static final int MAX_LINKS = 40;

  private final JsonCodec codec;
  private final Path root;
  private final InputStream notes;
  private InputStream current = InputStream.nullInputStream();

  /** The file that {@link #current} reads. */
  private Noted file = new Noted("", 0, new byte[0]);

  private final Crc64 crc = new Crc64();
  private long count;
  private boolean isFile;
  private boolean ended;

  /** What is noted about a file. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Noted(String name, long size, byte[] crc) {}

  private TarSplit(JsonCodec codec, Path root, InputStream notes) {
    this.codec = codec;
    this.root = root;
    this.notes = notes;
  }

  /**
   * Opens the tar of a layer.
   *
   * @param notes the file {@code tar-data.json.gz} of the layer
   * @param root the unpacked files; links in it are followed as if it were the root of the system
   * @throws IOException when the notes cannot be read
   */
  public static TarSplit open(JsonCodec codec, Path notes, Path root) throws IOException {
    InputStream in = new BufferedInputStream(Files.newInputStream(notes));
    boolean opened = false;
    try {
      in.mark(1);
      // Docker wrote them unpacked for a while.
      boolean isPacked = in.read() == GZIP;
      in.reset();
      TarSplit tar =
          new TarSplit(
              codec, root, isPacked ? new BufferedInputStream(new GZIPInputStream(in)) : in);
      opened = true;
      return tar;
    } finally {
      if (!opened) {
        in.close();
      }
    }
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
    while (!ended) {
      int read = current.read(bytes, offset, length);
      if (read > 0) {
        if (isFile) {
          crc.update(bytes, offset, read);
          count += read;
        }
        return read;
      }
      if (isFile) {
        requireSame();
      }
      next();
    }
    return -1;
  }

  private void requireSame() throws IOException {
    if (count != file.size() || !Arrays.equals(crc.bytes(), file.crc())) {
      throw new ArchiveException(file.name(), "it was changed after the layer was unpacked");
    }
  }

  private void next() throws IOException {
    current.close();
    current = InputStream.nullInputStream();
    isFile = false;
    byte[] line = line();
    if (line.length == 0) {
      ended = true;
      return;
    }
    JsonNode entry =
        codec
            .parseUntrusted(line)
            .orElseThrow(() -> new IOException("The notes about the tar are not JSON"));
    byte[] payload = base64(entry.path("payload").asString(""));
    switch (entry.path("type").asInt(0)) {
      case SEGMENT -> current = new ByteArrayInputStream(payload);
      case FILE -> {
        long size = entry.path("size").asLong(0);
        if (size > 0) {
          begin(new Noted(name(entry), size, payload));
        }
      }
      default -> throw new IOException("The notes about the tar have an unknown kind of entry");
    }
  }

  private void begin(Noted noted) throws IOException {
    file = noted;
    crc.reset();
    count = 0;
    Path found;
    try {
      found = find(noted.name());
    } catch (InvalidPathException e) {
      throw new ArchiveException(
          noted.name(), "the locale of this process has no such names: set LC_ALL=C.UTF-8");
    }
    if (!Files.isRegularFile(found, LinkOption.NOFOLLOW_LINKS)) {
      throw new ArchiveException(noted.name(), "the layer has no such file any more");
    }
    current = Files.newInputStream(found, LinkOption.NOFOLLOW_LINKS);
    isFile = true;
  }

  private static String name(JsonNode entry) throws IOException {
    byte[] raw = base64(entry.path("name_raw").asString(""));
    return raw.length > 0
        ? new String(raw, StandardCharsets.UTF_8)
        : entry.path("name").asString("");
  }

  private static byte[] base64(String text) throws IOException {
    try {
      return Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw new IOException("The notes about the tar are damaged", e);
    }
  }

  // A line is about one file.
  private byte[] line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int next = notes.read(); next >= 0; next = notes.read()) {
      if (next != '\n') {
        line.write(next);
      } else if (line.size() > 0) {
        break;
      }
      if (line.size() > MAX_LINE) {
        throw new IOException("The notes about the tar have a line that is too long");
      }
    }
    return line.toByteArray();
  }

  // Nothing outside of the root is found, whatever names and links say.
  private Path find(String name) throws IOException {
    Deque<String> rest = new ArrayDeque<>();
    prepend(rest, name);
    Path at = root;
    int links = 0;
    while (!rest.isEmpty()) {
      String part = rest.pop();
      if (part.equals("..")) {
        Path above = at.getParent();
        at = above == null || at.equals(root) ? root : above;
        continue;
      }
      Path next = at.resolve(part);
      if (!Files.isSymbolicLink(next)) {
        at = next;
        continue;
      }
      if (++links > MAX_LINKS) {
        throw new NoSuchFileException(name, null, "too many links");
      }
      String target = Files.readSymbolicLink(next).toString();
      if (target.startsWith("/")) {
        at = root;
      }
      prepend(rest, target);
    }
    return at;
  }

  private static void prepend(Deque<String> rest, String path) {
    String[] parts = path.split("/", -1);
    for (int i = parts.length - 1; i >= 0; i--) {
      if (!parts[i].isEmpty() && !parts[i].equals(".")) {
        rest.push(parts[i]);
      }
    }
  }

  @Override
  public void close() throws IOException {
    current.close();
    notes.close();
  }

  /** CRC-64 of ISO 3309, as Go's {@code hash/crc64} computes it. */
  private static final class Crc64 {
    private static final long POLYNOMIAL = 0xD800000000000000L;
    private static final long[] TABLE = table();
    private long value;

    private static long[] table() {
      long[] table = new long[256];
      for (int i = 0; i < table.length; i++) {
        long crc = i;
        for (int bit = 0; bit < 8; bit++) {
          crc = (crc & 1) == 1 ? crc >>> 1 ^ POLYNOMIAL : crc >>> 1;
        }
        table[i] = crc;
      }
      return table;
    }

    void reset() {
      value = 0;
    }

    void update(byte[] bytes, int offset, int length) {
      long crc = ~value;
      for (int i = offset; i < offset + length; i++) {
        crc = TABLE[(int) (crc ^ bytes[i]) & 0xff] ^ crc >>> 8;
      }
      value = ~crc;
    }

    byte[] bytes() {
      return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
    }
  }
}
