package io.registry.storage;

/**
 * The metadata of a blob.
 *
 * @param size in bytes; {@link #UNKNOWN_SIZE} for a blob that is still being fetched from
 *     elsewhere, never for a stored one
 * @param version a text without quotes or blanks that changes whenever the bytes of the blob are
 *     replaced; the same as {@link Blob#version()}. Empty when it has none yet
 */
public record BlobInfo(long size, String version) {
  /** The size of a blob that is being fetched from a server which does not announce the length. */
  public static final long UNKNOWN_SIZE = -1;

  /** Whether the size is known. */
  public boolean isSizeKnown() {
    return size >= 0;
  }
}
