package io.registry.index;

import java.time.Instant;

/**
 * A key that signs tokens.
 *
 * @param generation its number; the highest is the newest
 * @param id what tokens call it
 * @param secret the key itself
 * @param created when it was made
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares keys, or changes this.
record SigningKey(int generation, String id, byte[] secret, Instant created) {

  /** Without the secret. */
  @Override
  public String toString() {
    return "SigningKey[" + id + "]";
  }
}
