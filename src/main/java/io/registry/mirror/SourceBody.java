package io.registry.mirror;

import io.registry.concurrent.Deadline;
import io.registry.mirror.SourceFailure.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The body of an answer as a stream that one thread reads. Only the last requested part is in
 * memory: the connection waits for the reader.
 */
final class SourceBody implements BodySubscriber<SourceBody>, AutoCloseable {
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private @Nullable Subscription subscription;
  private long wanted;
  private boolean closed;
  private boolean ended;

  /** An event of the body: received bytes, its end, or its failure. */
  private record Event(List<ByteBuffer> bytes, boolean last, @Nullable Throwable failure) {}

  @Override
  public CompletionStage<SourceBody> getBody() {
    return CompletableFuture.completedFuture(this);
  }

  @Override
  public synchronized void onSubscribe(Subscription from) {
    subscription = from;
    if (closed) {
      from.cancel();
    } else if (wanted > 0) {
      from.request(wanted);
    }
  }

  @Override
  public void onNext(List<ByteBuffer> bytes) {
    events.add(new Event(bytes, false, null));
  }

  @Override
  public void onError(Throwable failure) {
    events.add(new Event(List.of(), true, failure));
  }

  @Override
  public void onComplete() {
    events.add(new Event(List.of(), true, null));
  }

  /**
   * Waits for more bytes.
   *
   * @param longest up to how many nanoseconds
   * @return some bytes; none at the end
   * @throws IOException when the connection breaks off, or nothing arrives for that long
   */
  List<ByteBuffer> next(long longest) throws IOException {
    while (!ended) {
      request();
      Event event = poll(longest);
      if (event.failure() != null) {
        throw new IOException("it broke off: " + event.failure().getMessage(), event.failure());
      }
      ended = event.last();
      if (event.bytes().stream().anyMatch(ByteBuffer::hasRemaining)) {
        return event.bytes();
      }
    }
    return List.of();
  }

  private Event poll(long longest) throws IOException {
    try {
      Event event = events.poll(longest, TimeUnit.NANOSECONDS);
      if (event == null) {
        throw new IOException("nothing has come for too long");
      }
      return event;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("the registry is being stopped", e);
    }
  }

  private synchronized void request() {
    if (subscription == null) {
      wanted++;
    } else {
      subscription.request(1);
    }
  }

  /**
   * Reads the whole body.
   *
   * @param limit the largest number of bytes
   * @param deadline the time by which it must have arrived
   * @throws SourceFailure when it is longer, breaks off, or is late
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
            throw new SourceFailure(Kind.ANSWER, "it answers with more than " + limit + " bytes");
          }
          byte[] taken = new byte[part.remaining()];
          part.get(taken);
          all.writeBytes(taken);
        }
      }
    } catch (IOException e) {
      throw new SourceFailure(
          deadline.nanosLeft() > 0 ? Kind.TRANSIENT : Kind.PERMANENT,
          String.valueOf(e.getMessage()),
          e);
    }
  }

  /** Stops reading: closes the connection unless the body has ended. */
  @Override
  public synchronized void close() {
    closed = true;
    if (subscription != null && !ended) {
      subscription.cancel();
    }
  }
}
