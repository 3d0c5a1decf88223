package io.registry.content.archive;

import java.io.IOException;
import java.io.InputStream;

/** Opens some bytes, as often as they are needed. */
@FunctionalInterface
public interface Content {

  /**
   * Opens the bytes.
   *
   * @return the bytes from the first one on; the caller closes them
   * @throws IOException when they cannot be read
   */
  InputStream open() throws IOException;
}
