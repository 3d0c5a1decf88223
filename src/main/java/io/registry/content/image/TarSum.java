package io.registry.content.image;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Computes the checksum that Docker daemons before 0.10 announce: version 0 of the tarsum, over the
 * headers and contents of the layer's tar (protocol 3.2). Daemons differed in how they treat two
 * entries of the same name, so an archive with such entries has two valid sums.
 */
final class TarSum {
  /**
   * These limits bound the cost of a small malicious archive; Docker's own layers are far below.
   */
  private static final int MAX_ENTRIES = 200_000;

  private static final int MAX_HEADERS = 1024 * 1024;
  private static final int MAX_NAMES = 16 * 1024 * 1024;

  private static final int MAX_XZ_MEMORY_KIB = 64 * 1024;
  private static final int BUFFER = 64 * 1024;

  private final Checksum overAllEntries;
  private final Checksum overLastEntries;

  private TarSum(Checksum overAllEntries, Checksum overLastEntries) {
    this.overAllEntries = overAllEntries;
    this.overLastEntries = overLastEntries;
  }

  /**
   * Computes the sum in one pass.
   *
   * @param json the image's JSON
   * @param layer the tar, plain or compressed with gzip, bzip2 or xz; not closed
   * @return the sum
   * @throws IOException when the layer is not such an archive
   */
  static TarSum of(byte[] json, InputStream layer) throws IOException {
    List<String> all = new ArrayList<>();
    Map<String, String> last = new LinkedHashMap<>();
    byte[] buffer = new byte[BUFFER];
    long names = 0;
    // Not closed, because that would close the layer, which the caller closes.
    Limited in = new Limited(decompress(layer));
    TarArchiveInputStream tar = new TarArchiveInputStream(in, StandardCharsets.UTF_8.name());
    for (TarArchiveEntry entry = next(tar, in); entry != null; entry = next(tar, in)) {
      names += entry.getName().length();
      if (all.size() == MAX_ENTRIES) {
        throw new IOException("more than " + MAX_ENTRIES + " entries");
      }
      if (names > MAX_NAMES) {
        throw new IOException("names of more than " + MAX_NAMES + " characters");
      }
      String sum = sum(entry, tar, buffer);
      all.add(sum);
      last.put(entry.getName(), sum);
    }
    return new TarSum(total(json, all), total(json, last.values()));
  }

  /**
   * Whether a checksum matches this layer.
   *
   * @param announced the checksum that the daemon sent
   * @return whether it is a sum of this layer
   */
  boolean matches(Checksum announced) {
    return announced.equals(overAllEntries) || announced.equals(overLastEntries);
  }

  private static Checksum total(byte[] json, Collection<String> sums) {
    MessageDigest digest = DigestUtils.getSha256Digest();
    digest.update(json);
    sums.stream().sorted().forEach(sum -> digest.update(ascii(sum)));
    return new Checksum("tarsum+sha256:" + HexFormat.of().formatHex(digest.digest()));
  }

  private static @Nullable TarArchiveEntry next(TarArchiveInputStream tar, Limited in)
      throws IOException {
    in.limit(MAX_HEADERS);
    TarArchiveEntry entry = tar.getNextEntry();
    in.limit(Long.MAX_VALUE);
    return entry;
  }

  private static String sum(TarArchiveEntry entry, InputStream content, byte[] buffer)
      throws IOException {
    MessageDigest digest = DigestUtils.getSha256Digest();
    field(digest, "name", entry.getName());
    field(digest, "mode", Integer.toString(entry.getMode()));
    field(digest, "uid", Long.toString(entry.getLongUserId()));
    field(digest, "gid", Long.toString(entry.getLongGroupId()));
    field(digest, "size", Long.toString(entry.getSize()));
    field(digest, "mtime", Long.toString(entry.getLastModifiedTime().toInstant().getEpochSecond()));
    field(digest, "typeflag", String.valueOf((char) entry.getLinkFlag()));
    field(digest, "linkname", entry.getLinkName());
    field(digest, "uname", entry.getUserName());
    field(digest, "gname", entry.getGroupName());
    field(digest, "devmajor", Integer.toString(entry.getDevMajor()));
    field(digest, "devminor", Integer.toString(entry.getDevMinor()));
    for (int count = content.read(buffer); count >= 0; count = content.read(buffer)) {
      digest.update(buffer, 0, count);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void field(MessageDigest digest, String name, String value) {
    digest.update(ascii(name));
    digest.update(value.getBytes(StandardCharsets.UTF_8));
  }

  /** The tar in a layer, plain or compressed; closing it closes nothing. */
  static InputStream decompress(InputStream layer) throws IOException {
    BufferedInputStream in = new BufferedInputStream(layer, BUFFER);
    in.mark(6);
    byte[] start = in.readNBytes(6);
    in.reset();
    if (GzipCompressorInputStream.matches(start, start.length)) {
      return GzipCompressorInputStream.builder()
          .setInputStream(in)
          .setDecompressConcatenated(true)
          .get();
    }
    if (BZip2CompressorInputStream.matches(start, start.length)) {
      return new BZip2CompressorInputStream(in, true);
    }
    if (XZCompressorInputStream.matches(start, start.length)) {
      return XZCompressorInputStream.builder()
          .setInputStream(in)
          .setDecompressConcatenated(true)
          .setMemoryLimitKiB(MAX_XZ_MEMORY_KIB)
          .get();
    }
    return in;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** Fails when an archive requires more memory for its headers than allowed. */
  private static final class Limited extends FilterInputStream {
    private long left;

    Limited(InputStream in) {
      super(in);
    }

    void limit(long bytes) {
      left = bytes;
    }

    @Override
    public int read() throws IOException {
      return count(super.read(), 1);
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      int read = super.read(target, offset, length);
      return count(read, read);
    }

    @Override
    public long skip(long bytes) throws IOException {
      long skipped = super.skip(bytes);
      left -= skipped;
      return skipped;
    }

    private int count(int result, int bytes) throws IOException {
      left -= Math.max(0, bytes);
      if (left < 0) {
        throw new IOException("the headers of an entry are too long");
      }
      return result;
    }
  }
}
