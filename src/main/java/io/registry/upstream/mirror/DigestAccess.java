package io.registry.upstream.mirror;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.registry.platform.client.CallFailure;
import io.registry.platform.client.CallFailure.Kind;
import io.registry.platform.concurrent.Deadline;
import io.registry.platform.json.JsonCodec;
import io.registry.upstream.v2.Challenge;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * Sends V2 requests to the source with what it wants to see: name and password, or a token that its
 * token service gives for them (distribution, docs/content/spec/auth/token.md).
 */
final class DigestAccess {
  private static final Logger log = LoggerFactory.getLogger(DigestAccess.class);
  private static final int UNAUTHORIZED = 401;
  private static final int MAX_TOKENS = 10_000;
  private static final long MAX_ANSWER = 1024L * 1024;

  private final SourceClient client;
  private final URI source;
  private final Credentials own;
  private final JsonCodec codec;

  /** What the source has accepted, by repository. */
  private final Cache<String, Credentials> accepted =
      Caffeine.newBuilder().maximumSize(MAX_TOKENS).build();

  DigestAccess(SourceClient client, MirrorProperties settings, JsonCodec codec) {
    this.client = client;
    this.source = URI.create(settings.source());
    this.own = Credentials.of(settings);
    this.codec = codec;
  }

  /** Asks whether the source speaks V2. */
  SourceAnswer ping(Deadline deadline) {
    return client.ask("GET", URI.create(source + "/v2/"), Credentials.NONE, Map.of(), deadline);
  }

  /**
   * Sends a request.
   *
   * @param method GET or HEAD
   * @param repository the name of the repository at the source
   * @param path the path below the repository, with its query
   * @param accept which types of answers are wanted
   */
  SourceAnswer ask(
      String method, String repository, String path, String accept, Deadline deadline) {
    URI url = URI.create("%s/v2/%s/%s".formatted(source, repository, path));
    Map<String, String> headers = Map.of("Accept", accept);
    Credentials known = accepted.get(repository, name -> Credentials.NONE);
    SourceAnswer answer = client.ask(method, url, known, headers, deadline);
    if (answer.status() != UNAUTHORIZED) {
      return answer;
    }
    Optional<Credentials> renewed;
    try (answer) {
      renewed = credentials(repository, answer, deadline);
    }
    SourceAnswer again = client.ask(method, url, renewed.orElse(known), headers, deadline);
    if (again.status() == UNAUTHORIZED) {
      accepted.invalidate(repository);
      log.info("The source of the mirror does not accept the credentials for {}", repository);
    } else {
      renewed.ifPresent(shown -> accepted.put(repository, shown));
    }
    return again;
  }

  private Optional<Credentials> credentials(
      String repository, SourceAnswer answer, Deadline deadline) {
    Optional<Challenge> challenge = Challenge.of(answer.headers("WWW-Authenticate"));
    if (challenge.isEmpty()) {
      return Optional.empty();
    }
    return challenge.get().isBearer()
        ? token(repository, challenge.get(), deadline)
        : Optional.of(own);
  }

  private Optional<Credentials> token(String repository, Challenge challenge, Deadline deadline) {
    URI service =
        challenge
            .tokenService(source)
            .orElseThrow(
                () ->
                    new CallFailure(
                        Kind.ANSWER, "it names no token service that may get a password"));
    URI url = challenge.tokenRequest(service, "repository:" + repository + ":pull");
    try (SourceAnswer answer = client.ask("GET", url, own, Map.of(), deadline)) {
      if (!answer.isFound()) {
        return Optional.empty();
      }
      JsonNode json =
          codec
              .parseUntrusted(answer.body().readAll(MAX_ANSWER, deadline))
              .orElseThrow(
                  () -> new CallFailure(Kind.ANSWER, "its token service sends what is not JSON"));
      return Challenge.authorization(json).map(token -> new Credentials(token, ""));
    }
  }
}
