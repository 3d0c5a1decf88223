package io.registry.content.files;

import io.registry.storage.Blob;

/**
 * An open document about a layer. The caller closes it.
 *
 * @param document its bytes, JSON
 * @param version a text without quotes that changes whenever the layer does
 */
public record Contents(Blob document, String version) implements AutoCloseable {
  @Override
  public void close() {
    document.close();
  }
}
