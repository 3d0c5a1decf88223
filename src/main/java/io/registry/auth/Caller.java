package io.registry.auth;

import io.registry.repository.RepositoryName;
import java.util.Map;
import java.util.Set;

/** Whoever sends a request, as far as that is known. */
public sealed interface Caller {

  /** Nobody asks who it is: there is no index, or its tokens are not looked at. */
  record Unchecked() implements Caller {}

  /** Somebody who shows no credentials. */
  record Anonymous() implements Caller {}

  /**
   * Somebody who signs with a key that may do everything (protocol 4.5).
   *
   * @param key the name of the key, for the audit
   */
  record Privileged(String key) implements Caller {}

  /**
   * Somebody with a token that the index has confirmed.
   *
   * @param token the token, to be shown to the index again
   * @param grant what the index said
   */
  record Bearer(AccessToken token, Grant grant) implements Caller {}

  /**
   * Somebody with a token of a token service elsewhere, which says what it allows.
   *
   * @param user whom the token was issued to; empty when it does not tell
   * @param rights what it allows with each repository that it names
   * @param catalog whether it allows to list all repositories
   */
  record Scoped(String user, Map<RepositoryName, Set<Access>> rights, boolean catalog)
      implements Caller {
    /** Keeps a copy of the rights. */
    public Scoped {
      rights = Map.copyOf(rights);
    }
  }

  /**
   * Somebody who signed in with name and password.
   *
   * @param name the name of the user or robot
   * @param admin whether the account may do everything
   */
  record Account(String name, boolean admin) implements Caller {}
}
