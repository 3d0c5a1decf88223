package io.registry.content.image;

import io.registry.storage.BlobKey;

/** The keys of an image's files in the store (protocol 5.1). */
final class ImageKeys {
  /** Largest JSON, ancestry or checksum file that is read, in bytes. */
  static final int SMALL = 64 * 1024 * 1024;

  /**
   * Prefix of the names of claims. Not part of the original's layout; the original ignores them.
   */
  static final String CLAIM = "_claim_";

  /** Prefix of the names of layers that earlier releases put aside. */
  static final String ASIDE = "_upload_";

  /** The folder of all images. */
  static final BlobKey ROOT = BlobKey.of("images");

  private ImageKeys() {}

  static BlobKey folder(ImageId id) {
    return ROOT.child(id.value());
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

  /** The JSON in an image's folder, published or staged. */
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
   * A claim: it names the staged folder that becomes the image, for stores that cannot move a
   * folder atomically. The first claim is valid; a later one becomes valid when the folder that the
   * claim before it names is gone.
   */
  static BlobKey claim(ImageId id, int number) {
    return folder(id).child(CLAIM + number);
  }

  /**
   * The mark that hides an image from readers. The original writes it at the first PUT json and
   * deletes it when the checksum was verified; this registry writes it while it replaces an image
   * without a layer.
   */
  static BlobKey mark(ImageId id) {
    return folder(id).child("_inprogress");
  }

  /** The listing of the layer (protocol 2.2). It can be computed again from the layer. */
  static BlobKey files(ImageId id) {
    return folder(id).child("_files");
  }

  /**
   * The comparison of the layer with its ancestors (protocol 2.2). It can be computed again from
   * the layers.
   */
  static BlobKey diff(ImageId id) {
    return folder(id).child("_diff");
  }

  /** The checksum of a layer that was put aside, in the format of {@link #checksum}. */
  static BlobKey asideChecksum(BlobKey aside) {
    return new BlobKey(aside.path() + "_checksum");
  }
}
