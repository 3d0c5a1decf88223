package io.registry.access.auth;

import io.registry.content.repository.RepositoryName;
import java.util.Map;
import java.util.Set;

/** The sender of a request, as far as it is authenticated. */
public sealed interface Caller {

  /** A caller whose identity is not checked: there is no index, or tokens are ignored. */
  record Unchecked() implements Caller {}

  /** A caller without credentials. */
  record Anonymous() implements Caller {}

  /**
   * A caller that signed the request with a privileged key, and may do everything (protocol 4.5).
   *
   * @param key the name of the key, for the audit
   */
  record Privileged(String key) implements Caller {}

  /**
   * A caller with a token that the index has confirmed.
   *
   * @param token the token, which can be presented to the index again
   * @param grant what the index has allowed for the token
   */
  record Bearer(AccessToken token, Grant grant) implements Caller {}

  /**
   * A client with a token of an external token service. The token lists its rights.
   *
   * @param user the subject of the token; empty without one
   * @param rights the allowed access to each repository that the token names
   * @param catalog whether the token allows listing all repositories
   */
  record Scoped(String user, Map<RepositoryName, Set<Access>> rights, boolean catalog)
      implements Caller {
    /** Keeps a copy of the rights. */
    public Scoped {
      rights = Map.copyOf(rights);
    }
  }

  /**
   * A user or robot that signed in with name and password.
   *
   * @param name the name of the user or robot
   * @param admin whether the account may do everything
   */
  record Account(String name, boolean admin) implements Caller {}
}
