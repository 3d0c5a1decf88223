package io.registry.auth;

import io.registry.auth.IndexFailure.Kind;
import io.registry.image.ImageId;
import io.registry.json.JsonCodec;
import io.registry.problem.Problem;
import io.registry.problem.RegistryException;
import io.registry.repository.RepositoryName;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/**
 * Asks an index elsewhere (protocol 2.5). It says yes with 200 and no with another status of the
 * classes 2xx and 4xx; whatever else it says, or that it says nothing, is neither, and gives access
 * to nobody (protocol 10.2, F8).
 */
public final class RemoteIndexVerifier implements TokenVerifier {
  /**
   * Answers of the class 4xx that are about the registry or the moment, and not about the token.
   */
  private static final Set<Integer> NO_ANSWERS = Set.of(407, 408, 425, 429);

  private final String endpoint;
  private final GuardedIndex index;
  private final JsonCodec codec;

  /**
   * A verifier.
   *
   * @param endpoint URL of the index, without a slash at its end
   * @param index asks
   * @param codec reads the answers
   */
  RemoteIndexVerifier(String endpoint, GuardedIndex index, JsonCodec codec) {
    this.endpoint = endpoint;
    this.index = index;
    this.codec = codec;
  }

  @Override
  public Optional<Grant> verify(AccessToken token) {
    return ask(
        "images",
        token,
        "images",
        answer -> Optional.of(new Grant("", token.repository(), token.access(), images(answer))));
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
   * Asks for a token that reads a repository, as a V1 client does before it pulls.
   *
   * @param authorization name and password as a header has them; empty for none
   * @param repository the repository
   * @return nothing when the index gives none, or one for something else
   * @throws RegistryException {@code UNAVAILABLE} when the index cannot be asked
   */
  public Optional<AccessToken> token(String authorization, RepositoryName repository) {
    return ask(
        "token",
        url(repository, "images"),
        headers(authorization, Map.of("X-Docker-Token", "true")),
        answer ->
            AccessToken.parse("Token " + answer.token())
                .filter(token -> token.repository().equals(repository))
                .filter(token -> token.access().covers(Access.READ)));
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
            URI.create(endpoint + "/v1/users/"),
            headers(authorization, Map.of()),
            answer -> Optional.of(true))
        .isPresent();
  }

  private static Map<String, String> headers(String authorization, Map<String, String> others) {
    Map<String, String> headers = new HashMap<>(others);
    if (!authorization.isEmpty()) {
      headers.put("Authorization", authorization);
    }
    return headers;
  }

  /**
   * Asks the index for nothing in particular.
   *
   * @return whether there is an answer; not when it is left alone because too many questions got
   *     none
   */
  public boolean isAnswering() {
    try {
      Optional<Boolean> unused =
          index.ask(
              "ping",
              URI.create(endpoint + "/v1/_ping"),
              Map.of(),
              answer -> Optional.of(isYes(answer.status())));
      return true;
    } catch (IndexFailure e) {
      return false;
    }
  }

  private <V> Optional<V> ask(
      String question,
      AccessToken token,
      String resource,
      Function<IndexAnswer, Optional<V>> allowed) {
    return ask(
        question, url(token.repository(), resource), headers(token.header(), Map.of()), allowed);
  }

  private <V> Optional<V> ask(
      String question,
      URI url,
      Map<String, String> headers,
      Function<IndexAnswer, Optional<V>> allowed) {
    try {
      return index.ask(
          question,
          url,
          headers,
          answer -> isYes(answer.status()) ? allowed.apply(answer) : Optional.empty());
    } catch (IndexFailure e) {
      throw new RegistryException(Problem.UNAVAILABLE, "The index does not answer", e);
    }
  }

  // Each part is one segment of the path, whatever is in it.
  private URI url(RepositoryName repository, String resource) {
    return URI.create(
        "%s/v1/repositories/%s/%s/%s"
            .formatted(
                endpoint, segment(repository.namespace()), segment(repository.name()), resource));
  }

  private static String segment(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20").replace("*", "%2A");
  }

  private static boolean isYes(int status) {
    if (status >= 500) {
      throw new IndexFailure(Kind.TRANSIENT, "it answers with " + status);
    }
    if (status < 200 || (status >= 300 && status < 400) || NO_ANSWERS.contains(status)) {
      throw new IndexFailure(Kind.PERMANENT, "it answers with " + status);
    }
    return status == 200;
  }

  private JsonNode json(IndexAnswer answer) {
    return codec
        .parseUntrusted(answer.body())
        .orElseThrow(() -> new IndexFailure(Kind.PERMANENT, "it answers with what is not JSON"));
  }

  // An empty list is an object in the JSON of some languages; the original took it, too.
  private Set<ImageId> images(IndexAnswer answer) {
    JsonNode list = json(answer);
    if (!list.isArray() && !(list.isObject() && list.isEmpty())) {
      throw new IndexFailure(Kind.PERMANENT, "it answers with what is no list");
    }
    Set<ImageId> images = new HashSet<>();
    for (JsonNode element : list) {
      ImageId.find(element.path("id").stringValue("")).ifPresent(images::add);
    }
    return images;
  }
}
