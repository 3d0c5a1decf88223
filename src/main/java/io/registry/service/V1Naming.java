package io.registry.service;

import io.registry.bridge.BridgedBlob;
import io.registry.bridge.BridgedRepository;
import io.registry.bridge.DerivedStore;
import io.registry.bridge.PushedImage;
import io.registry.bridge.V1View;
import io.registry.bridge.V1Views;
import io.registry.content.image.ImageId;
import io.registry.content.image.ImageReader;
import io.registry.content.image.Pusher;
import io.registry.content.manifest.BlobLink;
import io.registry.content.manifest.BlobStore;
import io.registry.content.manifest.Descriptor;
import io.registry.content.manifest.Digest;
import io.registry.content.manifest.Manifest;
import io.registry.content.manifest.ManifestParser;
import io.registry.content.manifest.Origins;
import io.registry.content.repository.RepositoryName;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.storage.Blob;
import io.registry.storage.BlobKey;
import io.registry.storage.ByteRange;
import java.io.IOException;
import java.util.Optional;

/**
 * Finds the image that a tag of a pushed manifest names: the V1 image that V1 clients pull, which
 * is made when need be, or the manifest itself when V1 cannot express it.
 */
final class V1Naming {
  /** Docker reads no larger configuration, in bytes. */
  private static final int MAX_CONFIG = 8 * 1024 * 1024;

  private final V1Views views;
  private final BridgedRepository bridged;
  private final BlobService blobService;
  private final BlobStore blobs;
  private final Origins origins;
  private final ImageReader images;
  private final DerivedStore derived;
  private final ManifestParser parser;

  V1Naming(
      V1Views views,
      BridgedRepository bridged,
      BlobService blobService,
      BlobStore blobs,
      Origins origins,
      ImageReader images,
      DerivedStore derived,
      ManifestParser parser) {
    this.views = views;
    this.bridged = bridged;
    this.blobService = blobService;
    this.blobs = blobs;
    this.origins = origins;
    this.images = images;
    this.derived = derived;
    this.parser = parser;
  }

  /**
   * What a tag names.
   *
   * @param image the V1 image, or the manifest
   * @param refusal why V1 cannot express the image; empty when it can
   */
  record Named(ImageId image, String refusal) {}

  /**
   * A manifest that the repository contains.
   *
   * @param repository the repository
   * @param manifest what it says
   * @param digest its digest
   * @param size in bytes
   */
  record Stored(RepositoryName repository, Manifest manifest, Digest digest, long size) {}

  /**
   * The V1 image that the image would be, if its layers are what its configuration says; empty when
   * V1 cannot express the image. Makes nothing.
   */
  Optional<ImageId> plan(Stored image) {
    return pulled(image).or(() -> pushed(image).flatMap(found -> views.plan(found).top()));
  }

  // An image that came over V1 keeps its id when a client pushes back what it has pulled.
  private Optional<ImageId> pulled(Stored image) {
    return bridged.topsOf(image.repository(), image.digest()).stream().findFirst();
  }

  private Optional<PushedImage> pushed(Stored image) {
    Manifest manifest = image.manifest();
    return manifest
        .config()
        .flatMap(
            config ->
                config(image.repository(), config)
                    .map(
                        bytes ->
                            new PushedImage(
                                config.mediaType(),
                                bytes,
                                manifest.layers().stream()
                                    .map(Manifest.Part::descriptor)
                                    .toList())));
  }

  /**
   * Finds what a tag of an image names, and makes the V1 image when need be.
   *
   * @throws RegistryException as {@link V1Views#publish}
   */
  Named name(Stored image, Pusher pusher) {
    Optional<ImageId> pulled = pulled(image);
    if (pulled.isPresent()) {
      return new Named(pulled.get(), "");
    }
    Optional<PushedImage> pushed = pushed(image);
    if (pushed.isEmpty()) {
      return unnamed(image.digest(), "The configuration is too large");
    }
    V1View plan = views.plan(pushed.get());
    V1View view =
        plan.top()
            .map(
                top ->
                    views.publish(
                        pushed.get(),
                        layer -> file(image.repository(), layer),
                        pusher,
                        () -> noteOrigin(top, image)))
            .orElse(plan);
    return view.top()
        .map(top -> new Named(top, ""))
        .orElseGet(() -> unnamed(image.digest(), view.refusal()));
  }

  /** Names a manifest that V1 cannot express. */
  static Named unnamed(Digest digest, String refusal) {
    return new Named(ImageId.findTagged(digest.toString()).orElseThrow(), refusal);
  }

  /** The operating system and architecture of an image, as its configuration says. */
  String platform(Stored image) {
    return image
        .manifest()
        .config()
        .flatMap(config -> config(image.repository(), config))
        .map(parser::platform)
        .orElse("");
  }

  private Optional<byte[]> config(RepositoryName repository, Descriptor config) {
    return blobService
        .find(repository, config.digest())
        .filter(found -> found.size() <= MAX_CONFIG)
        .map(V1Naming::read);
  }

  private static byte[] read(BridgedBlob small) {
    try (Blob blob = small.open(ByteRange.ALL)) {
      return blob.body().readAllBytes();
    } catch (IOException e) {
      throw new RegistryException(Problem.UNAVAILABLE, "The configuration could not be read", e);
    }
  }

  // Only of a manifest whose layers are those of the image: V1 clients give the image other tags.
  // An image that came over V1 is served with the manifest that was made of it, except under the
  // tags that clients set over V2. Other processes must not go by what they know of it.
  private void noteOrigin(ImageId top, Stored image) {
    Optional<Origins.Origin> known = origins.find(top);
    if (known.filter(Origins.Origin::isAnnounced).isPresent()) {
      return;
    }
    boolean cameOverV1 =
        known.map(origin -> origin.manifest().isEmpty()).orElseGet(() -> isComplete(top));
    Descriptor manifest =
        new Descriptor(image.manifest().mediaType(), image.digest(), image.size());
    // An image that was removed may be one that other servers have served.
    boolean wasSeen = cameOverV1 || derived.hasRecord(top);
    origins.add(
        top,
        cameOverV1 ? Optional.empty() : Optional.of(manifest),
        wasSeen,
        derived::changeGeneration);
  }

  private boolean isComplete(ImageId image) {
    try {
      images.requireComplete(image);
      return true;
    } catch (RegistryException e) {
      if (e.problem() == Problem.UNAVAILABLE) {
        throw e;
      }
      return false;
    }
  }

  // The bytes of a V1 layer may be served in another form than they are stored in.
  private BlobKey file(RepositoryName repository, Digest layer) {
    Optional<ImageId> v1 = blobService.linkOf(repository, layer).flatMap(BlobLink::layerOf);
    return v1.flatMap(image -> bridged.storedLayer(image, layer))
        .orElseGet(() -> v1.isPresent() ? copied(repository, layer) : blobs.key(layer));
  }

  private BlobKey copied(RepositoryName repository, Digest layer) {
    blobService.copy(repository, layer);
    return blobs.key(layer);
  }
}
