package io.registry.content.image;

import java.util.Collection;

/**
 * Sees the bytes of a layer while a client sends them. A watch never fails, and never makes the
 * upload wait.
 */
public interface LayerWatch extends AutoCloseable {
  /** Looks at nothing. */
  LayerWatch NONE =
      new LayerWatch() {
        @Override
        public void seen(byte[] bytes, int offset, int length) {}

        @Override
        public void arrived(Collection<Checksum> checksums) {}

        @Override
        public void close() {}
      };

  /** The next bytes of the layer. The array is used again afterwards. */
  void seen(byte[] bytes, int offset, int length);

  /**
   * The layer has arrived whole.
   *
   * @param checksums of the layer, with each description that the client has sent
   */
  void arrived(Collection<Checksum> checksums);

  /** Ends the watch. Without {@link #arrived} before, the layer was not kept. */
  @Override
  void close();
}
