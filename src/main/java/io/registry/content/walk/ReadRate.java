package io.registry.content.walk;

import java.util.concurrent.TimeUnit;
import org.springframework.util.unit.DataSize;

/** Holds back readers so that all of them together read only so many bytes in a second. */
public final class ReadRate {
  private static final long NANOS = TimeUnit.SECONDS.toNanos(1);

  private final long bytesPerSecond;
  private long next = System.nanoTime();

  /** So many bytes in a second. */
  public ReadRate(DataSize rate) {
    this.bytesPerSecond = rate.toBytes();
  }

  /**
   * Waits until the bytes that were read may be followed by others, or the thread is told to end.
   */
  public void passed(int bytes) {
    try {
      TimeUnit.NANOSECONDS.sleep(delay(bytes));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** How many nanoseconds the reader waits until it may go on, after it has read so many bytes. */
  public synchronized long delay(int bytes) {
    long now = System.nanoTime();
    next = Math.max(now, next) + bytes * NANOS / bytesPerSecond;
    return next - now;
  }
}
