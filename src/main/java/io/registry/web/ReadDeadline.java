package io.registry.web;

import jakarta.servlet.http.HttpServletRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.function.Consumer;

/** Reads the whole of a small body within a time, however the client spreads its bytes. */
public final class ReadDeadline {
  /** The request's attribute for what sets how long its next bytes are waited for. */
  public static final String WAITING = ReadDeadline.class.getName() + ".WAITING";

  private static final int BUFFER = 8 * 1024;

  private ReadDeadline() {}

  /**
   * Reads.
   *
   * @param request whose body it is, not read from yet
   * @param most bytes that are read at most
   * @param time how long it may take in all
   * @return the bytes
   * @throws IOException when the body breaks off, or takes longer
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
