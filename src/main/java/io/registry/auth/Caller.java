package io.registry.auth;

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
   * Somebody who signed in with name and password.
   *
   * @param name the name of the user or robot
   * @param admin whether the account may do everything
   */
  record Account(String name, boolean admin) implements Caller {}
}
