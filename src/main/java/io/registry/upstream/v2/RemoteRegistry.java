package io.registry.upstream.v2;

import io.registry.content.manifest.Descriptor;
import io.registry.content.manifest.Digest;
import io.registry.platform.client.BoundedBody;
import io.registry.platform.json.JsonCodec;
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
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Another registry, to which images are pushed, and from which {@link RemoteContent} pulls them
 * (OCI distribution-spec). What fails for now is tried again, with growing pauses. For many
 * threads.
 */
public final class RemoteRegistry {
  private static final int MAX_ANSWER = 64 * 1024 * 1024;
  private static final int MAX_TEXT = 300;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** What the slowest connection carries that is waited for, in bytes per second. */
  private static final long SLOWEST = 20_000;

  private static final Set<Integer> FOR_NOW = Set.of(408, 425, 429, 500, 502, 503, 504);
  private static final int UNAUTHORIZED = 401;
  static final int NOT_FOUND = 404;
  static final int OK = 200;
  private static final int CREATED = 201;
  private static final int ACCEPTED = 202;
  private static final int MULTIPLE = 300;
  private static final int BAD = 400;
  private static final String ALL_TYPES =
      "application/vnd.docker.distribution.manifest.v2+json,"
          + "application/vnd.docker.distribution.manifest.list.v2+json,"
          + "application/vnd.oci.image.manifest.v1+json,"
          + "application/vnd.oci.image.index.v1+json,*/*";

  private final Supplier<HttpClient> http;
  private final URI base;
  private final Login login;
  private final JsonCodec codec;
  private final Retries retries;
  private final Access access;

  /** What was last accepted, by the scope that it is for. */
  private final Map<String, String> authorizations = new ConcurrentHashMap<>();

