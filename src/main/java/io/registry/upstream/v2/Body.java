package io.registry.upstream.v2;

import io.registry.content.manifest.Descriptor;
import java.io.IOException;
import java.io.InputStream;

/** The bytes of a blob, opened once for each attempt to send them. */
public interface Body {
  /** Names the bytes. */
  Descriptor descriptor();

  /**
   * Opens the bytes.
   *
   * @return the bytes; the caller closes them
   * @throws IOException when they cannot be read
   */
  InputStream open() throws IOException;

  /** Is told that some bytes go to the registry, and may hold them back. */
  void sent(int count);
}
