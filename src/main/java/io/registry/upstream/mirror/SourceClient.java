package io.registry.upstream.mirror;

import io.registry.platform.client.CallFailure;
import io.registry.platform.client.CallFailure.Kind;
import io.registry.platform.client.ServerGuard;
import io.registry.platform.concurrent.Deadline;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Sends single requests to the source over HTTP/1.1. Follows a few redirects; a redirect to another
 * host is followed without the credentials, which are for the source only.
 */
final class SourceClient {
  private static final int MAX_REDIRECTS = 5;
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
  private static final int HTTP_PORT = 80;
  private static final int HTTPS_PORT = 443;

  private final Supplier<HttpClient> http;
  private final boolean insecureRedirects;

  /**
   * Creates a client.
   *
   * @param http supplies the HTTP client, which may be replaced
   * @param insecureRedirects whether a redirect may lead from https to http
   */
  SourceClient(Supplier<HttpClient> http, boolean insecureRedirects) {
    this.http = http;
    this.insecureRedirects = insecureRedirects;
  }

  /**
   * Sends one request.
   *
   * @param method GET or HEAD
   * @param url the URL to request
   * @param credentials for the host of that URL
   * @param headers additional headers, for every host
   * @param deadline the time by which the head of the answer must have arrived
   * @return the answer, which is not a redirect; the caller closes it
   * @throws CallFailure when there is no answer
   */
  SourceAnswer ask(
      String method,
      URI url,
      Credentials credentials,
      Map<String, String> headers,
      Deadline deadline) {
    URI at = url;
    boolean home = true;
    for (int hop = 0; hop <= MAX_REDIRECTS; hop++) {
      SourceAnswer answer =
          once(method, at, home ? credentials : Credentials.NONE, headers, deadline);
      if (!REDIRECTS.contains(answer.status())) {
        return answer;
      }
      answer.close();
      at = target(at, answer.header("Location").orElse(""));
      home = home && isSameOrigin(url, at);
    }
    throw new CallFailure(Kind.PERMANENT, "it redirects more than " + MAX_REDIRECTS + " times");
  }

  private SourceAnswer once(
      String method,
      URI url,
      Credentials credentials,
      Map<String, String> headers,
      Deadline deadline) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(url)
            .method(method, HttpRequest.BodyPublishers.noBody())
            .header("Accept-Encoding", "identity")
            .header("User-Agent", "registry-mirror");
    headers.forEach(request::header);
    if (!credentials.authorization().isEmpty()) {
      request.header("Authorization", credentials.authorization());
    }
    if (!credentials.cookie().isEmpty()) {
      request.header("Cookie", credentials.cookie());
    }
    CompletableFuture<HttpResponse<SourceBody>> answer =
        http.get().sendAsync(request.build(), head -> SourceBody.subscriber());
    return new SourceAnswer(ServerGuard.await(answer, deadline));
  }

  // Messages omit the target: redirects to object stores contain signatures.
  private URI target(URI from, String location) {
    URI to;
    try {
      to = from.resolve(location);
    } catch (IllegalArgumentException e) {
      throw new CallFailure(Kind.PERMANENT, "it redirects to what is no URL");
    }
    boolean secure = "https".equalsIgnoreCase(to.getScheme());
    if (location.isEmpty()
        || to.getHost() == null
        || to.getRawUserInfo() != null
        || !(secure || "http".equalsIgnoreCase(to.getScheme()))) {
      throw new CallFailure(Kind.PERMANENT, "it redirects to what is no URL of a server");
    }
    if (!secure && "https".equalsIgnoreCase(from.getScheme()) && !insecureRedirects) {
      throw new CallFailure(
          Kind.PERMANENT,
          "it redirects from https to http, which registry.mirror.insecure-redirects would allow");
    }
    return to;
  }

  private static boolean isSameOrigin(URI one, URI other) {
    return one.getScheme().equalsIgnoreCase(other.getScheme())
        && one.getHost().equalsIgnoreCase(other.getHost())
        && port(one) == port(other);
  }

  private static int port(URI url) {
    if (url.getPort() >= 0) {
      return url.getPort();
    }
    return "https".equalsIgnoreCase(url.getScheme()) ? HTTPS_PORT : HTTP_PORT;
  }
}
