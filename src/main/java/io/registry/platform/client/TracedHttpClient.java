package io.registry.platform.client;

import io.registry.platform.trace.TracedPart;
import io.registry.platform.trace.Traces;
import java.io.IOException;
import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * Decorates an HTTP client with tracing: sends trace headers with each request, and records the
 * result.
 */
final class TracedHttpClient extends HttpClient {
  private final HttpClient http;
  private final Traces traces;

  TracedHttpClient(HttpClient http, Traces traces) {
    this.http = http;
    this.traces = traces;
  }

  @Override
  public <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> body)
      throws IOException, InterruptedException {
    try (TracedPart part = begin(request)) {
      try {
        HttpResponse<T> response = http.send(withHeaders(request, part), body);
        note(part, response);
        return response;
      } catch (IOException | InterruptedException | RuntimeException e) {
        part.fail(e);
        throw e;
      }
    }
  }

  @Override
  public <T> CompletableFuture<HttpResponse<T>> sendAsync(
      HttpRequest request, HttpResponse.BodyHandler<T> body) {
    TracedPart part = begin(request);
    return ended(part, http.sendAsync(withHeaders(request, part), body));
  }

  @Override
  public <T> CompletableFuture<HttpResponse<T>> sendAsync(
      HttpRequest request,
      HttpResponse.BodyHandler<T> body,
      HttpResponse.@Nullable PushPromiseHandler<T> pushes) {
    TracedPart part = begin(request);
    return ended(part, http.sendAsync(withHeaders(request, part), body, pushes));
  }

  // Returns the future itself: cancelling a dependent future would not abort the request.
  private static <T> CompletableFuture<HttpResponse<T>> ended(
      TracedPart part, CompletableFuture<HttpResponse<T>> answer) {
    var unused =
        answer.whenComplete(
            (response, failure) -> {
              if (failure == null) {
                note(part, response);
              } else {
                part.fail(
                    failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure);
              }
              part.close();
            });
    return answer;
  }

  private TracedPart begin(HttpRequest request) {
    TracedPart part = traces.begin(request.method() + " " + request.uri().getHost());
    part.note("http.request.method", request.method());
    part.note("server.address", request.uri().getHost());
    part.note("url.path", request.uri().getRawPath());
    return part;
  }

  private static void note(TracedPart part, HttpResponse<?> response) {
    part.note("http.response.status_code", String.valueOf(response.statusCode()));
  }

  private static HttpRequest withHeaders(HttpRequest request, TracedPart part) {
    HttpRequest.Builder more = HttpRequest.newBuilder(request, (name, value) -> true);
    part.headers().forEach(more::setHeader);
    return more.build();
  }

  @Override
  public Optional<CookieHandler> cookieHandler() {
    return http.cookieHandler();
  }

  @Override
  public Optional<Duration> connectTimeout() {
    return http.connectTimeout();
  }

  @Override
  public Redirect followRedirects() {
    return http.followRedirects();
  }

  @Override
  public Optional<ProxySelector> proxy() {
    return http.proxy();
  }

  @Override
  public SSLContext sslContext() {
    return http.sslContext();
  }

  @Override
  public SSLParameters sslParameters() {
    return http.sslParameters();
  }

  @Override
  public Optional<Authenticator> authenticator() {
    return http.authenticator();
  }

  @Override
  public Version version() {
    return http.version();
  }

  @Override
  public Optional<Executor> executor() {
    return http.executor();
  }
}
