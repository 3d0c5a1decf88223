package io.registry.operations.transfer;

import io.registry.bridge.BridgedBlob;
import io.registry.content.archive.Content;
import io.registry.content.image.ImageId;
import io.registry.content.image.ImageReader;
import io.registry.content.manifest.Descriptor;
import io.registry.content.manifest.Digest;
import io.registry.content.manifest.Manifest;
import io.registry.content.manifest.ManifestParser;
import io.registry.content.manifest.Referrer;
import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.TagName;
import io.registry.content.repository.Tags;
import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.service.BlobService;
import io.registry.service.ManifestService;
import io.registry.service.ReferrerPage;
import io.registry.service.ServedManifest;
import io.registry.storage.Blob;
import io.registry.storage.ByteRange;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.springframework.context.ApplicationContext;

/** The images of the configured registry, as it serves them by digest. */
final class ServedImages {
  private static final int PAGE = 1000;

  private final Tags tags;
  private final ImageReader images;
  private final ManifestService manifests;
  private final BlobService blobs;
  private final JsonCodec codec;
  private final ManifestParser parser;

  ServedImages(ApplicationContext registry) {
    this.tags = registry.getBean(Tags.class);
    this.images = registry.getBean("images", ImageReader.class);
    this.manifests = registry.getBean(ManifestService.class);
    this.blobs = registry.getBean(BlobService.class);
    this.codec = registry.getBean(JsonCodec.class);
    this.parser = new ManifestParser(codec);
  }

  /**
   * An image.
   *
   * @param v1 the V1 image that the tag names; empty when V1 cannot express it
   * @param manifest what the tag serves
   */
  record Tagged(
      RepositoryName repository, TagName tag, Optional<ImageId> v1, ServedManifest manifest) {
    Descriptor descriptor() {
      return ServedImages.descriptor(manifest);
    }
  }

  static Descriptor descriptor(ServedManifest manifest) {
    return new Descriptor(manifest.mediaType(), manifest.digest(), manifest.bytes().length);
  }

  JsonCodec codec() {
    return codec;
  }

  ImageReader images() {
    return images;
  }

  /**
   * The image of a tag.
   *
   * @throws RegistryException when there is no such tag by now, or the image is not served by
   *     digest, with the reason
   */
  Tagged find(RepositoryName repository, TagName tag) {
    ServedManifest manifest =
        manifests
            .find(repository, tag)
            .orElseThrow(() -> new RegistryException(Problem.NOT_FOUND, "There is no such tag"));
    return new Tagged(
        repository, tag, tags.get(repository, tag).filter(image -> !image.isManifest()), manifest);
  }

  Optional<ServedManifest> manifest(RepositoryName repository, Digest digest) {
    return manifests.find(repository, digest);
  }

  Manifest parse(ServedManifest manifest) {
    return parser.parse(manifest.mediaType(), manifest.bytes());
  }

  /** The manifests that refer to a manifest. */
  List<Referrer> referrers(RepositoryName repository, Digest subject) {
    List<Referrer> all = new ArrayList<>();
    Optional<String> next = Optional.of("");
    while (next.isPresent()) {
      ReferrerPage page = manifests.referrers(repository, subject, "", next.get(), PAGE);
      all.addAll(page.referrers());
      next = page.next();
    }
    return all;
  }

  /** Whether a repository has a blob. */
  boolean has(RepositoryName repository, Digest digest) {
    return blobs.find(repository, digest).isPresent();
  }

  /** Whether a repository has a tag. */
  boolean has(RepositoryName repository, TagName tag) {
    return tags.get(repository, tag).isPresent();
  }

  /**
   * A blob in the store.
   *
   * @param size in bytes
   * @param file the file that has its bytes; empty where the store has no such file
   */
  record StoredBlob(long size, Optional<Path> file) {}

  /** Finds out where a blob is; empty when the repository has no such blob. */
  Optional<StoredBlob> locate(RepositoryName repository, Digest digest) {
    Optional<BridgedBlob> found = blobs.find(repository, digest);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    try (Blob blob = found.get().open(ByteRange.ALL)) {
      return Optional.of(new StoredBlob(blob.size(), blob.file()));
    }
  }

  /** A blob of a repository, which is looked for when it is opened. */
  Content blob(RepositoryName repository, Digest digest) {
    return () -> {
      BridgedBlob found =
          blobs
              .find(repository, digest)
              .orElseThrow(
                  () ->
                      new RegistryException(
                          Problem.NOT_FOUND, "The repository has no blob " + digest));
      return new BlobStream(found.open(ByteRange.ALL));
    };
  }

  /** Reads a small blob, such as a configuration. */
  byte[] read(RepositoryName repository, Descriptor blob) throws IOException {
    try (InputStream in = blob(repository, blob.digest()).open()) {
      byte[] bytes = in.readNBytes(Sizes.MAX_DOCUMENT);
      if (!blob.digest().isDigestOf(bytes)) {
        throw new RegistryException(
            Problem.INVALID, "The bytes of " + blob.digest() + " have another digest");
      }
      return bytes;
    }
  }
}
