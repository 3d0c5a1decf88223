package io.registry.repository;

import io.registry.storage.BlobKey;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** Where the parts of a repository lie in the store (protocol 5.1, 5.3). */
record RepositoryKeys(BlobKey folder) {
  static final int SMALL = 64 * 1024 * 1024;
  static final BlobKey ROOT = BlobKey.of("repositories");
  private static final String TAG = "tag_";
  private static final String IMAGES = "_index_images";
  private static final String GENERATIONS = "_images";

  /** Where registries since 0.8.1 keep it: the name is encoded twice. */
  static RepositoryKeys of(RepositoryName repository) {
    return new RepositoryKeys(
        BlobKey.of(
            "repositories",
            RepositoryName.encode(repository.namespace()),
            RepositoryName.encode(repository.encodedName())));
  }

  /**
   * Where registries up to 0.8.0 kept it: the namespace raw, the name encoded once. A folder that
   * is also where a later registry keeps another repository is that repository's alone.
   */
  static RepositoryKeys old(RepositoryName repository) {
    return decode(repository.namespace()).isPresent() && decode(repository.name()).isPresent()
        ? of(repository)
        : new RepositoryKeys(
            BlobKey.of("repositories", repository.namespace(), repository.encodedName()));
  }

  /**
   * The repository that keeps its files in a folder; nothing for a folder in which none does.
   *
   * @param namespace the name of the folder above it
   * @param name its own name
   */
  static Optional<RepositoryName> repositoryOf(String namespace, String name) {
    Optional<RepositoryName> later =
        decode(namespace)
            .flatMap(
                decoded ->
                    decode(name)
                        .flatMap(RepositoryKeys::decode)
                        .flatMap(full -> RepositoryName.find(decoded, full)));
    return later.or(
        () ->
            decode(name)
                .flatMap(full -> RepositoryName.find(namespace, full))
                .filter(
                    found -> old(found).folder().equals(BlobKey.of(ROOT.path(), namespace, name))));
  }

  /** Whether a file says that there is a repository, as opposed to what may come before one. */
  static boolean isOfRepository(String file) {
    return file.startsWith(TAG) || file.equals(IMAGES);
  }

  BlobKey tag(TagName tag) {
    return folder.child(TAG + RepositoryName.encode(tag.value()));
  }

  /** Where registries up to 0.8.0 kept a tag: unencoded, unless that means another tag today. */
  BlobKey oldTag(TagName tag) {
    return decode(tag.value()).isPresent() ? tag(tag) : folder.child(TAG + tag.value());
  }

  BlobKey metadata(TagName tag) {
    return folder.child("tag" + RepositoryName.encode(tag.value()) + "_json");
  }

  /** Where registries up to 0.8.0 kept the metadata of a tag, in the same way. */
  BlobKey oldMetadata(TagName tag) {
    return decode(tag.value()).isPresent()
        ? metadata(tag)
        : folder.child("tag" + tag.value() + "_json");
  }

  /** The metadata of the tag {@code latest} once more. */
  BlobKey metadata() {
    return folder.child("json");
  }

  /** The image list as the original knows it. */
  BlobKey images() {
    return folder.child(IMAGES);
  }

  /** The folder with the files of the image list. */
  BlobKey generations() {
    return folder.child(GENERATIONS);
  }

  BlobKey generation(Generation generation) {
    return generations().child(generation.file());
  }

  List<BlobKey> generations(List<Generation> generations) {
    return generations.stream().map(this::generation).toList();
  }

  /** What an index elsewhere listed last, for registries of before (protocol 5.1). */
  BlobKey allowedImages() {
    return folder.child("_images_list");
  }

  BlobKey privateMark() {
    return folder.child("_private");
  }

  /** The text in which the file of a tag holds its name; nothing for any other file. */
  static Optional<String> tagOf(String file) {
    if (!file.startsWith(TAG)) {
      return Optional.empty();
    }
    // What is not encoded was written by a registry up to 0.8.0, and is itself.
    String text = file.substring(TAG.length());
    return decode(text).or(() -> Optional.of(text));
  }

  // The text of which this one is the encoding; nothing when it is not one.
  private static Optional<String> decode(String encoded) {
    try {
      return Optional.of(URLDecoder.decode(encoded, StandardCharsets.UTF_8))
          .filter(text -> RepositoryName.encode(text).equals(encoded));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
