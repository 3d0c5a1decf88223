package io.registry.image;

import java.util.List;
import java.util.OptionalLong;

/** What is known of a finished image without looking into its layer. */
public final class ImageDescriptor {
  private final byte[] json;
  private final OptionalLong layerSize;
  private final List<Checksum> checksums;

  /**
   * A description.
   *
   * @param json as its pusher sent it; not to be changed afterwards
   * @param layerSize in bytes; nothing when the layer is lost
   * @param checksums on file
   */
  public ImageDescriptor(byte[] json, OptionalLong layerSize, List<Checksum> checksums) {
    this.json = json;
    this.layerSize = layerSize;
    this.checksums = List.copyOf(checksums);
  }

  /** The JSON as its pusher sent it; not to be changed. */
  public byte[] json() {
    return json;
  }

  /** The size of the layer in bytes as stored; nothing when the layer is lost. */
  public OptionalLong layerSize() {
    return layerSize;
  }

  /** The checksums on file; none for very old images. */
  public List<Checksum> checksums() {
    return checksums;
  }
}
