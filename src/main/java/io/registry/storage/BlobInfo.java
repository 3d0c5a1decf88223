package io.registry.storage;

/**
 * What a store knows of a blob without opening it.
 *
 * @param size in bytes; {@link #UNKNOWN_SIZE} when nobody can tell before all bytes were read,
 *     which no store says of what it holds
 * @param version a text without quotes or blanks that changes whenever the bytes of the blob are
 *     replaced; the same as {@link Blob#version()}. Empty when it has none yet
 */
public record BlobInfo(long size, String version) {
  /** The size of a blob that is still on its way from somewhere that does not tell its length. */
  public static final long UNKNOWN_SIZE = -1;

  /** Whether it is known how many bytes there are. */
  public boolean isSizeKnown() {
    return size >= 0;
  }
}
