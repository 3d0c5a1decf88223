package io.registry.upstream.v2;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.Optional;

/**
 * Compares what is sent with its digest. Damaged content is not sent to its end, so that the
 * registry does not get it whole. Remembers whose fault it was that the sending failed.
 */
final class SentStream extends FilterInputStream {
  private final Body body;
  private final MessageDigest hash;
  private long count;
  private volatile Optional<Exception> failure = Optional.empty();

  SentStream(InputStream in, Body body) {
    super(in);
    this.body = body;
    this.hash = body.descriptor().digest().newHash();
  }

  /** Why the content could not be read; empty when that was not the reason. */
  Optional<Exception> failure() {
    return failure;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    try {
      int read = super.read(bytes, offset, length);
      if (read > 0) {
        hash.update(bytes, offset, read);
        count += read;
        body.sent(read);
      }
      if ((count == body.descriptor().size() && read > 0) || read < 0) {
        requireSame();
      }
      return read;
    } catch (IOException | RuntimeException e) {
      failure = Optional.of(e);
      throw e;
    }
  }

  // Before the last bytes are handed on.
  private void requireSame() throws IOException {
    if (checked) {
      return;
    }
    checked = true;
    if (count != body.descriptor().size() || !body.descriptor().digest().isOf(hash.digest())) {
      throw new IOException("The bytes of " + body.descriptor().digest() + " have another digest");
    }
  }

  private boolean checked;
}
