package io.registry.content.image;

import io.registry.storage.BlobInfo;
import java.util.List;
import java.util.Optional;

/** The metadata of a complete image. */
public final class ImageDescriptor {
  private final byte[] json;
  private final Optional<BlobInfo> layer;
  private final List<Checksum> checksums;

  /**
   * Creates a descriptor.
   *
   * @param json as the client sent it; not to be modified afterwards
   * @param layer the layer in the store; empty when it is lost
   * @param checksums the checksums in the store
   */
  public ImageDescriptor(byte[] json, Optional<BlobInfo> layer, List<Checksum> checksums) {
    this.json = json;
    this.layer = layer;
    this.checksums = List.copyOf(checksums);
  }

  /** The JSON as the client sent it; not to be modified. */
  public byte[] json() {
    return json;
  }

  /** Size and version of the layer in the store; empty when it is lost. */
  public Optional<BlobInfo> layer() {
    return layer;
  }

  /** The checksums in the store; empty for very old images. */
  public List<Checksum> checksums() {
    return checksums;
  }
}
