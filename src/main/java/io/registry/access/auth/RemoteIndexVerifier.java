package io.registry.access.auth;

import io.registry.content.image.ImageId;
import io.registry.content.repository.RepositoryName;
import io.registry.platform.client.CallFailure;
import io.registry.platform.client.CallFailure.Kind;
import io.registry.platform.client.ServerGuard;
import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/**
 * Verifies tokens with a remote index (protocol 2.5). The index allows with status 200, or 201 when
 * a push begins, and refuses with any other 2xx or 4xx status. Any other status, and no answer at
 * all, is a failure, which grants access to no caller (protocol 10.2, F8).
 */
public final class RemoteIndexVerifier implements TokenVerifier {
  /** The 4xx statuses that are about the connection or the load, and not about the token. */
  private static final Set<Integer> NO_ANSWERS = Set.of(407, 408, 425, 429);

  private static final int CREATED = 201;

  private final String endpoint;
  private final ServerGuard guard;
  private final IndexClient client;
  private final JsonCodec codec;

  /**
   * Creates a verifier.
   *
   * @param endpoint URL of the index, without a slash at its end
   * @param guard protects the registry from an index that fails
   * @param client sends the questions
   * @param codec parses the answers
   */
  RemoteIndexVerifier(String endpoint, ServerGuard guard, IndexClient client, JsonCodec codec) {
    this.endpoint = endpoint;
    this.guard = guard;
    this.client = client;
    this.codec = codec;
  }

  /**
   * {@inheritDoc}
   *
   * <p>Name and password in place of a token count as a claim, too: for {@code READ} and {@code
   * WRITE}, and never for {@code DELETE}, about which an index cannot be asked.
   */
  @Override
  public Optional<Grant> verify(AccessToken token) {
    boolean isPassword = TokenHeader.parse(token.header()) instanceof TokenHeader.Foreign;
    if (isPassword && !isAllowedWithPassword(token)) {
      return Optional.empty();
    }
    return ask(
        "images",
        token,
        "images",
        answer -> Optional.of(new Grant("", token.repository(), token.access(), images(answer))));
  }

  // The list of images is for who reads, so it says nothing about a push.
  private boolean isAllowedWithPassword(AccessToken claim) {
    return switch (claim.access()) {
      case READ -> true;
      case WRITE ->
          ask("push", push(claim.repository(), claim.header()), answer -> Optional.of(true))
              .isPresent();
      case DELETE -> false;
    };
  }

  @Override
  public boolean mayAccess(AccessToken token, ImageId image) {
    return ask(
            "access",
            token,
            "layer/" + image + "/access",
            answer ->
                Optional.of(image).filter(id -> json(answer).path("access").booleanValue(false)))
        .isPresent();
  }

  /**
   * Asks for a token, as a V1 client does before it pulls or pushes. Before a push, the client
   * names the images that it is about to send; here it names none.
   *
   * @param authorization name and password as a header has them; empty for none
   * @param repository the repository
   * @param access {@code READ} or {@code WRITE}; an index gives no other token for this
   * @return nothing when the index gives none, or one for something else
   * @throws RegistryException {@code UNAVAILABLE} when the index cannot be asked
   */
  public Optional<AccessToken> token(
      String authorization, RepositoryName repository, Access access) {
    HttpRequest request =
        access == Access.WRITE
            ? push(repository, authorization)
            : get(url(repository, "images"), authorization, "X-Docker-Token", "true");
    return ask(
        "token",
        request,
        answer ->
            TokenHeader.token("Token " + answer.token())
                .filter(token -> token.repository().equals(repository))
                .filter(token -> token.access().covers(access)));
  }

  /**
   * Asks whether name and password belong together, as a V1 client does that logs in.
   *
   * @param authorization name and password as a header has them
   * @throws RegistryException {@code UNAVAILABLE} when the index cannot be asked
   */
  boolean isUser(String authorization) {
    return ask(
            "sign-in",
            get(URI.create(endpoint + "/v1/users/"), authorization),
            answer -> Optional.of(true))
        .isPresent();
  }

  private static HttpRequest get(URI url, String authorization, String... headers) {
    return request(url, authorization, headers).build();
  }

  private HttpRequest push(RepositoryName repository, String authorization) {
    return request(
            url(repository, ""),
            authorization,
            "X-Docker-Token",
            "true",
            "Content-Type",
            "application/json")
        .PUT(HttpRequest.BodyPublishers.ofString("[]"))
        .build();
  }

  private static HttpRequest.Builder request(URI url, String authorization, String... headers) {
    HttpRequest.Builder request = HttpRequest.newBuilder(url).header("Accept", "application/json");
    if (headers.length > 0) {
      request.headers(headers);
    }
    if (!authorization.isEmpty()) {
      request.header("Authorization", authorization);
    }
    return request;
  }

  /**
   * Pings the index.
   *
   * @return whether it answers; false while the circuit breaker is open
   */
  public boolean isAnswering() {
    try {
      HttpRequest ping = get(URI.create(endpoint + "/v1/_ping"), "");
      guard.ask("ping", deadline -> Optional.of(isYes(client.send(ping, deadline).status())));
      return true;
    } catch (CallFailure e) {
      return false;
    }
  }

  private <V> Optional<V> ask(
      String question,
      AccessToken token,
      String resource,
      Function<IndexAnswer, Optional<V>> allowed) {
    return ask(question, get(url(token.repository(), resource), token.header()), allowed);
  }

  private <V> Optional<V> ask(
      String question, HttpRequest request, Function<IndexAnswer, Optional<V>> allowed) {
    try {
      return guard.ask(
          question,
          deadline -> {
            IndexAnswer answer = client.send(request, deadline);
            return isYes(answer.status()) || isCreated(request, answer)
                ? allowed.apply(answer)
                : Optional.empty();
          });
    } catch (CallFailure e) {
      throw new RegistryException(Problem.UNAVAILABLE, "The index does not answer", e);
    }
  }

  // Each part becomes exactly one segment of the path, whatever characters it contains.
  private URI url(RepositoryName repository, String resource) {
    return URI.create(
        "%s/v1/repositories/%s/%s/%s"
            .formatted(
                endpoint, segment(repository.namespace()), segment(repository.name()), resource));
  }

  private static String segment(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20").replace("*", "%2A");
  }

  // Daemons take that for a yes when they begin a push.
  private static boolean isCreated(HttpRequest request, IndexAnswer answer) {
    return request.method().equals("PUT") && answer.status() == CREATED;
  }

  private static boolean isYes(int status) {
    if (status >= 500) {
      throw new CallFailure(Kind.TRANSIENT, "it answers with " + status);
    }
    if (status < 200 || (status >= 300 && status < 400) || NO_ANSWERS.contains(status)) {
      throw new CallFailure(Kind.PERMANENT, "it answers with " + status);
    }
    return status == 200;
  }

  private JsonNode json(IndexAnswer answer) {
    return codec
        .parseUntrusted(answer.body())
        .orElseThrow(() -> new CallFailure(Kind.PERMANENT, "it answers with what is not JSON"));
  }

  // Some languages encode an empty list as a JSON object; the original accepted that, too.
  private Set<ImageId> images(IndexAnswer answer) {
    JsonNode list = json(answer);
    if (!list.isArray() && !(list.isObject() && list.isEmpty())) {
      throw new CallFailure(Kind.PERMANENT, "it answers with what is no list");
    }
    Set<ImageId> images = new HashSet<>();
    for (JsonNode element : list) {
      ImageId.find(element.path("id").stringValue("")).ifPresent(images::add);
    }
    return images;
  }
}
