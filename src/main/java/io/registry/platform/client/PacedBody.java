package io.registry.platform.client;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpTimeoutException;
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
 * The body of an answer that one thread reads. Reading fails when nothing comes for too long: the
 * JDK's own stream would wait for ever. The connection waits for the reader, so that only the last
 * requested part is in memory.
 */
public final class PacedBody implements BodySubscriber<PacedBody>, AutoCloseable {
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private @Nullable Subscription subscription;
  private long wanted;
  private boolean closed;
  private boolean ended;
  private final String sender;

  /** An event of the body: received bytes, its end, or its failure. */
  private record Event(List<ByteBuffer> bytes, boolean last, @Nullable Throwable failure) {}

  /**
   * A body.
   *
   * @param sender what breaks off, as the first word of a message
   */
  public PacedBody(String sender) {
    this.sender = sender;
  }

  @Override
  public CompletionStage<PacedBody> getBody() {
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
   * @throws HttpTimeoutException when nothing arrives for that long
   * @throws InterruptedIOException when the thread is interrupted
   * @throws IOException when the connection breaks off
   */
  public List<ByteBuffer> next(long longest) throws IOException {
    while (!ended) {
      request();
      Event event = poll(longest);
      if (event.failure() != null) {
        throw new IOException(
            sender + " broke off: " + event.failure().getMessage(), event.failure());
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
        throw new HttpTimeoutException("nothing has come for too long");
      }
      return event;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("the registry is being stopped");
    }
  }

  private synchronized void request() {
    if (subscription == null) {
      wanted++;
    } else {
      subscription.request(1);
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
