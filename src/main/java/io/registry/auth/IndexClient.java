package io.registry.auth;

import io.registry.client.BoundedBody;
import io.registry.concurrent.Deadline;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Sends single requests to the remote index over HTTP/1.1, without following redirects and without
 * cookies.
 */
final class IndexClient {
  private final Supplier<HttpClient> http;
  private final long answerSize;

  /**
   * Creates a client.
   *
   * @param http supplies the HTTP client, which may be replaced
   * @param answerSize the largest response body that is read, in bytes
   */
  IndexClient(Supplier<HttpClient> http, long answerSize) {
    this.http = http;
    this.answerSize = answerSize;
  }

  /**
   * Sends one request.
   *
   * @param request the request
   * @param deadline the time by which the whole answer must have arrived
   * @throws IndexFailure when it has not
   */
  IndexAnswer send(HttpRequest request, Deadline deadline) {
    CompletableFuture<HttpResponse<byte[]>> answer =
        http.get().sendAsync(request, head -> BoundedBody.whole(answerSize, this::tooLong));
    try {
      HttpResponse<byte[]> response = answer.get(deadline.nanosLeft(), TimeUnit.NANOSECONDS);
      return new IndexAnswer(
          response.statusCode(),
          response.body(),
          response.headers().firstValue("X-Docker-Token").orElse(""));
    } catch (TimeoutException e) {
      answer.cancel(true);
      throw new IndexFailure(IndexFailure.Kind.PERMANENT, "it has not answered in time", e);
    } catch (InterruptedException e) {
      answer.cancel(true);
      Thread.currentThread().interrupt();
      throw new IndexFailure(IndexFailure.Kind.NOT_ASKED, "the question was given up", e);
    } catch (ExecutionException e) {
      throw failure(e.getCause() == null ? e : e.getCause());
    }
  }

  private IndexFailure tooLong() {
    return new IndexFailure(
        IndexFailure.Kind.ANSWER, "it answers with more than " + answerSize + " bytes");
  }

  private static IndexFailure failure(Throwable cause) {
    for (Throwable each = cause; each != null; each = each.getCause()) {
      if (each instanceof IndexFailure failure) {
        return failure;
      }
    }
    boolean passing = cause instanceof IOException || cause instanceof CancellationException;
    return new IndexFailure(
        passing ? IndexFailure.Kind.TRANSIENT : IndexFailure.Kind.PERMANENT,
        cause.toString(),
        cause);
  }
}
