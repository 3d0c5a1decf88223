package io.registry.contents;

import io.registry.storage.Blob;

/**
 * An open document about a layer. Whoever has it closes it.
 *
 * @param document its bytes, JSON
 * @param version a text without quotes that is another one when the layer is
 */
public record Contents(Blob document, String version) implements AutoCloseable {
  @Override
  public void close() {
    document.close();
  }
}
