package io.registry.image;

import io.registry.storage.BlobKey;

/** Where the parts of an image lie in the store (protocol 5.1). */
final class ImageKeys {
  /** Largest JSON, ancestry or checksum file that is read back, in bytes. */
  static final int SMALL = 64 * 1024 * 1024;

  /**
   * Begins the names of layers that wait aside. Not of the original's layout, which ignores them.
   */
  static final String ASIDE = "_upload_";

  private ImageKeys() {}

  static BlobKey folder(ImageId id) {
    return BlobKey.of("images", id.value());
  }

  static BlobKey json(ImageId id) {
    return folder(id).child("json");
  }

  static BlobKey layer(ImageId id) {
    return folder(id).child("layer");
  }

  static BlobKey ancestry(ImageId id) {
    return folder(id).child("ancestry");
  }

  static BlobKey checksum(ImageId id) {
    return folder(id).child("_checksum");
  }

  /** There from the first PUT json until the checksum was verified. */
  static BlobKey mark(ImageId id) {
    return folder(id).child("_inprogress");
  }

  /** What the layer holds, as a list (protocol 2.2). Can be made anew from the layer. */
  static BlobKey files(ImageId id) {
    return folder(id).child("_files");
  }

  /** What the layer changes of those below (protocol 2.2). Can be made anew from the layers. */
  static BlobKey diff(ImageId id) {
    return folder(id).child("_diff");
  }

  /** A complete layer that another upload of the same image keeps from its place. */
  static BlobKey aside(ImageId id, String name) {
    return folder(id).child(ASIDE + name);
  }

  /** The checksum of a layer that waits aside, in the form of {@link #checksum}. */
  static BlobKey asideChecksum(BlobKey aside) {
    return new BlobKey(aside.path() + "_checksum");
  }
}
