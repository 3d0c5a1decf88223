package io.registry.auth;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;

/** Takes the body of an answer, up to a size, and closes the connection when more comes. */
final class BoundedBody implements BodySubscriber<byte[]> {
  private static final Subscription NONE =
      new Subscription() {
        @Override
        public void request(long count) {}

        @Override
        public void cancel() {}
      };

  private final long limit;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final CompletableFuture<byte[]> body = new CompletableFuture<>();
  private Subscription subscription = NONE;

  /**
   * Takes a body.
   *
   * @param limit so many bytes at most; a longer body fails with an {@link IndexFailure}
   */
  BoundedBody(long limit) {
    this.limit = limit;
  }

  @Override
  public void onSubscribe(Subscription from) {
    subscription = from;
    from.request(Long.MAX_VALUE);
  }

  @Override
  public void onNext(List<ByteBuffer> parts) {
    for (ByteBuffer part : parts) {
      if (part.remaining() > limit - bytes.size()) {
        subscription.cancel();
        body.completeExceptionally(
            new IndexFailure(
                IndexFailure.Kind.ANSWER, "it answers with more than " + limit + " bytes"));
        return;
      }
      byte[] taken = new byte[part.remaining()];
      part.get(taken);
      bytes.writeBytes(taken);
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
