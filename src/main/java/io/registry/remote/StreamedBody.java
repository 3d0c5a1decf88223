package io.registry.remote;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The body of an answer as a stream for one thread. Reading fails when nothing comes for too long:
 * the JDK's own stream would wait for ever. The connection waits for the reader, so that only what
 * came last is in memory.
 */
final class StreamedBody extends InputStream implements BodySubscriber<InputStream> {
  private final Duration patience;
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private final CompletableFuture<Subscription> subscription = new CompletableFuture<>();
  private final Deque<ByteBuffer> parts = new ArrayDeque<>();
  private boolean ended;

  /** Bytes that have come, or the end. */
  private record Event(List<ByteBuffer> bytes, boolean last, Optional<Throwable> failure) {}

  /**
   * A body.
   *
   * @param patience how long a read may wait
   */
  StreamedBody(Duration patience) {
    this.patience = patience;
  }

  @Override
  public CompletionStage<InputStream> getBody() {
    return CompletableFuture.completedFuture(this);
  }

  @Override
  public void onSubscribe(Subscription from) {
    if (!subscription.complete(from)) {
      from.cancel();
      return;
    }
    from.request(1);
  }

  @Override
  public void onNext(List<ByteBuffer> bytes) {
    events.add(new Event(bytes, false, Optional.empty()));
  }

  @Override
  public void onError(Throwable failure) {
    events.add(new Event(List.of(), true, Optional.of(failure)));
  }

  @Override
  public void onComplete() {
    events.add(new Event(List.of(), true, Optional.empty()));
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
    ByteBuffer part = next();
    if (part == null) {
      return -1;
    }
    int count = Math.min(length, part.remaining());
    part.get(bytes, offset, count);
    return count;
  }

  private @Nullable ByteBuffer next() throws IOException {
    while (true) {
      ByteBuffer first = parts.peek();
      if (first != null && first.hasRemaining()) {
        return first;
      }
      if (first != null) {
        parts.remove();
      } else if (ended) {
        return null;
      } else {
        take(poll());
      }
    }
  }

  private void take(Event event) throws IOException {
    ended = event.last();
    parts.addAll(event.bytes());
    if (event.failure().isPresent()) {
      Throwable failure = event.failure().get();
      throw new IOException("the connection broke off: " + failure.getMessage(), failure);
    }
    if (!ended) {
      subscription.join().request(1);
    }
  }

  private Event poll() throws IOException {
    try {
      Event event = events.poll(patience.toNanos(), TimeUnit.NANOSECONDS);
      if (event == null) {
        throw new IOException("nothing has come for " + patience.toSeconds() + " seconds");
      }
      return event;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RemoteException("The copy was interrupted", e);
    }
  }

  /** Gives up the connection when there is more to come. */
  @Override
  public void close() {
    ended = true;
    parts.clear();
    CompletableFuture<Void> unused = subscription.thenAccept(Subscription::cancel);
  }
}
