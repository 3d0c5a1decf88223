package io.registry.cache;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/**
 * How remembered values become bytes, and how much room they take.
 *
 * @param <V> the values
 */
interface Codec<V> {
  /** Writes a value. */
  void write(V value, DataOutputStream out) throws IOException;

  /** Reads a value; throws anything when the bytes are none. */
  V read(DataInputStream in) throws IOException;

  /** About how many bytes of the heap a value takes. */
  int weight(V value);
}
