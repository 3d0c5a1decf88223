package io.registry.auth;

import io.registry.repository.RepositoryName;
import java.time.Duration;

/** Gives tokens to those whom the index let in (protocol 4.1). */
public interface TokenIssuer {

  /**
   * Issues a token.
   *
   * @param caller whom it is for
   * @param repository the repository that it is good for
   * @param access what it allows
   * @return its text as clients send it back, without the word {@code Token} before it
   */
  String issue(Caller caller, RepositoryName repository, Access access);

  /** How long a token lives after it was issued. */
  Duration lifetime();
}
