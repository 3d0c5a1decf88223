package io.registry.storage;

/** A small blob, read whole. */
public final class BlobContent {
  private final byte[] bytes;
  private final String version;

  BlobContent(byte[] bytes, String version) {
    this.bytes = bytes;
    this.version = version;
  }

  /** Its bytes; not to be changed. */
  public byte[] bytes() {
    return bytes;
  }

  /** The version that these bytes are, as in {@link Blob#version()}. */
  public String version() {
    return version;
  }
}
