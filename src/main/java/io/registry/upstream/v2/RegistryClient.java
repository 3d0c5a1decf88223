package io.registry.upstream.v2;

import io.registry.content.manifest.Digest;
import io.registry.platform.client.BoundedBody;
import io.registry.platform.json.JsonCodec;
import io.registry.upstream.v2.Authorizations.TokenRequest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Sends requests to another registry (OCI distribution-spec), with what it wants to see of the
 * client. What fails for now is tried again, with growing pauses. {@link RemoteContent} pulls with
 * it, {@link RemotePush} pushes. For many threads.
 */
public final class RegistryClient {
  private static final int MAX_ANSWER = 64 * 1024 * 1024;
  private static final int MAX_TEXT = 300;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** What the slowest connection carries that is waited for, in bytes per second. */
  private static final long SLOWEST = 20_000;

  static final int UNAUTHORIZED = 401;
  static final int NOT_FOUND = 404;
  static final int OK = 200;
  private static final int MULTIPLE = 300;
  private static final int BAD = 400;
  private static final String ALL_TYPES =
      "application/vnd.docker.distribution.manifest.v2+json,"
          + "application/vnd.docker.distribution.manifest.list.v2+json,"
          + "application/vnd.oci.image.manifest.v1+json,"
          + "application/vnd.oci.image.index.v1+json,"
          + "application/vnd.docker.distribution.manifest.v1+prettyjws,*/*";

  private final Supplier<HttpClient> http;
  private final URI base;
  private final Retries retries;
  private final Authorizations authorizations;

  /**
   * A registry.
   *
   * @param http supplies the HTTP client, which must not follow redirects
   * @param base the URL without a path, such as {@code https://registry.example:5000}
   * @param login what the registry is shown
   * @param retries how often it is tried again, and after which pauses
   * @param access what is done there
   */
  public RegistryClient(
      Supplier<HttpClient> http,
      URI base,
      Login login,
      JsonCodec codec,
      Retries retries,
      Access access) {
    this.http = http;
    this.base = base;
    this.retries = retries;
    this.authorizations = new Authorizations(base, login, access.actions, codec);
  }

  /** What is done in a registry, and asked for at its token service. */
  public enum Access {
    /** Images are read. */
    PULL("pull"),
    /** Images are read and written. */
    PUSH("pull,push");

    private final String actions;

    Access(String actions) {
      this.actions = actions;
    }
  }

  /**
   * Requires that there is a registry.
   *
   * @throws RemoteException when there is none, or it does not accept the login
   */
  public void requireThere() {
    HttpResponse<byte[]> answer = send("", "GET", uri("/v2/"), Map.of(), Optional.empty());
    require(answer, "GET /v2/", OK);
  }

  /** Whether a repository has a blob. */
  public boolean hasBlob(String repository, Digest digest) {
    HttpResponse<byte[]> answer =
        send(
            repository,
            "HEAD",
            uri("/v2/" + repository + "/blobs/" + digest),
            Map.of(),
            Optional.empty());
    // A redirect leads to the bytes.
    if (answer.statusCode() == OK || isRedirect(answer.statusCode())) {
      return true;
    }
    if (answer.statusCode() == NOT_FOUND) {
      return false;
    }
    throw refused(answer, "HEAD of the blob " + digest);
  }

  static boolean isRedirect(int status) {
    return status >= MULTIPLE && status < BAD;
  }

  /** The answer with a manifest; empty when there is none. */
  Optional<HttpResponse<byte[]>> getManifest(String repository, String reference) {
    return get(
        repository,
        uri("/v2/" + repository + "/manifests/" + reference),
        "GET of the manifest " + reference,
        Set.of(NOT_FOUND));
  }

  /**
   * Reads a document.
   *
   * @param absent the statuses that say that there is none
   * @return the answer; empty when there is none
   */
  Optional<HttpResponse<byte[]>> get(String repository, URI uri, String what, Set<Integer> absent) {
    HttpResponse<byte[]> answer =
        send(repository, "GET", uri, Map.of("Accept", ALL_TYPES), Optional.empty());
    if (absent.contains(answer.statusCode())) {
      return Optional.empty();
    }
    require(answer, what, OK);
    return Optional.of(answer);
  }

  URI uri(String path) {
    return base.resolve(path);
  }

  // An address of another host is the registry's own affair, but not an unencrypted one.
  URI location(URI of, HttpResponse<?> answer) {
    URI location =
        answer
            .headers()
            .firstValue("Location")
            .map(of::resolve)
            .orElseThrow(() -> new RemoteException("The registry answers without Location"));
    boolean isWeb = location.getHost() != null && location.getScheme().matches("https?");
    if (!isWeb || (of.getScheme().equals("https") && !location.getScheme().equals("https"))) {
      throw new RemoteException("The registry sends clients to " + location.getScheme() + ":");
    }
    return location;
  }

  static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  static void require(HttpResponse<byte[]> answer, String what, int wanted) {
    if (answer.statusCode() != wanted) {
      throw refused(answer, what);
    }
  }

  // What the registry says goes into reports and to a terminal.
  static RemoteException refused(HttpResponse<byte[]> answer, String what) {
    return refused(answer.statusCode(), answer.body(), what);
  }

