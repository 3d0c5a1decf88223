package io.registry.content.image;

import java.io.IOException;
import java.io.OutputStream;

/** Counts written bytes against a client's share, and releases them unless they are kept. */
final class ReservedStream extends OutputStream {
  /** The number of bytes that are reserved at once. */
  private static final int STEP = 1024 * 1024;

  private final OutputStream out;
  private final StagingLedger.Request request;
  private final LayerWatch watch;
  private long reserved;
  private long written;
  private boolean kept;

  ReservedStream(OutputStream out, StagingLedger.Request request, LayerWatch watch) {
    this.watch = watch;
    this.out = out;
    this.request = request;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    while (written + length > reserved) {
      request.reserve(STEP);
      reserved += STEP;
    }
    out.write(bytes, offset, length);
    watch.seen(bytes, offset, length);
    written += length;
  }

  /** Keeps the reservation of the written bytes. */
  void keep() {
    kept = true;
  }

  /** Does not close the underlying stream. */
  @Override
  public void close() {
    request.release(kept ? reserved - written : reserved);
  }
}
