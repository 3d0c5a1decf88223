package io.registry.content.archive;

import io.registry.content.manifest.Descriptor;
import java.io.IOException;

/** Receives the files of an OCI layout. */
public interface BlobSink extends AutoCloseable {

  /**
   * Adds a blob, unless it is there already.
   *
   * @return whether it was added
   * @throws DamagedContentException when the content is not that of the descriptor; nothing is
   *     added then
   * @throws IOException when reading or writing fails
   */
  boolean add(Descriptor descriptor, Content content) throws IOException;

  /** Whether a blob is there. */
  boolean has(Descriptor descriptor);

  /** What the layout listed before; empty when it is new. */
  byte[] index() throws IOException;

  /** Writes the list, and makes everything so far survive a crash. */
  void finish(byte[] index) throws IOException;

  /** Removes what was not finished. */
  @Override
  void close() throws IOException;
}
