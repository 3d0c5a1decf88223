package io.registry.features.events;

import io.registry.platform.client.BoundedBody;
import io.registry.platform.client.CallFailure;
import io.registry.platform.client.CallFailure.Kind;
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

/** Sends signed POST requests to one URL, without retries. */
final class SignedPost implements AutoCloseable {
  private final Supplier<HttpClient> http;
  private final PostTarget target;
  private final int answerLimit;
  private final Clock clock;
  private final Map<UUID, CompletableFuture<?>> underWay = new ConcurrentHashMap<>();

  /**
   * Creates a sender.
   *
   * @param http supplies the HTTP client, which may be replaced
   * @param target the receiver
   * @param answerLimit the largest number of bytes of an answer that are kept
   * @param clock dates the signatures
   * @throws IllegalArgumentException when a header is not allowed
   */
  SignedPost(Supplier<HttpClient> http, PostTarget target, int answerLimit, Clock clock) {
    this.http = http;
    this.target = target;
    this.answerLimit = answerLimit;
    this.clock = clock;
    request("", "application/json", new byte[0]);
  }

  /**
   * Sends a request.
   *
   * @param id the same for each attempt
   * @param type the media type of the body
   * @param body the body
   * @return the answer, whatever its status, with the beginning of its body
   * @throws CallFailure when there is no answer in time, or the sender is closed; its message
   *     contains neither the URL nor a secret
   */
  HttpResponse<byte[]> send(String id, String type, byte[] body) {
    return send(id, type, body, target.timeout());
  }

  /** Sends a request with a shorter timeout. */
  HttpResponse<byte[]> send(String id, String type, byte[] body, Duration time) {
    CompletableFuture<HttpResponse<byte[]>> answer =
        http.get().sendAsync(request(id, type, body), head -> BoundedBody.beginning(answerLimit));
    UUID place = UUID.randomUUID();
    underWay.put(place, answer);
    try {
      return answer.get(time.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new CallFailure(
          Kind.TRANSIENT, "no answer within " + target.timeout().toMillis() + " ms", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CallFailure(Kind.NOT_ASKED, "interrupted", e);
    } catch (CancellationException e) {
      throw new CallFailure(Kind.TRANSIENT, "given up", e);
    } catch (ExecutionException e) {
      throw new CallFailure(Kind.TRANSIENT, name(e.getCause() == null ? e : e.getCause()), e);
    } finally {
      underWay.remove(place);
      answer.cancel(true);
    }
  }

  // Messages of exceptions may contain the URL.
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

  /** Aborts the requests in progress. */
  @Override
  public void close() {
    underWay.forEach((place, answer) -> answer.cancel(true));
  }
}
