package io.registry.web.v2;

import io.registry.auth.AccessRequest;
import io.registry.auth.AccessToken;
import io.registry.auth.Caller;
import io.registry.problem.RegistryException;
import io.registry.repository.RepositoryName;
import io.registry.web.access.CallerResolver;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Gives the tokens of V1 that a bearer token is made of: one implementation for each way of having
 * an index.
 */
interface TokenDesk {

  /**
   * Tells who sends a request that shows no bearer token, as {@link CallerResolver#of} does.
   *
   * @param request the request
   * @param target what it is about
   */
  Caller of(HttpServletRequest request, AccessRequest target);

  /**
   * Gives tokens.
   *
   * @param caller whom they are for
   * @param authorization the credentials of the caller as a header has them; empty for none
   * @param repositories what they are for; one that the caller gets none for is left out
   * @return first one for {@link V2Tokens#SIGN_IN}, then the others, without a scheme before them
   * @throws RegistryException {@code UNAVAILABLE} when that cannot be decided now
   */
  List<AccessToken> issue(Caller caller, String authorization, Set<RepositoryName> repositories);

  /**
   * Tells who has a token for a repository.
   *
   * @param token the token
   * @return nothing when it is not good
   */
  Optional<Caller> holder(AccessToken token);

  /**
   * Tells who has signed in.
   *
   * @param token the token for {@link V2Tokens#SIGN_IN}
   * @return the account or an anonymous caller; nothing when the token is not good
   */
  Optional<Caller> signedIn(AccessToken token);

  /** How long the tokens live. */
  Duration lifetime();
}
