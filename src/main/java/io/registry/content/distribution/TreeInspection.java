package io.registry.content.distribution;

import io.registry.content.defect.Defect;
import io.registry.content.defect.DefectKind;
import io.registry.content.manifest.BlobStore;
import io.registry.content.manifest.Digest;
import io.registry.content.repository.RepositoryKeys;
import io.registry.content.repository.RepositoryName;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Inspects a foreign tree for defects, and changes nothing. What the layout of this registry shows
 * of the tree is inspected with that; here is what it does not show.
 */
public final class TreeInspection {
  private final BlobStorage own;
  private final ForeignTree tree;
  private final OverlayStorage both;
  private final BlobStore blobs;

  TreeInspection(BlobStorage own, ForeignTree tree, OverlayStorage both) {
    this.own = own;
    this.tree = tree;
    this.both = both;
    this.blobs = new BlobStore(own);
  }

  /**
   * The keys, in the layout of this registry, of the bytes that only the tree has.
   *
   * @return the keys, while they are found; the caller closes the stream
   */
  public Stream<BlobKey> blobs() {
    return tree.digests().map(blobs::key).filter(key -> !own.exists(key));
  }

  /** A defect of one of {@link #blobs()} names the file of the tree, which is never repaired. */
  public Defect located(Defect defect) {
    return Place.of(defect.key())
        .filter(Place.Bytes.class::isInstance)
        .filter(place -> !own.exists(defect.key()))
        .map(
            place ->
                Defect.of(defect.kind(), tree.file(((Place.Bytes) place).digest()), defect.text()))
        .orElse(defect);
  }

  /**
   * What is not served, or served under another name.
   *
   * @return the defects, while they are found; the caller closes the stream
   */
  public Stream<Defect> defects() {
    return Stream.concat(
        tree.merged()
            .map(text -> Defect.of(DefectKind.REPOSITORIES_MERGED, RepositoryKeys.ROOT, text)),
        tree.namespaces().flatMap(tree::repositories).distinct().flatMap(this::defects));
  }

  private Stream<Defect> defects(RepositoryName repository) {
    RepositoryKeys keys = RepositoryKeys.of(repository);
    List<Defect> found = new ArrayList<>();
    for (String tag : tree.tags(repository)) {
      if (tree.tag(repository, tag).isEmpty()) {
        found.add(
            Defect.of(
                DefectKind.TAG_BROKEN,
                keys.folder().child(RepositoryKeys.fileOf(tag)),
                "The file of the tag in the tree of Distribution is empty or lost"));
      }
    }
    lost(tree.blobs(repository), digest -> tree.blob(repository, digest))
        .forEach(link -> found.add(lost(DefectKind.BLOB_MISSING, link)));
    lost(tree.manifests(repository), digest -> tree.manifest(repository, digest))
        .forEach(link -> found.add(lost(DefectKind.MANIFEST_MISSING, link)));
    return found.stream();
  }

  /** Finds the link of a digest. */
  @FunctionalInterface
  private interface Finder {
    Optional<ForeignTree.Link> find(Digest digest);
  }

  private List<ForeignTree.Link> lost(Stream<Digest> digests, Finder finder) {
    try (digests) {
      return digests
          .distinct()
          .flatMap(digest -> finder.find(digest).stream())
          .filter(link -> !both.exists(blobs.key(link.digest())))
          .toList();
    }
  }

  private static Defect lost(DefectKind kind, ForeignTree.Link link) {
    return Defect.of(kind, link.file(), "The bytes of " + link.digest() + " are lost or empty");
  }
}
