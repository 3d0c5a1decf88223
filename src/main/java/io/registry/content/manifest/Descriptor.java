package io.registry.content.manifest;

/**
 * Names content by its digest (OCI image-spec, descriptor).
 *
 * @param mediaType what the content is
 * @param digest of the content
 * @param size of the content in bytes; {@link #UNKNOWN_SIZE} where a manifest of schema 1 names it
 */
public record Descriptor(String mediaType, Digest digest, long size) {
  /** The size of a layer that a manifest of schema 1 names: it does not say it. */
  public static final long UNKNOWN_SIZE = -1;

  /** Whether the size is known. */
  public boolean hasSize() {
    return size != UNKNOWN_SIZE;
  }
}
