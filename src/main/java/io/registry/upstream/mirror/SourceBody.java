package io.registry.upstream.mirror;

import io.registry.platform.client.CallFailure;
import io.registry.platform.client.CallFailure.Kind;
import io.registry.platform.client.PacedBody;
import io.registry.platform.concurrent.Deadline;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.util.List;

/** The body of an answer of the source, which one thread reads. */
final class SourceBody implements AutoCloseable {
  private final PacedBody parts;

  private SourceBody(PacedBody parts) {
    this.parts = parts;
  }

  static BodySubscriber<SourceBody> subscriber() {
    return BodySubscribers.mapping(new PacedBody("it"), SourceBody::new);
  }

  /**
   * Waits for more bytes, as {@link PacedBody#next}.
   *
   * @param longest up to how many nanoseconds
   */
  List<ByteBuffer> next(long longest) throws IOException {
    return parts.next(longest);
  }

  /**
   * Reads the whole body.
   *
   * @param limit the largest number of bytes
   * @param deadline the time by which it must have arrived
   * @throws CallFailure when it is longer, breaks off, or is late
   */
  byte[] readAll(long limit, Deadline deadline) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    try {
      while (true) {
        List<ByteBuffer> some = next(deadline.nanosLeft());
        if (some.isEmpty()) {
          return all.toByteArray();
        }
        for (ByteBuffer part : some) {
          if (part.remaining() > limit - all.size()) {
            throw new CallFailure(Kind.ANSWER, "it answers with more than " + limit + " bytes");
          }
          byte[] taken = new byte[part.remaining()];
          part.get(taken);
          all.writeBytes(taken);
        }
      }
    } catch (IOException e) {
      throw new CallFailure(
          deadline.nanosLeft() > 0 ? Kind.TRANSIENT : Kind.PERMANENT,
          String.valueOf(e.getMessage()),
          e);
    }
  }

  /** Stops reading: closes the connection unless the body has ended. */
  @Override
  public void close() {
    parts.close();
  }
}
