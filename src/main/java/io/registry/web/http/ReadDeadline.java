package io.registry.web.http;

import jakarta.servlet.http.HttpServletRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Reads a small request body completely within a time limit, however the client spreads its bytes.
 */
public final class ReadDeadline {
  /** The request attribute with the callback that sets how long to wait for the next bytes. */
  public static final String WAITING = ReadDeadline.class.getName() + ".WAITING";

  private static final int BUFFER = 8 * 1024;

  private ReadDeadline() {}

  /**
   * Reads a body.
   *
   * @param request the request, not read from yet
   * @param most the largest number of bytes to read
   * @param time how long it may take in all
   * @return the bytes
   * @throws IOException when the connection breaks off, or the body takes longer
   */
  public static byte[] read(HttpServletRequest request, int most, Duration time)
      throws IOException {
    return read(request.getInputStream(), waiting(request), most, time);
  }

  static byte[] read(InputStream in, Consumer<Duration> waiting, int most, Duration time)
      throws IOException {
    long began = System.nanoTime();
    waiting.accept(time);
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    byte[] buffer = new byte[Math.min(BUFFER, most)];
    while (body.size() < most) {
      int count = in.read(buffer, 0, Math.min(buffer.length, most - body.size()));
      if (count < 0) {
        break;
      }
      body.write(buffer, 0, count);
      Duration left = time.minusNanos(System.nanoTime() - began);
      if (left.isNegative() || left.isZero()) {
        throw new IOException("the body took longer than " + time.toMillis() + " ms");
      }
      waiting.accept(left);
    }
    return body.toByteArray();
  }

  @SuppressWarnings("unchecked")
  private static Consumer<Duration> waiting(HttpServletRequest request) {
    return request.getAttribute(WAITING) instanceof Consumer<?> consumer
        ? (Consumer<Duration>) consumer
        : time -> {};
  }
}
