package io.registry.access.auth;

import io.registry.content.repository.RepositoryName;
import java.time.Duration;

/** Issues tokens to authenticated callers, as an index does (protocol 4.1). */
public interface TokenIssuer {

  /**
   * Issues a token.
   *
   * @param caller the caller that receives it
   * @param repository the repository that it is for
   * @param access the access that it grants
   * @return its text as clients send it back, without the word {@code Token} before it
   */
  String issue(Caller caller, RepositoryName repository, Access access);

  /** How long a token lives after it was issued. */
  Duration lifetime();
}
