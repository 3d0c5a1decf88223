package io.registry.content.files;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BooleanSupplier;

/**
 * Reads the stored bytes of a layer, counts them, and bounds the time. It ends a read by exceptions
 * that no decompressor mistakes for the end of the layer.
 */
final class LayerSource extends FilterInputStream {
  private final Clock clock;
  private final Instant deadline;
  private final Duration time;
  private final BooleanSupplier wanted;
  private long count;
  private boolean ended;

  /**
   * Creates the stream.
   *
   * @param in its bytes
   * @param clock measures the time
   * @param time how long reading may take
   * @param wanted whether to go on
   */
  LayerSource(InputStream in, Clock clock, Duration time, BooleanSupplier wanted) {
    super(in);
    this.clock = clock;
    this.time = time;
    this.deadline = clock.instant().plus(time);
    this.wanted = wanted;
  }

  /** The number of bytes read. */
  long count() {
    return count;
  }

  /**
   * Throws when the time is over or the work is cancelled.
   *
   * @throws AbandonedException when the work is cancelled
   */
  void check() {
    if (!wanted.getAsBoolean()) {
      throw new AbandonedException();
    }
    if (clock.instant().isAfter(deadline)) {
      throw LayerRefusals.tooSlow("it takes longer than " + time.toSeconds() + " seconds");
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    check();
    int read = super.read(bytes, offset, length);
    ended = read < 0;
    count += Math.max(read, 0);
    return read;
  }

  @Override
  public long skip(long bytes) throws IOException {
    return readNBytes((int) Math.min(bytes, 1024)).length;
  }

  /** Decompressors use this to detect whether another part follows; 1 makes them try to read. */
  @Override
  public int available() {
    return ended ? 0 : 1;
  }

  @Override
  public boolean markSupported() {
    return false;
  }

  /** Does nothing: the caller that opened the layer closes it. */
  @Override
  public void close() {}
}
