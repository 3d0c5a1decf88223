package io.registry.content.image;

/**
 * Decides what a pushing client may know of existing images. An id is no proof: a client that may
 * not read an image has to send all of it before it learns that the image exists (protocol 4.8).
 */
public interface PushRights {
  /** For the mode without accounts, in which every client may read every image. */
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
        public void completed(ImageId image) {
          // No ownership is recorded without accounts.
        }
      };

  /** Whether the registry has no accounts, so that nothing is refused. */
  boolean isOpen();

  /** Whether an image, which need not exist, counts as present for the client's push. */
  boolean mayRead(ImageId image);

  /** Whether an image, which need not exist, may be the parent of one that the client pushes. */
  boolean mayBuildOn(ImageId parent);

  /** Records that the client has sent the JSON and the layer of an image. */
  void completed(ImageId image);
}
