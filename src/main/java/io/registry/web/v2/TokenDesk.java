package io.registry.web.v2;

import io.registry.access.auth.Access;
import io.registry.access.auth.AccessRequest;
import io.registry.access.auth.AccessToken;
import io.registry.access.auth.Caller;
import io.registry.content.repository.RepositoryName;
import io.registry.platform.problem.RegistryException;
import io.registry.web.access.CallerResolver;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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
   * Gives tokens, for what the caller may do of what it asks for. A right to read may be given
   * though the caller does not have it, because its absence would tell whether there is such a
   * repository: whether the caller has it is decided when it shows the token.
   *
   * @param caller whom they are for
   * @param authorization the credentials of the caller as a header has them; empty for none
   * @param wanted the repositories, and what the caller asks for in each
   * @return first one for {@link V2Tokens#SIGN_IN}, then the others, without a scheme before them
   * @throws RegistryException {@code UNAVAILABLE} when that cannot be decided now
   */
  List<AccessToken> issue(
      Caller caller, String authorization, Map<RepositoryName, Set<Access>> wanted);

  /**
   * Tells who has a token for a repository.
   *
   * @param token the token
   * @param signIn the token for {@link V2Tokens#SIGN_IN} that came with it
   * @return nothing when it is not good
   */
  Optional<Caller> holder(AccessToken token, Optional<AccessToken> signIn);

  /**
   * Whether an account is known to lack a right. Otherwise its client may get it with another
   * token.
   */
  boolean lacks(Caller.Account account, AccessRequest.OfRepository right);

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
