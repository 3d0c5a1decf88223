package io.registry.index;

/**
 * A new secret of a robot. It is kept nowhere: whoever gets this sees it for the only time.
 *
 * @param id what it is called when it is to be revoked
 * @param secret what the robot signs in with
 */
public record IssuedCredential(String id, String secret) {

  /** Without the secret. */
  @Override
  public String toString() {
    return "IssuedCredential[" + id + "]";
  }
}
