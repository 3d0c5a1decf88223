package io.registry.platform.client;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import java.util.function.Supplier;

/** Reads the body of a response up to a size, and closes the connection when it is longer. */
public final class BoundedBody implements BodySubscriber<byte[]> {
  private static final Subscription NONE =
      new Subscription() {
        @Override
        public void request(long count) {}

        @Override
        public void cancel() {}
      };

  private final long limit;
  private final Optional<Supplier<? extends RuntimeException>> tooLong;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final CompletableFuture<byte[]> body = new CompletableFuture<>();
  private Subscription subscription = NONE;

  private BoundedBody(long limit, Optional<Supplier<? extends RuntimeException>> tooLong) {
    this.limit = limit;
    this.tooLong = tooLong;
  }

  /**
   * Reads a complete body.
   *
   * @param limit the largest number of bytes
   * @param tooLong the exception for a longer body
   */
  public static BoundedBody whole(long limit, Supplier<? extends RuntimeException> tooLong) {
    return new BoundedBody(limit, Optional.of(tooLong));
  }

  /**
   * Reads the beginning of a body.
   *
   * @param limit the largest number of bytes; the rest is discarded
   */
  public static BoundedBody beginning(int limit) {
    return new BoundedBody(limit, Optional.empty());
  }

  @Override
  public void onSubscribe(Subscription from) {
    subscription = from;
    from.request(Long.MAX_VALUE);
  }

  @Override
  public void onNext(List<ByteBuffer> parts) {
    for (ByteBuffer part : parts) {
      byte[] taken = new byte[(int) Math.min(part.remaining(), limit - bytes.size())];
      part.get(taken);
      bytes.writeBytes(taken);
      if (part.hasRemaining()) {
        subscription.cancel();
        tooLong.ifPresentOrElse(
            failure -> body.completeExceptionally(failure.get()), this::onComplete);
        return;
      }
    }
  }

  @Override
  public void onError(Throwable failure) {
    body.completeExceptionally(failure);
  }

  @Override
  public void onComplete() {
    body.complete(bytes.toByteArray());
  }

  @Override
  public CompletionStage<byte[]> getBody() {
    return body;
  }
}
