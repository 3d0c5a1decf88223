package io.registry.storage;

import java.nio.charset.StandardCharsets;

/**
 * The names that blobs have in the bucket of an object store: their keys below a prefix. The
 * original's storage_path is such a prefix as it is (protocol 5.4).
 */
public final class ObjectNames {
  /** The longest name that S3 and GCS take, in bytes of UTF-8. */
  private static final int MAX_LENGTH = 1024;

  private final String prefix;

  /**
   * Names below a prefix.
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

  /** What the names of all blobs begin with: empty, or with a slash at its end. */
  public String prefix() {
    return prefix;
  }

  /** The name of a blob. */
  public String of(BlobKey key) {
    return prefix + key.path();
  }

  /** What the names of all blobs below a key begin with. */
  public String below(BlobKey key) {
    return of(key) + "/";
  }

  /** Whether the store could have an object of that name; when not, the blob is absent. */
  public boolean isPossible(BlobKey key) {
    return of(key).getBytes(StandardCharsets.UTF_8).length <= MAX_LENGTH;
  }
}