  static RemoteException refused(int status, byte[] body, String what) {
    String text = new String(body, StandardCharsets.UTF_8).replaceAll("\\p{Cntrl}", " ");
    return new RemoteException(
        "The registry answers %s with %d %s"
            .formatted(what, status, text.substring(0, Math.min(text.length(), MAX_TEXT)).strip()));
  }

  HttpResponse<byte[]> send(
      String repository,
      String method,
      URI uri,
      Map<String, String> headers,
      Optional<BodyPublisher> body) {
    return send(
        () -> once(new Request(repository, method, uri, headers, body, PATIENCE), head -> whole()));
  }

  /** Sends bytes once, which may be read once only. Waits as long as a slow connection needs. */
  HttpResponse<byte[]> putOnce(String repository, URI uri, BodyPublisher content, long size)
      throws IOException {
    return once(
        new Request(
            repository,
            "PUT",
            uri,
            Map.of("Content-Type", "application/octet-stream"),
            Optional.of(content),
            PATIENCE.plusSeconds(size / SLOWEST)),
        head -> whole());
  }

  /** How often something is tried. */
  Retries retries() {
    return retries;
  }

  /** Forgets what was accepted for a repository: a token may have expired. */
  void forgetAuthorization(String repository) {
    authorizations.forget(repository);
  }

  /** Asks for bytes, which come as a stream when the answer has one of the statuses. */
  HttpResponse<InputStream> getStream(
      String repository, URI uri, Map<String, String> headers, Set<Integer> streamed) {
    Request request = new Request(repository, "GET", uri, headers, Optional.empty(), PATIENCE);
    return send(
        () ->
            once(
                request,
                head ->
                    streamed.contains(head.statusCode())
                        ? StreamedBody.subscriber(PATIENCE)
                        : BodySubscribers.mapping(whole(), ByteArrayInputStream::new)));
  }

  private static BodySubscriber<byte[]> whole() {
    return BoundedBody.whole(
        MAX_ANSWER, () -> new RemoteException("The registry's answer is too long"));
  }

  /** Sends a request. */
  private interface Attempt<T> {
    HttpResponse<T> send() throws IOException;
  }

  private <T> HttpResponse<T> send(Attempt<T> request) {
    for (int attempt = 1; ; attempt++) {
      Optional<String> retryAfter = Optional.empty();
      try {
        HttpResponse<T> answer = request.send();
        if (!Retries.isForNow(answer.statusCode()) || attempt >= retries.attempts()) {
          return answer;
        }
        retryAfter = answer.headers().firstValue("Retry-After");
      } catch (IOException e) {
        if (attempt >= retries.attempts()) {
          throw new RemoteException("%s does not answer: %s".formatted(base, reason(e)), e);
        }
      }
      retries.pause(attempt, retryAfter);
    }
  }

  private static String reason(IOException failure) {
    return failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
  }

  /** A request for a repository; that is empty for the registry itself. */
  private record Request(
      String repository,
      String method,
      URI uri,
      Map<String, String> headers,
      Optional<BodyPublisher> body,
      Duration patience) {

    // A body that is read while it is sent cannot be sent again.
    boolean isRepeatable() {
      boolean isUpload = method.equals("PUT") && uri.getPath().indexOf("/manifests/") < 0;
      return body.isEmpty() || body.get().contentLength() <= 0 || !isUpload;
    }
  }

  private <T> HttpResponse<T> once(Request request, BodyHandler<T> handler) throws IOException {
    HttpResponse<T> answer = exchange(withLogin(request), handler);
    if (answer.statusCode() != UNAUTHORIZED || !request.isRepeatable() || !isOwn(request.uri())) {
      return answer;
    }
    List<String> challenges = answer.headers().allValues("WWW-Authenticate");
    return authorizations.renew(request.repository(), challenges, this::token)
        ? exchange(withLogin(request), handler)
        : answer;
  }

  private boolean isOwn(URI uri) {
    return uri.getScheme().equals(base.getScheme())
        && String.valueOf(uri.getAuthority()).equals(base.getAuthority());
  }

  private HttpRequest withLogin(Request request) {
    HttpRequest.Builder built =
        HttpRequest.newBuilder(request.uri())
            .timeout(request.patience())
            .method(request.method(), request.body().orElseGet(BodyPublishers::noBody));
    request.headers().forEach(built::header);
    authorizations
        .find(request.repository())
        .filter(known -> isOwn(request.uri()))
        .ifPresent(known -> built.header("Authorization", known));
    return built.build();
  }

  private <T> HttpResponse<T> exchange(HttpRequest request, BodyHandler<T> handler)
      throws IOException {
    try {
      return http.get().send(request, handler);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RemoteException("The copy was interrupted", e);
    }
  }

  private Optional<byte[]> token(TokenRequest request) throws IOException {
    HttpRequest.Builder built = HttpRequest.newBuilder(request.url()).timeout(PATIENCE);
    request.authorization().ifPresent(header -> built.header("Authorization", header));
    request
        .form()
        .ifPresent(
            form ->
                built
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(BodyPublishers.ofString(form)));
    HttpResponse<byte[]> answer = exchange(built.build(), head -> whole());
    require(answer, "the login", OK);
    return Optional.of(answer.body());
  }
}
