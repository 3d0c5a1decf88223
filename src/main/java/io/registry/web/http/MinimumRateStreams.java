package io.registry.web.http;

import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * Streams that abort the transfer of a layer when the client is too slow. Time that the store takes
 * does not count.
 */
public final class MinimumRateStreams {
  private final CurrentLimits limits;

  /**
   * Creates the factory.
   *
   * @param limits define what is too slow
   */
  public MinimumRateStreams(CurrentLimits limits) {
    this.limits = limits;
  }

  /** Wraps a request body; the wrapper throws when the client sends too slowly. */
  public InputStream of(InputStream body) {
    return isBounded() ? new PacedInput(body, limits.get()) : body;
  }

  /** Wraps a response body; the wrapper throws when the client reads too slowly. */
  public OutputStream of(OutputStream answer) {
    return isBounded() ? new PacedOutput(answer, limits.get()) : answer;
  }

  private boolean isBounded() {
    return limits.get().transferRate().toBytes() > 0;
  }

  /** Adds up the time spent waiting for the client, and the bytes moved. */
  private static final class Waits {
    private final Pace pace;
    private long waited;
    private long moved;

    Waits(LimitProperties limits) {
      this.pace = new Pace(limits, 0, 0);
    }

    void add(long nanos, int bytes) throws IOException {
      waited += nanos;
      moved += bytes;
      if (pace.isTooSlow(waited, moved)) {
        throw new IOException("the client is too slow");
      }
    }
  }

  private static final class PacedInput extends FilterInputStream {
    private final Waits waits;

    PacedInput(InputStream body, LimitProperties limits) {
      super(body);
      this.waits = new Waits(limits);
    }

    @Override
    public int read() throws IOException {
      long began = System.nanoTime();
      int next = super.read();
      waits.add(System.nanoTime() - began, next < 0 ? 0 : 1);
      return next;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      long began = System.nanoTime();
      int count = super.read(buffer, offset, length);
      if (count >= 0) {
        waits.add(System.nanoTime() - began, count);
      }
      return count;
    }
  }

  private static final class PacedOutput extends FilterOutputStream {
    private final Waits waits;

    PacedOutput(OutputStream answer, LimitProperties limits) {
      super(answer);
      this.waits = new Waits(limits);
    }

    @Override
    public void write(int next) throws IOException {
      long began = System.nanoTime();
      out.write(next);
      waits.add(System.nanoTime() - began, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      long began = System.nanoTime();
      out.write(bytes, offset, length);
      waits.add(System.nanoTime() - began, length);
    }
  }
}
