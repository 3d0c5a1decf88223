package io.registry.features.cache;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/**
 * Serializes cached values, and estimates their size in memory.
 *
 * @param <V> the type of the values
 */
interface Codec<V> {
  /** Writes a value. */
  void write(V value, DataOutputStream out) throws IOException;

  /** Reads a value; throws any exception when the bytes are not valid. */
  V read(DataInputStream in) throws IOException;

  /** The approximate size of a value on the heap, in bytes. */
  int weight(V value);
}
