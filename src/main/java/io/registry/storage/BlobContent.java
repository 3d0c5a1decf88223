package io.registry.storage;

/** The content of a small blob. */
public final class BlobContent {
  private final byte[] bytes;
  private final String version;

  /**
   * A content.
   *
   * @param bytes not to be modified from now on
   * @param version of these bytes
   */
  public BlobContent(byte[] bytes, String version) {
    this.bytes = bytes;
    this.version = version;
  }

  /** The bytes; not to be modified. */
  public byte[] bytes() {
    return bytes;
  }

  /** The version of these bytes, as in {@link Blob#version()}. */
  public String version() {
    return version;
  }
}
