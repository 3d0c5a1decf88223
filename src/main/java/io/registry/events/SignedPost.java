package io.registry.events;

import io.registry.client.BoundedBody;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** Sends bodies to one URL, signed, once each, and waits for the answer. */
final class SignedPost implements AutoCloseable {
  private final Supplier<HttpClient> http;
  private final PostTarget target;
  private final int answerLimit;
  private final Clock clock;
  private final Map<UUID, CompletableFuture<?>> underWay = new ConcurrentHashMap<>();

  /**
   * A way to a receiver.
   *
   * @param http the connection, which may change
   * @param target the receiver
   * @param answerLimit so many bytes of an answer are kept at most
   * @param clock dates the signatures
   * @throws IllegalArgumentException when a header is none that can be set
   */
  SignedPost(Supplier<HttpClient> http, PostTarget target, int answerLimit, Clock clock) {
    this.http = http;
    this.target = target;
    this.answerLimit = answerLimit;
    this.clock = clock;
    HttpRequest unused = request("", "application/json", new byte[0]);
  }

  /**
   * Sends.
   *
   * @param id the same whenever the same is sent again
   * @param type the media type of the body
   * @param body what is sent
   * @return the answer, whatever its status, with the beginning of its body
   * @throws PostFailure when there is none in time, or it is no longer waited for
   */
  HttpResponse<byte[]> send(String id, String type, byte[] body) {
    return send(id, type, body, target.timeout());
  }

  /** The same, when there is less time than usual. */
  HttpResponse<byte[]> send(String id, String type, byte[] body, Duration time) {
    CompletableFuture<HttpResponse<byte[]>> answer =
        http.get().sendAsync(request(id, type, body), head -> BoundedBody.beginning(answerLimit));
    UUID place = UUID.randomUUID();
    underWay.put(place, answer);
    try {
      return answer.get(time.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new PostFailure("no answer within " + target.timeout().toMillis() + " ms", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PostFailure("interrupted", e);
    } catch (CancellationException e) {
      throw new PostFailure("given up", e);
    } catch (ExecutionException e) {
      throw new PostFailure(name(e.getCause() == null ? e : e.getCause()), e);
    } finally {
      Object unused = underWay.remove(place);
      unused = answer.cancel(true);
    }
  }

  // What exceptions say may be the URL.
  private static String name(Throwable failure) {
    return failure.getClass().getSimpleName();
  }

  private HttpRequest request(String id, String type, byte[] body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(target.url()))
            .header("Content-Type", type)
            .POST(BodyPublishers.ofByteArray(body));
    target.headers().forEach(request::setHeader);
    Map<String, String> signed = Signature.headers(target.secret(), id, clock.instant(), body);
    signed.forEach(request::setHeader);
    return request.build();
  }

  /** Waits no longer for what is under way. */
  @Override
  public void close() {
    underWay.forEach(
        (place, answer) -> {
          boolean unused = answer.cancel(true);
        });
  }
}
