package io.registry.image;

/**
 * What somebody who pushes may know of images that are there already. An id is no proof: whoever
 * may not read an image has to send all of it before being told that it exists (protocol 4.8).
 */
public interface PushRights {
  /** For registries where every image is everybody's. */
  PushRights OPEN =
      new PushRights() {
        @Override
        public boolean isOpen() {
          return true;
        }

        @Override
        public boolean mayRead(ImageId image) {
          return true;
        }

        @Override
        public boolean mayBuildOn(ImageId parent) {
          return true;
        }

        @Override
        public void sent(ImageId image, Checksum layer) {
          // It does not matter by whom.
        }

        @Override
        public boolean hasSent(ImageId image, Checksum layer) {
          return true;
        }

        @Override
        public void received(ImageId image) {
          // It is everybody's.
        }
      };

  /** Whether nothing is ever refused. */
  boolean isOpen();

  /** Whether an image, which need not exist, may be read by whoever pushes. */
  boolean mayRead(ImageId image);

  /** Whether an image, which need not exist, may be the parent of one that is pushed. */
  boolean mayBuildOn(ImageId parent);

  /**
   * A whole layer has come from whoever pushes, which may be the one that the image will have.
   *
   * @param layer the checksum over the image's JSON and the layer
   */
  void sent(ImageId image, Checksum layer);

  /**
   * Whether such a layer has come from whoever pushes, or for a repository that this one may write,
   * also to another process. Its checksum proves nothing: it may be known to more people than the
   * image is meant for.
   */
  boolean hasSent(ImageId image, Checksum layer);

  /** All bytes of an image have come from whoever pushes. */
  void received(ImageId image);
}
