package io.registry.service;

import io.registry.content.image.ImageId;
import io.registry.content.manifest.BlobLink;
import io.registry.content.manifest.BlobStore;
import io.registry.content.manifest.Descriptor;
import io.registry.content.manifest.Digest;
import io.registry.content.manifest.Manifest;
import io.registry.content.manifest.ManifestLink;
import io.registry.content.manifest.ManifestParser;
import io.registry.content.manifest.MediaTypes;
import io.registry.content.manifest.RepositoryContent;
import io.registry.content.repository.ManifestRef;
import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.TagName;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.platform.problem.Subject;
import java.util.Optional;
import java.util.Set;

/**
 * Lets a repository contain a manifest again, with everything that it lists, whose bytes are still
 * in the store.
 */
final class ManifestRestoration {
  private static final int MAX_BYTES = 64 * 1024 * 1024;

  /** An index may list indexes; no client makes more levels. */
  private static final int MAX_DEPTH = 8;

  private static final Set<String> MANIFESTS =
      Set.of(
          MediaTypes.DOCKER_MANIFEST,
          MediaTypes.OCI_MANIFEST,
          MediaTypes.DOCKER_LIST,
          MediaTypes.OCI_INDEX);

  private final RepositoryContent content;
  private final BlobStore blobs;
  private final ManifestParser parser;

  ManifestRestoration(RepositoryContent content, BlobStore blobs, ManifestParser parser) {
    this.content = content;
    this.blobs = blobs;
    this.parser = parser;
  }

  /**
   * Restores a manifest that the repository does not contain any more.
   *
   * @param mediaType what it is; empty when only the manifest itself says it
   * @param image the V1 image that it is served as; empty when it is not known
   * @return what the manifest is
   * @throws RegistryException {@code CONFLICT} when bytes of it are lost
   */
  ManifestRef restore(
      RepositoryName repository, Digest digest, String mediaType, Optional<ImageId> image) {
    return restore(repository, digest, mediaType, image, MAX_DEPTH);
  }

  private ManifestRef restore(
      RepositoryName repository,
      Digest digest,
      String mediaType,
      Optional<ImageId> image,
      int depth) {
    Optional<ManifestLink> there = content.findManifest(repository, digest);
    String type = there.map(ManifestLink::mediaType).orElse(mediaType);
    byte[] bytes =
        blobs.read(digest, MAX_BYTES).filter(digest::isDigestOf).orElseThrow(() -> lost(digest));
    Manifest manifest = parser.parse(type, bytes);
    if (depth == 0) {
      throw new RegistryException(
          Problem.CONFLICT, Subject.MANIFEST, "The manifest lists too many levels of others");
    }
    manifest.blobs().forEach(blob -> restoreBlob(repository, blob));
    manifest.children().forEach(child -> restoreChild(repository, child.descriptor(), depth - 1));
    if (there.isEmpty()) {
      // Last, so that clients never see it without what it lists.
      content.add(
          repository,
          new Descriptor(manifest.mediaType(), digest, bytes.length),
          manifest,
          image,
          // The trash keeps no signatures.
          Optional.empty());
    }
    return new ManifestRef(manifest.mediaType(), digest.toString(), bytes.length);
  }

  // BuildKit keeps its cache as an index that lists blobs.
  private void restoreChild(RepositoryName repository, Descriptor child, int depth) {
    if (!MANIFESTS.contains(child.mediaType())) {
      restoreBlob(repository, child);
    } else {
      restore(repository, child.digest(), child.mediaType(), Optional.empty(), depth);
    }
  }

  /**
   * Restores a blob that the repository does not contain any more.
   *
   * @throws RegistryException {@code CONFLICT} when its bytes are lost
   */
  void restoreBlob(RepositoryName repository, Descriptor blob) {
    if (content.findBlob(repository, blob.digest()).isPresent()) {
      return;
    }
    long size = blobs.size(blob.digest()).orElseThrow(() -> lost(blob.digest()));
    content.addBlob(repository, blob.digest(), new BlobLink(size, Optional.empty()));
  }

  /** Restores a blob whose bytes are the layer of a V1 image. */
  void restoreBlob(RepositoryName repository, Digest digest, BlobLink link) {
    content.addBlob(repository, digest, link);
  }

  /** Lets a tag that is about to name a V1 image serve a manifest. */
  void serve(RepositoryName repository, TagName tag, ImageId image, Digest digest) {
    content.setTagged(repository, tag, image, digest);
  }

  private static RegistryException lost(Digest digest) {
    return new RegistryException(
        Problem.CONFLICT, Subject.BLOB, "The bytes of %s are lost".formatted(digest));
  }
}
