package io.registry.image;

import io.registry.storage.BlobInfo;
import java.util.List;
import java.util.Optional;

/** What is known of a finished image without looking into its layer. */
public final class ImageDescriptor {
  private final byte[] json;
  private final Optional<BlobInfo> layer;
  private final List<Checksum> checksums;

  /**
   * A description.
   *
   * @param json as its pusher sent it; not to be changed afterwards
   * @param layer as stored; nothing when it is lost
   * @param checksums on file
   */
  public ImageDescriptor(byte[] json, Optional<BlobInfo> layer, List<Checksum> checksums) {
    this.json = json;
    this.layer = layer;
    this.checksums = List.copyOf(checksums);
  }

  /** The JSON as its pusher sent it; not to be changed. */
  public byte[] json() {
    return json;
  }

  /** Size and version of the layer as stored; nothing when it is lost. */
  public Optional<BlobInfo> layer() {
    return layer;
  }

  /** The checksums on file; none for very old images. */
  public List<Checksum> checksums() {
    return checksums;
  }
}
