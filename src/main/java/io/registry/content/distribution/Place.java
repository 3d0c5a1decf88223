package io.registry.content.distribution;

import io.registry.content.manifest.Digest;
import io.registry.content.repository.RepositoryKeys;
import io.registry.content.repository.RepositoryName;
import io.registry.storage.BlobKey;
import java.util.List;
import java.util.Optional;

/** What a key of this registry's own layout stands for, as far as a foreign tree may have it. */
sealed interface Place {
  /** The folder of all repositories. */
  record Root() implements Place {}

  /** The folder of a namespace. */
  record Namespace(String name) implements Place {}

  /** The folder of a repository. */
  record Repository(RepositoryName name) implements Place {}

  /** The folder of what a repository contains by digest. */
  record Content(RepositoryName repository) implements Place {}

  /** The folder of the blobs or manifests of a repository. */
  record Links(RepositoryName repository, boolean isOfManifests) implements Place {}

  /** The file of a tag. */
  record Tag(RepositoryName repository, String tag) implements Place {}

  /** The file of an image list. */
  record ImageList(RepositoryName repository) implements Place {}

  /** The file that says that a repository contains a blob. */
  record BlobFile(RepositoryName repository, Digest digest) implements Place {}

  /** The file that says that a repository contains a manifest. */
  record ManifestFile(RepositoryName repository, Digest digest) implements Place {}

  /** The file that says that a manifest refers to another one. */
  record ReferrerFile(RepositoryName repository, Digest subject, Digest digest) implements Place {}

  /** The file with the bytes of a digest. */
  record Bytes(Digest digest) implements Place {}

  /** Says what a key stands for; empty when no tree has such a thing. */
  static Optional<Place> of(BlobKey key) {
    List<String> names = List.of(key.path().split("/", -1));
    return switch (names.get(0)) {
      case "repositories" -> inRepositories(key, names.subList(1, names.size()));
      case "_oci" -> bytes(names);
      default -> Optional.empty();
    };
  }

  private static Optional<Place> bytes(List<String> names) {
    return names.size() == 5 && names.get(1).equals("blobs")
        ? Digest.find(names.get(2) + ":" + names.get(4))
            .filter(digest -> digest.hex().startsWith(names.get(3)))
            .map(Bytes::new)
        : Optional.empty();
  }

  private static Optional<Place> inRepositories(BlobKey key, List<String> names) {
    if (names.isEmpty()) {
      return Optional.of(new Root());
    }
    if (names.size() == 1) {
      return RepositoryKeys.namespaceOf(names.get(0)).map(Namespace::new);
    }
    // What an old release has kept in a folder of another form is not mixed with the tree.
    return RepositoryKeys.repositoryOf(names.get(0), names.get(1))
        .filter(found -> key.path().startsWith(RepositoryKeys.of(found).folder().path()))
        .flatMap(found -> inRepository(found, names.subList(2, names.size())));
  }

  private static Optional<Place> inRepository(RepositoryName repository, List<String> names) {
    return switch (names.size()) {
      case 0 -> Optional.of(new Repository(repository));
      case 1 -> file(repository, names.get(0));
      case 2 ->
          isLinks(names)
              ? Optional.of(new Links(repository, names.get(1).equals("manifests")))
              : Optional.empty();
      case 3 ->
          isLinks(names)
              ? digest(names.get(2))
                  .map(
                      digest ->
                          names.get(1).equals("manifests")
                              ? new ManifestFile(repository, digest)
                              : new BlobFile(repository, digest))
              : Optional.empty();
      case 4 ->
          names.get(0).equals("_oci") && names.get(1).equals("referrers")
              ? digest(names.get(2))
                  .flatMap(
                      subject ->
                          digest(names.get(3))
                              .map(digest -> new ReferrerFile(repository, subject, digest)))
              : Optional.empty();
      default -> Optional.empty();
    };
  }

  private static Optional<Place> file(RepositoryName repository, String name) {
    BlobKey folder = RepositoryKeys.of(repository).folder();
    if (folder.child(name).equals(RepositoryKeys.of(repository).content())) {
      return Optional.of(new Content(repository));
    }
    if (folder.child(name).equals(RepositoryKeys.of(repository).images())) {
      return Optional.of(new ImageList(repository));
    }
    return RepositoryKeys.tagOf(name).map(tag -> new Tag(repository, tag));
  }

  private static boolean isLinks(List<String> names) {
    return names.get(0).equals("_oci")
        && (names.get(1).equals("manifests") || names.get(1).equals("blobs"));
  }

  private static Optional<Digest> digest(String name) {
    return Digest.find(name.replaceFirst("-", ":"));
  }

  /** How a file that names a digest is called. */
  static String name(Digest digest) {
    return digest.algorithm() + "-" + digest.hex();
  }
}
