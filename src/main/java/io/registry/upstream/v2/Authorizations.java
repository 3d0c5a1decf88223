package io.registry.upstream.v2;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.registry.platform.json.JsonCodec;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * What a registry accepts from this client, by repository: name and password, or a token that its
 * token service gives for them (distribution, docs/content/spec/auth/token.md). For many threads.
 */
public final class Authorizations {
  private static final int MAX_REMEMBERED = 10_000;

  private final URI registry;
  private final Login login;
  private final String actions;
  private final JsonCodec codec;
  private final Cache<String, String> accepted =
      Caffeine.newBuilder().maximumSize(MAX_REMEMBERED).build();

  /**
   * Authorizations for a registry.
   *
   * @param registry its address
   * @param login what it is shown
   * @param actions what tokens are asked for, such as {@code pull,push}
   */
  public Authorizations(URI registry, Login login, String actions, JsonCodec codec) {
    this.registry = registry;
    this.login = login;
    this.actions = actions;
    this.codec = codec;
  }

  /**
   * A request to a token service.
   *
   * @param url where it goes
   * @param authorization its header {@code Authorization}; empty for none
   * @param form what is sent with {@code POST}; without it, the request is a {@code GET}
   */
  public record TokenRequest(URI url, Optional<String> authorization, Optional<String> form) {}

  /** Sends requests to a token service. */
  @FunctionalInterface
  public interface TokenService<E extends Exception> {
    /**
     * Sends a request.
     *
     * @return the answer; empty when the service gives no token
     */
    Optional<byte[]> send(TokenRequest request) throws E;
  }

  /** The header {@code Authorization} that the registry was last shown for a repository. */
  public Optional<String> find(String repository) {
    return Optional.ofNullable(accepted.getIfPresent(repository));
  }

  /** Forgets what the registry does not accept any more. */
  public void forget(String repository) {
    accepted.invalidate(repository);
  }

  /**
   * Finds out what the registry wants to see, and remembers it.
   *
   * @param repository empty for the registry itself
   * @param challenges the headers {@code WWW-Authenticate} of an answer with 401
   * @return whether there is something to show
   * @throws RemoteException when there is no token service that may get a password, or its answer
   *     makes no sense
   */
  public <E extends Exception> boolean renew(
      String repository, List<String> challenges, TokenService<E> service) throws E {
    Optional<Challenge> challenge = Challenge.of(challenges);
    if (challenge.isEmpty()) {
      return false;
    }
    Optional<String> shown =
        challenge.get().isBearer() ? token(repository, challenge.get(), service) : login.header();
    shown.ifPresent(header -> accepted.put(repository, header));
    return shown.isPresent();
  }

  private <E extends Exception> Optional<String> token(
      String repository, Challenge challenge, TokenService<E> service) throws E {
    URI address =
        challenge
            .tokenService(registry)
            .orElseThrow(
                () ->
                    new RemoteException(
                        "The registry names no token service that may get a password"));
    String scope =
        repository.isEmpty()
            ? challenge.get("scope")
            : "repository:%s:%s".formatted(repository, actions);
    Optional<byte[]> answer = service.send(request(challenge, address, scope));
    return answer.flatMap(
        bytes ->
            Challenge.authorization(
                codec
                    .parseUntrusted(bytes)
                    .orElseThrow(
                        () -> new RemoteException("The token service answers without JSON"))));
  }

  private TokenRequest request(Challenge challenge, URI address, String scope) {
    if (login.identityToken().isEmpty()) {
      return new TokenRequest(
          challenge.tokenRequest(address, scope), login.header(), Optional.empty());
    }
    return new TokenRequest(
        address,
        Optional.empty(),
        Optional.of(
            "grant_type=refresh_token&client_id=registry&service=%s&scope=%s&refresh_token=%s"
                .formatted(
                    encode(challenge.get("service")),
                    encode(scope),
                    encode(login.identityToken()))));
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
