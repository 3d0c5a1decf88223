package io.registry.access.index;

import java.time.Instant;

/**
 * A key that signs tokens.
 *
 * @param generation its number; the newest key has the highest
 * @param id names the key in tokens
 * @param secret the key itself
 * @param created when it was created
 */
@SuppressWarnings("ArrayRecordComponent") // Keys are neither compared nor modified.
record SigningKey(int generation, String id, byte[] secret, Instant created) {

  /** Omits the secret. */
  @Override
  public String toString() {
    return "SigningKey[" + id + "]";
  }
}
