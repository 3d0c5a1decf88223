package io.registry.access.auth;

import io.registry.platform.client.BoundedBody;
import io.registry.platform.client.CallFailure;
import io.registry.platform.client.ServerGuard;
import io.registry.platform.concurrent.Deadline;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;
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
   * @throws CallFailure when it has not
   */
  IndexAnswer send(HttpRequest request, Deadline deadline) {
    CompletableFuture<HttpResponse<byte[]>> answer =
        http.get().sendAsync(request, head -> BoundedBody.whole(answerSize, this::tooLong));
    HttpResponse<byte[]> response = ServerGuard.await(answer, deadline);
    return new IndexAnswer(
        response.statusCode(),
        response.body(),
        response.headers().firstValue("X-Docker-Token").orElse(""));
  }

  private CallFailure tooLong() {
    return new CallFailure(
        CallFailure.Kind.ANSWER, "it answers with more than " + answerSize + " bytes");
  }
}
