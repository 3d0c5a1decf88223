package io.registry.storage;

import java.nio.charset.StandardCharsets;

/**
 * Maps keys to the names of objects in a bucket: the key below a prefix. The original's
 * storage_path can be used as the prefix unchanged (protocol 5.4).
 */
public final class ObjectNames {
  /** The longest name that S3 and GCS take, in bytes of UTF-8. */
  private static final int MAX_LENGTH = 1024;

  private final String prefix;

  /**
   * Creates the mapping.
   *
   * @param prefix with or without a slash at its beginning or end; empty for the whole bucket
   */
  public ObjectNames(String prefix) {
    String bare = prefix.startsWith("/") ? prefix.substring(1) : prefix;
    while (bare.endsWith("/")) {
      bare = bare.substring(0, bare.length() - 1);
    }
    this.prefix = bare.isEmpty() ? "" : bare + "/";
  }

  /** The common prefix of all object names: empty, or with a slash at its end. */
  public String prefix() {
    return prefix;
  }

  /** The object name of a blob. */
  public String of(BlobKey key) {
    return prefix + key.path();
  }

  /** The common prefix of the object names below a key. */
  public String below(BlobKey key) {
    return of(key) + "/";
  }

  /** Whether the store allows the object's name; if not, the blob does not exist. */
  public boolean isPossible(BlobKey key) {
    return of(key).getBytes(StandardCharsets.UTF_8).length <= MAX_LENGTH;
  }
}
