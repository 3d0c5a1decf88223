package io.registry.repository;

import io.registry.storage.BlobKey;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Where the parts of a repository lie in the store (protocol 5.1, 5.3). */
record RepositoryKeys(BlobKey folder) {
  static final int SMALL = 64 * 1024 * 1024;
  private static final String TAG = "tag_";

  /** Where registries since 0.8.1 keep it: the name is encoded twice. */
  static RepositoryKeys of(RepositoryName repository) {
    return new RepositoryKeys(
        BlobKey.of(
            "repositories",
            RepositoryName.encode(repository.namespace()),
            RepositoryName.encode(repository.encodedName())));
  }

  /** Where registries up to 0.8.0 kept it: the namespace raw, the name encoded once. */
  static RepositoryKeys old(RepositoryName repository) {
    return looksEncoded(repository.toString())
        ? of(repository)
        : new RepositoryKeys(
            BlobKey.of("repositories", repository.namespace(), repository.encodedName()));
  }

  BlobKey tag(TagName tag) {
    return folder.child(TAG + RepositoryName.encode(tag.value()));
  }

  /** Where registries up to 0.8.0 kept a tag: unencoded. */
  BlobKey oldTag(TagName tag) {
    return looksEncoded(tag.value()) ? tag(tag) : folder.child(TAG + tag.value());
  }

  BlobKey metadata(TagName tag) {
    return folder.child("tag" + RepositoryName.encode(tag.value()) + "_json");
  }

  /** The metadata of the tag {@code latest} once more. */
  BlobKey metadata() {
    return folder.child("json");
  }

  BlobKey images() {
    return folder.child("_index_images");
  }

  BlobKey privateMark() {
    return folder.child("_private");
  }

  /** The text in which the file of a tag holds its name; nothing for any other file. */
  static Optional<String> tagOf(String file) {
    if (!file.startsWith(TAG)) {
      return Optional.empty();
    }
    String encoded = file.substring(TAG.length());
    try {
      return Optional.of(URLDecoder.decode(encoded, StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      // Written by a registry up to 0.8.0, which did not encode: a lone percent sign is itself.
      return Optional.of(encoded);
    }
  }

  // A name that is its own encoding's look-alike must not become a second name of something else.
  private static boolean looksEncoded(String name) {
    return name.indexOf('%') >= 0 || name.indexOf('+') >= 0;
  }
}
