package io.registry.upstream.mirror;

import io.registry.content.image.LayerCopy;
import io.registry.platform.client.CallFailure;
import io.registry.platform.problem.RegistryException;
import java.io.IOException;
import java.util.OptionalLong;

/** A layer or blob that is fetched from the source and stored, if it is what it should be. */
interface Fetched {
  /** What it is: equal keys share a fetch. Its text goes into the log. */
  Object key();

  /** Whether it is in the store. */
  boolean isHere();

  /**
   * Asks the source for the bytes.
   *
   * @return the answer, which the caller closes
   * @throws CallFailure when the source does not deliver them
   */
  SourceAnswer ask();

  /** The size, if it is known beforehand. */
  OptionalLong told();

  /** Whether wrong bytes can be told from right ones when the source does not say how many come. */
  boolean isVerifiable();

  /** Begins to store the bytes; the caller closes the copy. */
  Copy copy();

  /** Is told that the source has not delivered it, before the clients are. */
  void failed();

  /** What clients are told that wait for it in vain. A new exception without a cause. */
  RegistryException refusal();

  /** Bytes on their way into the store. Readers see none of them before they are committed. */
  interface Copy extends AutoCloseable {
    /** Appends bytes. */
    void write(byte[] bytes, int offset, int length);

    /**
     * Verifies what was written.
     *
     * @param count how many bytes there were
     * @param again opens them again
     * @throws RegistryException {@code INVALID} when they are not what they should be
     * @throws IOException when there are more or less bytes, or they cannot be read again
     */
    void verify(long count, LayerCopy.Again again) throws IOException;

    /** Publishes the bytes. When this returns, they survive a crash. */
    void commit();

    /** Discards what was not committed. */
    @Override
    void close();
  }
}
