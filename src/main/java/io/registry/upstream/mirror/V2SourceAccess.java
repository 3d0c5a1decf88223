package io.registry.upstream.mirror;

import io.registry.platform.client.CallFailure;
import io.registry.platform.client.CallFailure.Kind;
import io.registry.platform.concurrent.Deadline;
import io.registry.platform.json.JsonCodec;
import io.registry.upstream.v2.Authorizations;
import io.registry.upstream.v2.Authorizations.TokenRequest;
import io.registry.upstream.v2.Login;
import io.registry.upstream.v2.RemoteException;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends V2 requests to the source with what it wants to see: name and password, or a token that its
 * token service gives for them (distribution, docs/content/spec/auth/token.md).
 */
final class V2SourceAccess {
  private static final Logger log = LoggerFactory.getLogger(V2SourceAccess.class);
  private static final int UNAUTHORIZED = 401;
  private static final long MAX_ANSWER = 1024L * 1024;

  private final SourceClient client;
  private final URI source;
  private final Authorizations authorizations;

  V2SourceAccess(SourceClient client, MirrorProperties settings, JsonCodec codec) {
    this.client = client;
    this.source = URI.create(settings.source());
    Optional<String> own =
        Optional.of(Credentials.of(settings).authorization()).filter(header -> !header.isEmpty());
    this.authorizations = new Authorizations(source, new Login(own, ""), "pull", codec);
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
    SourceAnswer answer = client.ask(method, url, known(repository), headers, deadline);
    if (answer.status() != UNAUTHORIZED) {
      return answer;
    }
    try (answer) {
      authorizations.renew(
          repository, answer.headers("WWW-Authenticate"), request -> token(request, deadline));
    } catch (RemoteException e) {
      throw new CallFailure(Kind.ANSWER, String.valueOf(e.getMessage()), e);
    }
    SourceAnswer again = client.ask(method, url, known(repository), headers, deadline);
    if (again.status() == UNAUTHORIZED) {
      authorizations.forget(repository);
      log.info("The source of the mirror does not accept the credentials for {}", repository);
    }
    return again;
  }

  private Credentials known(String repository) {
    return credentials(authorizations.find(repository));
  }

  private Optional<byte[]> token(TokenRequest request, Deadline deadline) {
    Credentials shown = credentials(request.authorization());
    try (SourceAnswer answer = client.ask("GET", request.url(), shown, Map.of(), deadline)) {
      return answer.isFound()
          ? Optional.of(answer.body().readAll(MAX_ANSWER, deadline))
          : Optional.empty();
    }
  }

  private static Credentials credentials(Optional<String> authorization) {
    return authorization.map(header -> new Credentials(header, "")).orElse(Credentials.NONE);
  }
}
