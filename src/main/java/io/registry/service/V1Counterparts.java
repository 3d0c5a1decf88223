package io.registry.service;

import io.registry.bridge.BridgedBlob;
import io.registry.bridge.BridgedRepository;
import io.registry.bridge.PushedImage;
import io.registry.bridge.V1Chain;
import io.registry.bridge.V1View;
import io.registry.bridge.V1Views;
import io.registry.content.image.ImageId;
import io.registry.content.image.Pusher;
import io.registry.content.manifest.BlobLink;
import io.registry.content.manifest.BlobStore;
import io.registry.content.manifest.Descriptor;
import io.registry.content.manifest.Digest;
import io.registry.content.manifest.Manifest;
import io.registry.content.manifest.ManifestParser;
import io.registry.content.repository.RepositoryName;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.storage.Blob;
import io.registry.storage.BlobKey;
import io.registry.storage.ByteRange;
import java.io.IOException;
import java.util.Optional;

/**
 * Finds, or makes, the image that V1 clients pull instead of a pushed manifest: its counterpart.
 *
 * <p>Of an index this is the image of one platform, that of the settings. An image that came over
 * V1 is its own counterpart. Others are made of the manifest, its configuration and its layers,
 * which are verified.
 */
public class V1Counterparts {
  /** Docker reads no larger configuration, in bytes. */
  private static final int MAX_CONFIG = 8 * 1024 * 1024;

  private final ManifestService manifests;
  private final BlobService blobService;
  private final BlobStore blobs;
  private final BridgedRepository bridged;
  private final V1Views views;
  private final OriginNotes origins;
  private final ManifestParser parser;
  private final ConvertedManifests converted;
  private final String platform;

  V1Counterparts(
      ManifestService manifests,
      BlobService blobService,
      BlobStore blobs,
      BridgedRepository bridged,
      V1Views views,
      OriginNotes origins,
      ManifestParser parser,
      ConvertedManifests converted,
      String platform) {
    this.manifests = manifests;
    this.blobService = blobService;
    this.blobs = blobs;
    this.bridged = bridged;
    this.views = views;
    this.origins = origins;
    this.parser = parser;
    this.converted = converted;
    this.platform = platform;
  }

  /**
   * Finds out what V1 clients would get for a manifest of a repository. Makes nothing.
   *
   * @return nothing when there is no such manifest, or V1 cannot express it
   */
  public Optional<V1Candidate> plan(RepositoryName repository, Digest digest) {
    return manifests
        .findStored(repository, digest)
        .flatMap(this::imageOf)
        .flatMap(
            image ->
                idOf(image)
                    .map(
                        id ->
                            new V1Candidate(
                                image.digest(),
                                image.manifest().layers().stream()
                                    .filter(layer -> !layer.isElsewhere())
                                    .map(Manifest.Part::descriptor)
                                    .filter(
                                        layer -> !BridgedRepository.isEmptyLayer(layer.digest()))
                                    .toList(),
                                id)));
  }

  /**
   * Makes the V1 image of a manifest whose layers are there, without a tag.
   *
   * @param digest the digest of the manifest of an image
   * @param pusher whose image it will be
   * @return the image; nothing when its layers are not what the configuration says
   * @throws RegistryException as for a push
   */
  public Optional<ImageId> make(RepositoryName repository, Digest digest, Pusher pusher) {
    return manifests
        .findStored(repository, digest)
        .map(stored -> make(stored, pusher))
        .map(V1Counterpart::image)
        .filter(image -> !image.isManifest());
  }

  /**
   * The V1 image that would be made of a manifest, if its layers are what its configuration says.
   * Makes nothing.
   */
  Optional<ImageId> plan(StoredManifest stored) {
    return imageOf(stored).flatMap(this::idOf);
  }

  /**
   * Finds what a tag of a manifest names, and makes the V1 image when need be.
   *
   * @param pusher whose image it will be
   * @throws RegistryException as {@link V1Views#publish}
   */
  V1Counterpart make(StoredManifest stored, Pusher pusher) {
    Optional<StoredManifest> image = imageOf(stored);
    if (image.isEmpty()) {
      return V1Counterpart.none(
          stored.digest(),
          stored.manifest().kind() == Manifest.Kind.INDEX
              ? "It contains no image for " + platform
              : "It is no image");
    }
    V1Counterpart made = makeOfImage(image.get(), pusher);
    return made.image().isManifest() ? V1Counterpart.none(stored.digest(), made.refusal()) : made;
  }

  private V1Counterpart makeOfImage(StoredManifest image, Pusher pusher) {
    Optional<ImageId> pulled = pulled(image);
    if (pulled.isPresent()) {
      return V1Counterpart.image(pulled.get());
    }
    Optional<V1Chain> chain = chain(image);
    if (chain.isEmpty()) {
      return V1Counterpart.none(image.digest(), "The configuration is too large");
    }
    V1View plan = views.plan(chain.get());
    V1View view =
        plan.top()
            .map(
                top ->
                    views.publish(
                        chain.get(),
                        layer -> file(image.repository(), layer),
                        pusher,
                        () -> origins.note(top, image)))
            .orElse(plan);
    return view.top()
        .map(V1Counterpart::image)
        .orElseGet(() -> V1Counterpart.none(image.digest(), view.refusal()));
  }

  // Of several platforms the one of the settings.
  private Optional<StoredManifest> imageOf(StoredManifest stored) {
    return switch (stored.manifest().kind()) {
      case IMAGE, SCHEMA_ONE -> Optional.of(stored);
      case OTHER -> Optional.empty();
      case INDEX ->
          stored.manifest().children().stream()
              .filter(child -> isForV1(child.platform()))
              .findFirst()
              .flatMap(
                  child -> manifests.findStored(stored.repository(), child.descriptor().digest()))
              .filter(child -> child.manifest().kind() == Manifest.Kind.IMAGE);
    };
  }

  private boolean isForV1(String childPlatform) {
    return childPlatform.equals(platform) || childPlatform.startsWith(platform + "/");
  }

  private Optional<ImageId> idOf(StoredManifest image) {
    return pulled(image).or(() -> chain(image).flatMap(found -> views.plan(found).top()));
  }

  // An image that came over V1 keeps its id when a client pushes back what it has pulled.
  private Optional<ImageId> pulled(StoredManifest image) {
    return bridged.topsOf(image.repository(), image.digest()).stream()
        .findFirst()
        .or(() -> converted.imageOf(image.repository(), image.digest()));
  }

  private Optional<V1Chain> chain(StoredManifest image) {
    return image.manifest().kind() == Manifest.Kind.SCHEMA_ONE
        ? Optional.of(V1Chain.of(converted.read(image.digest())))
        : pushed(image).map(V1Chain::of);
  }

  private Optional<PushedImage> pushed(StoredManifest image) {
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

  /** The operating system and architecture of an image, as its configuration says. */
  String platform(StoredManifest image) {
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
        .map(V1Counterparts::read);
  }

  private static byte[] read(BridgedBlob small) {
    try (Blob blob = small.open(ByteRange.ALL)) {
      return blob.body().readAllBytes();
    } catch (IOException e) {
      throw new RegistryException(Problem.UNAVAILABLE, "The configuration could not be read", e);
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
