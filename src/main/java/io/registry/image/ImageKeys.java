package io.registry.image;

import io.registry.storage.BlobKey;

/** Where the parts of an image lie in the store (protocol 5.1). */
final class ImageKeys {
  /** Largest JSON, ancestry or checksum file that is read back, in bytes. */
  static final int SMALL = 64 * 1024 * 1024;

  /** Begins the names of claims. Not of the original's layout, which ignores them. */
  static final String CLAIM = "_claim_";

  /** Begins the names of layers that earlier versions of this registry kept aside. */
  static final String ASIDE = "_upload_";

  private ImageKeys() {}

  static BlobKey folder(ImageId id) {
    return BlobKey.of("images", id.value());
  }

  static BlobKey json(ImageId id) {
    return jsonIn(folder(id));
  }

  static BlobKey layer(ImageId id) {
    return layerIn(folder(id));
  }

  static BlobKey ancestry(ImageId id) {
    return ancestryIn(folder(id));
  }

  static BlobKey checksum(ImageId id) {
    return checksumIn(folder(id));
  }

  /** The JSON in the folder of an image, be it in its place or staged. */
  static BlobKey jsonIn(BlobKey folder) {
    return folder.child("json");
  }

  static BlobKey layerIn(BlobKey folder) {
    return folder.child("layer");
  }

  static BlobKey ancestryIn(BlobKey folder) {
    return folder.child("ancestry");
  }

  static BlobKey checksumIn(BlobKey folder) {
    return folder.child("_checksum");
  }

  /**
   * Names the staged folder that becomes the image, where the folder cannot be moved in one step.
   * The first claim counts; a later one counts when the folder of the one before is gone.
   */
  static BlobKey claim(ImageId id, int number) {
    return folder(id).child(CLAIM + number);
  }

  /**
   * Hides an image from readers. The original makes it at the first PUT json and removes it when
   * the checksum was verified; this registry makes it while it replaces an image without a layer.
   */
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

  /** The checksum of a layer that waits aside, in the form of {@link #checksum}. */
  static BlobKey asideChecksum(BlobKey aside) {
    return new BlobKey(aside.path() + "_checksum");
  }
}