  /**
   * A registry.
   *
   * @param http supplies the HTTP client, which must not follow redirects
   * @param base the URL without a path, such as {@code https://registry.example:5000}
   * @param login what the registry is shown
   * @param retries how often it is tried again, and after which pauses
   * @param access what is done there
   */
  public RemoteRegistry(
      Supplier<HttpClient> http,
      URI base,
      Login login,
      JsonCodec codec,
      Retries retries,
      Access access) {
    this.http = http;
    this.base = base;
    this.login = login;
    this.codec = codec;
    this.retries = retries;
    this.access = access;
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
   * How often a request is sent again, and after which pauses.
   *
   * @param attempts how often it is sent in all
   * @param first the first pause, which doubles each time
   * @param longest the longest pause
   */
  public record Retries(int attempts, Duration first, Duration longest) {}

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

  /**
   * Adds a blob to a repository, which another repository has.
   *
   * @return false when the registry wants the bytes
   */
  public boolean mount(String repository, Digest digest, String from) {
    URI uri =
        uri(
            "/v2/%s/blobs/uploads/?mount=%s&from=%s"
                .formatted(repository, encode(digest.toString()), encode(from)));
    HttpResponse<byte[]> answer =
        send(repository, "POST", uri, Map.of(), Optional.of(BodyPublishers.noBody()));
    if (answer.statusCode() == ACCEPTED) {
      cancel(repository, location(uri, answer));
      return false;
    }
    return answer.statusCode() == CREATED;
  }

  // The registry forgets it in the end, too.
  private void cancel(String repository, URI session) {
    send(repository, "DELETE", session, Map.of(), Optional.empty());
  }

  /**
   * Sends a blob.
   *
   * @throws RemoteException when the registry does not take it
   * @throws IOException when the content cannot be read, or is not that of the descriptor
   */
  public void upload(String repository, Body body) throws IOException {
    for (int attempt = 1; ; attempt++) {
      Optional<String> failure = tryUpload(repository, body, attempt);
      if (failure.isEmpty()) {
        return;
      }
      if (attempt >= retries.attempts()) {
        throw new RemoteException(
            "The blob %s could not be sent: %s"
                .formatted(body.descriptor().digest(), failure.get()));
      }
      pause(attempt, Optional.empty());
    }
  }

  // Returns why it may be tried again; a registry may have got the blob though its answer got lost.
  private Optional<String> tryUpload(String repository, Body body, int attempt) throws IOException {
    Descriptor blob = body.descriptor();
    if (attempt > 1 && hasBlob(repository, blob.digest())) {
      return Optional.empty();
    }
    URI begin = uri("/v2/" + repository + "/blobs/uploads/");
    HttpResponse<byte[]> session =
        send(repository, "POST", begin, Map.of(), Optional.of(BodyPublishers.noBody()));
    require(session, "POST of an upload", ACCEPTED);
    URI put = withDigest(location(begin, session), blob.digest());
    try (InputStream in = body.open();
        SentStream sent = new SentStream(in, body)) {
      BodyPublisher content =
          blob.size() == 0
              ? BodyPublishers.noBody()
              : BodyPublishers.fromPublisher(BodyPublishers.ofInputStream(() -> sent), blob.size());
      Duration patience = PATIENCE.plusSeconds(blob.size() / SLOWEST);
      try {
        HttpResponse<byte[]> answer =
            once(
                new Request(
                    repository,
                    "PUT",
                    put,
                    Map.of("Content-Type", "application/octet-stream"),
                    Optional.of(content),
                    patience),
                head -> whole());
        if (answer.statusCode() == CREATED) {
          return Optional.empty();
        }
        if (FOR_NOW.contains(answer.statusCode()) || answer.statusCode() == UNAUTHORIZED) {
          // A token may have expired while the blob was sent.
          authorizations.remove(repository);
          return Optional.of("status " + answer.statusCode());
        }
        throw refused(answer, "PUT of the blob " + blob.digest());
      } catch (IOException e) {
        if (sent.failure().isPresent()) {
          Exception cause = sent.failure().get();
          if (cause instanceof RuntimeException runtime) {
            throw runtime;
          }
          throw (IOException) cause;
        }
        return Optional.of(String.valueOf(e.getMessage()));
      }
    }
  }

  private static URI withDigest(URI location, Digest digest) {
    String separator = location.getRawQuery() == null ? "?" : "&";
    return URI.create(location + separator + "digest=" + encode(digest.toString()));
  }

  /**
   * The digest of a manifest there.
   *
   * @param reference a tag or a digest
   * @return empty when there is none
   */
  public Optional<Digest> manifest(String repository, String reference) {
    // Not the header: this is what others get.
    return getManifest(repository, reference)
        .map(
            answer ->
                Digest.find(reference)
                    .filter(digest -> digest.isDigestOf(answer.body()))
                    .orElseGet(() -> Digest.of(answer.body())));
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

  /**
   * Sends a manifest.
   *
   * @param reference the tag that it gets, or its digest
   */
  public void putManifest(String repository, String reference, String mediaType, byte[] bytes) {
    HttpResponse<byte[]> answer =
        send(
            repository,
            "PUT",
            uri("/v2/" + repository + "/manifests/" + reference),
            Map.of("Content-Type", mediaType),
            Optional.of(BodyPublishers.ofByteArray(bytes)));
    require(answer, "PUT of the manifest " + reference, CREATED);
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

  private static void require(HttpResponse<byte[]> answer, String what, int wanted) {
    if (answer.statusCode() != wanted) {
      throw refused(answer, what);
    }
  }

  // What the registry says goes into reports and to a terminal.
  private static RemoteException refused(HttpResponse<byte[]> answer, String what) {
    return refused(answer.statusCode(), answer.body(), what);
  }

  static RemoteException refused(int status, byte[] body, String what) {
    String text = new String(body, StandardCharsets.UTF_8).replaceAll("\\p{Cntrl}", " ");
    return new RemoteException(
        "The registry answers %s with %d %s"
            .formatted(what, status, text.substring(0, Math.min(text.length(), MAX_TEXT)).strip()));
  }

  private HttpResponse<byte[]> send(
      String repository,
      String method,
      URI uri,
      Map<String, String> headers,
      Optional<BodyPublisher> body) {
    return send(
        () -> once(new Request(repository, method, uri, headers, body, PATIENCE), head -> whole()));
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
        if (!FOR_NOW.contains(answer.statusCode()) || attempt >= retries.attempts()) {
          return answer;
        }
        retryAfter = answer.headers().firstValue("Retry-After");
      } catch (IOException e) {
        if (attempt >= retries.attempts()) {
          throw new RemoteException("%s does not answer: %s".formatted(base, reason(e)), e);
        }
      }
      pause(attempt, retryAfter);
    }
  }

  private static String reason(IOException failure) {
    return failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
  }

  /** How often something is tried in all. */
  int attempts() {
    return retries.attempts();
  }

  /**
   * Waits before the next attempt.
   *
   * @param attempt how many there were
   * @param retryAfter what the registry says of it, in seconds
   */
  void pause(int attempt, Optional<String> retryAfter) {
    long doubled = retries.first().toMillis() << Math.min(attempt - 1, 20);
    long told =
        retryAfter
            .filter(text -> text.matches("[0-9]{1,6}"))
            .map(text -> TimeUnit.SECONDS.toMillis(Long.parseLong(text)))
            .orElse(0L);
    long most = Math.min(retries.longest().toMillis(), Math.max(doubled, told));
    try {
      // Not all clients of a registry come back at once.
      TimeUnit.MILLISECONDS.sleep(most / 2 + ThreadLocalRandom.current().nextLong(most / 2 + 1));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RemoteException("The copy was interrupted", e);
    }
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
    Optional<String> authorization = authorize(request.repository(), answer);
    if (authorization.isEmpty()) {
      return answer;
    }
    authorizations.put(request.repository(), authorization.get());
    return exchange(withLogin(request), handler);
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
    Optional.ofNullable(authorizations.get(request.repository()))
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

  private Optional<String> authorize(String repository, HttpResponse<?> answer) throws IOException {
    Optional<Challenge> challenge = Challenge.of(answer.headers().allValues("WWW-Authenticate"));
    if (challenge.isEmpty()) {
      return Optional.empty();
    }
    return challenge.get().isBearer() ? token(repository, challenge.get()) : login.basic();
  }

  private Optional<String> token(String repository, Challenge challenge) throws IOException {
    URI service =
        challenge
            .tokenService(base)
            .orElseThrow(
                () ->
                    new RemoteException(
                        "The registry names no token service that may get a password"));
    String scope =
        repository.isEmpty()
            ? challenge.get("scope")
            : "repository:%s:%s".formatted(repository, access.actions);
    HttpResponse<byte[]> answer =
        exchange(tokenRequest(challenge, service, scope), head -> whole());
    require(answer, "the login", OK);
    return Challenge.authorization(
        codec
            .parseUntrusted(answer.body())
            .orElseThrow(() -> new RemoteException("The token service answers without JSON")));
  }

  private HttpRequest tokenRequest(Challenge challenge, URI service, String scope) {
    if (!login.identityToken().isEmpty()) {
      String form =
          "grant_type=refresh_token&client_id=registry&service=%s&scope=%s&refresh_token=%s"
              .formatted(
                  encode(challenge.get("service")), encode(scope), encode(login.identityToken()));
      return HttpRequest.newBuilder(service)
          .timeout(PATIENCE)
          .header("Content-Type", "application/x-www-form-urlencoded")
          .POST(BodyPublishers.ofString(form))
          .build();
    }
    HttpRequest.Builder request =
        HttpRequest.newBuilder(challenge.tokenRequest(service, scope)).timeout(PATIENCE);
    login.basic().ifPresent(basic -> request.header("Authorization", basic));
    return request.build();
  }
}
