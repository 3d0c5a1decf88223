package io.registry.access.index;

/**
 * A new secret of a robot. The registry stores only a hash, so that this is the only time at which
 * the secret can be read.
 *
 * @param id names the credential when it is revoked
 * @param secret the password that the robot signs in with
 */
public record IssuedCredential(String id, String secret) {

  /** Omits the secret. */
  @Override
  public String toString() {
    return "IssuedCredential[" + id + "]";
  }
}
