package io.registry.upstream.v2;

import io.registry.platform.client.PacedBody;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The body of an answer as a stream for one thread. */
final class StreamedBody extends InputStream {
  private final PacedBody body;
  private final Duration patience;
  private final Deque<ByteBuffer> parts = new ArrayDeque<>();
  private boolean ended;

  private StreamedBody(PacedBody body, Duration patience) {
    this.body = body;
    this.patience = patience;
  }

  /**
   * Receives a body.
   *
   * @param patience how long a read may wait
   */
  static BodySubscriber<InputStream> subscriber(Duration patience) {
    return BodySubscribers.mapping(
        new PacedBody("the connection"), body -> new StreamedBody(body, patience));
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
      ByteBuffer first = parts.peek();
      if (first == null) {
        List<ByteBuffer> more = next();
        ended = more.isEmpty();
        parts.addAll(more);
      } else if (first.hasRemaining()) {
        int count = Math.min(length, first.remaining());
        first.get(bytes, offset, count);
        return count;
      } else {
        parts.remove();
      }
    }
    return -1;
  }

  private List<ByteBuffer> next() throws IOException {
    try {
      return body.next(patience.toNanos());
    } catch (HttpTimeoutException e) {
      throw new IOException("nothing has come for " + patience.toSeconds() + " seconds", e);
    } catch (InterruptedIOException e) {
      throw new RemoteException("The copy was interrupted", e);
    }
  }

  /** Gives up the connection when there is more to come. */
  @Override
  public void close() {
    ended = true;
    parts.clear();
    body.close();
  }
}
