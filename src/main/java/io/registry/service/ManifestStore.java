package io.registry.service;

import io.registry.bridge.BridgedManifest;
import io.registry.bridge.BridgedRepository;
import io.registry.content.image.ImageId;
import io.registry.content.manifest.BlobLink;
import io.registry.content.manifest.BlobStore;
import io.registry.content.manifest.Descriptor;
import io.registry.content.manifest.Digest;
import io.registry.content.manifest.Manifest;
import io.registry.content.manifest.ManifestLink;
import io.registry.content.manifest.ManifestParser;
import io.registry.content.manifest.RepositoryContent;
import io.registry.content.repository.RepositoryName;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.platform.problem.Subject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Stores manifests in repositories. What a manifest lists has to be in its repository before, and
 * must not have been removed after.
 */
final class ManifestStore {
  private final BlobService blobService;
  private final RepositoryContent content;
  private final BlobStore blobs;
  private final BridgedRepository bridged;

  ManifestStore(
      BlobService blobService,
      RepositoryContent content,
      BlobStore blobs,
      BridgedRepository bridged) {
    this.blobService = blobService;
    this.content = content;
    this.blobs = blobs;
    this.bridged = bridged;
  }

  /**
   * Requires that the repository contains everything that a manifest lists, in the listed sizes.
   *
   * @return the listed manifests that were made of V1 images: they have to be stored too, because
   *     an index needs them even when the tag of the V1 image is removed
   * @throws RegistryException {@code NOT_FOUND} with the subject {@code BLOB} when something is
   *     missing; {@code INVALID} when it has another size
   */
  List<BridgedManifest> requireListed(RepositoryName repository, Manifest manifest) {
    for (Descriptor blob : manifest.blobs()) {
      BlobLink link =
          blobService
              .linkOf(repository, blob.digest())
              .orElseThrow(() -> missing(blob, "The repository has no blob "));
      requireSize(blob, link.size());
      if (content.findBlob(repository, blob.digest()).isEmpty()) {
        content.addBlob(repository, blob.digest(), link);
      }
    }
    List<BridgedManifest> made = new ArrayList<>();
    for (Manifest.Part child : manifest.children()) {
      requireChild(repository, child.descriptor()).ifPresent(made::add);
    }
    return made;
  }

  // BuildKit keeps its cache as an index that lists blobs.
  private Optional<BridgedManifest> requireChild(RepositoryName repository, Descriptor child) {
    Optional<Long> size =
        content
            .findManifest(repository, child.digest())
            .map(ManifestLink::size)
            .or(() -> content.findBlob(repository, child.digest()).map(BlobLink::size));
    if (size.isPresent()) {
      requireSize(child, size.get());
      return Optional.empty();
    }
    BridgedManifest made =
        bridged
            .manifest(repository, child.digest())
            .orElseThrow(() -> missing(child, "The repository has no manifest "));
    requireSize(child, made.bytes().length);
    return Optional.of(made);
  }

  /** Stores the bytes of a manifest. */
  void write(StoredManifest stored, ManifestParser.Received received) {
    blobs.write(stored.digest(), received.content());
  }

  /**
   * Adds a manifest whose bytes are stored to its repository.
   *
   * @param v1 the image that V1 clients would get instead
   * @return what the repository notes of it
   */
  ManifestLink add(StoredManifest stored, ManifestParser.Received received, Optional<ImageId> v1) {
    return content.add(
        stored.repository(), stored.descriptor(), stored.manifest(), v1, received.form());
  }

  /** Notes why V1 cannot express a manifest. */
  void refuse(StoredManifest stored, ManifestLink link, String refusal) {
    content.addManifest(stored.repository(), stored.digest(), link.refused(refusal));
  }

  /**
   * Whether the repository still contains a manifest and what it lists.
   *
   * @param thoroughly whether to look at everything, with its bytes; otherwise at one part, which a
   *     removal of the repository would have removed, too
   */
  boolean isStillThere(StoredManifest stored, boolean thoroughly) {
    RepositoryName repository = stored.repository();
    return content.findManifest(repository, stored.digest()).isPresent()
        && Stream.concat(
                stored.manifest().blobs().stream(),
                stored.manifest().children().stream().map(Manifest.Part::descriptor))
            .limit(thoroughly ? Long.MAX_VALUE : 1)
            .allMatch(part -> contains(repository, part.digest(), thoroughly));
  }

  private boolean contains(RepositoryName repository, Digest digest, boolean withBytes) {
    Optional<BlobLink> link = content.findBlob(repository, digest);
    return (link.isPresent() || content.findManifest(repository, digest).isPresent())
        && (!withBytes
            || link.flatMap(BlobLink::layerOf).isPresent()
            || blobs.size(digest).isPresent());
  }

  private static RegistryException missing(Descriptor what, String text) {
    return new RegistryException(Problem.NOT_FOUND, Subject.BLOB, text + what.digest());
  }

  private static void requireSize(Descriptor told, long size) {
    if (told.hasSize() && told.size() != size) {
      throw new RegistryException(
          Problem.INVALID,
          Subject.MANIFEST,
          "%s has %d bytes, not %d".formatted(told.digest(), size, told.size()));
    }
  }
}
