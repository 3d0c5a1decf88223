package io.registry.content.files;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/**
 * The unpacked bytes of all members of a gzip file (RFC 1952, 2.2). Unlike the decompressors of the
 * libraries, it neither fails at bytes that follow the last member nor hides them: some clients
 * refuse such a file.
 */
final class GzipMembers extends InputStream {
  private static final int BUFFER = 64 * 1024;

  /** More than any header of a member has that a daemon wrote. */
  private static final int HEADER = 4096;

  private final BufferedInputStream in;
  private InputStream member;
  private boolean ended;
  private boolean followed;

  /**
   * Begins to unpack.
   *
   * @param packed the gzip file; not closed
   * @throws IOException when the file does not begin with a member
   */
  GzipMembers(InputStream packed) throws IOException {
    this.in = new BufferedInputStream(packed, BUFFER);
    this.member = new GzipCompressorInputStream(in);
  }

  /** Whether bytes follow the last member. Known when the end was reached. */
  boolean isFollowed() {
    return followed;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    while (!ended) {
      int count = member.read(bytes, offset, length);
      if (count >= 0) {
        return count;
      }
      ended = !hasNext();
    }
    return -1;
  }

  private boolean hasNext() throws IOException {
    in.mark(HEADER);
    if (in.read() < 0) {
      return false;
    }
    in.reset();
    try {
      member = new GzipCompressorInputStream(in);
      return true;
    } catch (IOException e) {
      followed = true;
      return false;
    }
  }
}
