package io.registry.content.repository;

import io.registry.content.image.ImageId;
import io.registry.storage.BlobKey;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * The keys of a repository's files in the store (protocol 5.1, 5.3).
 *
 * @param folder the folder of the repository
 */
public record RepositoryKeys(BlobKey folder) {
  static final int SMALL = 64 * 1024 * 1024;

  /** The folder of all repositories. */
  public static final BlobKey ROOT = BlobKey.of("repositories");

  private static final String TAG = "tag_";
  private static final String IMAGES = "_index_images";
  private static final String GENERATIONS = "_images";
  private static final String CONTENT = "_oci";

  /** The folder since release 0.8.1 of the original: the name is percent-encoded twice. */
  public static RepositoryKeys of(RepositoryName repository) {
    return new RepositoryKeys(
        BlobKey.of(
            "repositories",
            RepositoryName.encode(repository.namespace()),
            RepositoryName.encode(repository.encodedName())));
  }

  /**
   * The folder up to release 0.8.0 of the original: the namespace is raw, the name encoded once. If
   * a later release keeps another repository in the same folder, the folder belongs to that
   * repository alone.
   */
  static RepositoryKeys old(RepositoryName repository) {
    return decode(repository.namespace()).isPresent() && decode(repository.name()).isPresent()
        ? of(repository)
        : new RepositoryKeys(
            BlobKey.of("repositories", repository.namespace(), repository.encodedName()));
  }

  /**
   * The repository that keeps its files in a folder; empty when no repository does.
   *
   * @param namespace the name of the folder above it
   * @param name its own name
   */
  public static Optional<RepositoryName> repositoryOf(String namespace, String name) {
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

  /** The namespace that keeps its repositories in a folder, as it is written today. */
  public static Optional<String> namespaceOf(String folder) {
    return decode(folder);
  }

  /** The name of the folder of a namespace. */
  public static String folderOf(String namespace) {
    return RepositoryName.encode(namespace);
  }

  /** The name of the file of a tag. */
  public static String fileOf(String tag) {
    return TAG + RepositoryName.encode(tag);
  }

  /** Whether a file proves that the repository exists, and is not one that is written before it. */
  static boolean isOfRepository(String file) {
    return file.startsWith(TAG) || file.equals(IMAGES);
  }

  /** The file of a tag. */
  public BlobKey tag(TagName tag) {
    return folder.child(TAG + RepositoryName.encode(tag.value()));
  }

  /**
   * The file of a tag up to release 0.8.0 of the original: the name is not encoded, unless that is
   * another tag's file today.
   */
  BlobKey oldTag(TagName tag) {
    return decode(tag.value()).isPresent() ? tag(tag) : folder.child(TAG + tag.value());
  }

  BlobKey metadata(TagName tag) {
    return folder.child("tag" + RepositoryName.encode(tag.value()) + "_json");
  }

  /** The metadata file of a tag up to release 0.8.0 of the original, likewise. */
  BlobKey oldMetadata(TagName tag) {
    return decode(tag.value()).isPresent()
        ? metadata(tag)
        : folder.child("tag" + tag.value() + "_json");
  }

  /** The second copy of the metadata of the tag {@code latest}. */
  BlobKey metadata() {
    return folder.child("json");
  }

  /** The image list in the file that the original reads. */
  public BlobKey images() {
    return folder.child(IMAGES);
  }

  /** The folder with the generations of the image list. */
  BlobKey generations() {
    return folder.child(GENERATIONS);
  }

  BlobKey generation(Generation generation) {
    return generations().child(generation.file());
  }

  List<BlobKey> generations(List<Generation> generations) {
    return generations.stream().map(this::generation).toList();
  }

  /** The images that a remote index listed last, for the original (protocol 5.1). */
  BlobKey allowedImages() {
    return folder.child("_images_list");
  }

  /** The folder with what the repository contains by digest; the original ignores it. */
  public BlobKey content() {
    return folder.child(CONTENT);
  }

  /** The file with the digest that a tag serves over V2 while it names an image. */
  BlobKey servedManifest(TagName tag, ImageId image) {
    return content().child("tags").child(tag.value()).child(image.value());
  }

  BlobKey privateMark() {
    return folder.child("_private");
  }

  /** The name of the tag whose file this is, as text; empty for any other file. */
  public static Optional<String> tagOf(String file) {
    if (!file.startsWith(TAG)) {
      return Optional.empty();
    }
    // A name that is not encoded was written by release 0.8.0 or earlier, and is used unchanged.
    String text = file.substring(TAG.length());
    return decode(text).or(() -> Optional.of(text));
  }

  // Decodes a text; empty when it is not a canonical encoding.
  private static Optional<String> decode(String encoded) {
    try {
      return Optional.of(URLDecoder.decode(encoded, StandardCharsets.UTF_8))
          .filter(text -> RepositoryName.encode(text).equals(encoded));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
