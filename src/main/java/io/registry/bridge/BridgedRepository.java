package io.registry.bridge;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.registry.content.image.ImageId;
import io.registry.content.image.ImageReader;
import io.registry.content.manifest.Descriptor;
import io.registry.content.manifest.Digest;
import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.TaggedImages;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.platform.problem.RetryLaterException;
import io.registry.storage.Blob;
import io.registry.storage.BlobKey;
import io.registry.storage.ByteRange;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * Serves V1 images by digest, through the repositories that they belong to: an image belongs to a
 * repository when a tag names it, or an image that builds upon it. That is the rule by which V1
 * images are read, too.
 */
public final class BridgedRepository {
  /** More images that share one digest are looked for by the images of the repository. */
  private static final int MAX_OWNERS = 100;

  private static final int REMEMBERED = 100_000;
  private static final int REMEMBERED_BYTES = 32 * 1024 * 1024;
  private static final Duration RETRY = Duration.ofSeconds(10);

  private final TaggedImages tagged;
  private final ImageReader images;
  private final ImageBridge bridge;
  private final LayerDigests layers;
  private final DerivedStore derived;
  private final LayerUnpacker unpacker;
  private final Duration patience;
  private final Cache<Place, DerivedStore.Owner> owners =
      Caffeine.newBuilder().maximumSize(REMEMBERED).build();
  private final Cache<Digest, byte[]> contents =
      Caffeine.newBuilder()
          .maximumWeight(REMEMBERED_BYTES)
          .weigher((Digest digest, byte[] bytes) -> bytes.length)
          .build();

  /** Unpacks a layer that a scan has found to be readable. */
  @FunctionalInterface
  interface LayerUnpacker {
    InputStream unpack(InputStream stored) throws IOException;
  }

  BridgedRepository(
      TaggedImages tagged,
      ImageReader images,
      ImageBridge bridge,
      LayerDigests layers,
      DerivedStore derived,
      LayerUnpacker unpacker,
      Duration patience) {
    this.tagged = tagged;
    this.images = images;
    this.bridge = bridge;
    this.layers = layers;
    this.derived = derived;
    this.unpacker = unpacker;
    this.patience = patience;
  }

  private record Place(RepositoryName repository, Digest digest) {}

  /**
   * The manifest that is made of a V1 image, which a tag of the repository names. When nothing is
   * known of the image yet, its layers are read for it, which goes on when the caller gives up.
   *
   * @param generation the generation of what is derived, which the caller has just looked at
   * @param isStale whether the tag may have moved
   * @throws RegistryException {@code NOT_FOUND} when the image cannot be served by digest, with the
   *     reason; {@code UNAVAILABLE} when reading the layers takes longer than a client waits
   */
  public BridgedManifest manifest(
      RepositoryName repository, ImageId top, String generation, boolean isStale) {
    return manifest(repository, top, await(bridge.of(top, generation)), isStale);
  }

  private BridgedManifest manifest(
      RepositoryName repository, ImageId top, BridgedImage image, boolean isStale) {
    Descriptor manifest =
        image
            .manifest()
            .orElseThrow(
                () ->
                    new RegistryException(
                        Problem.NOT_FOUND, "The image is served over V1 only: " + image.refusal()));
    remember(repository, top, image, manifest.digest());
    return new BridgedManifest(
        manifest.mediaType(), manifest.digest(), content(top, manifest.digest()), isStale);
  }

  // The client asks for these next, through this repository.
  private void remember(
      RepositoryName repository, ImageId top, BridgedImage image, Digest manifest) {
    DerivedStore.Owner owner = new DerivedStore.Owner(DerivedStore.Kind.MANIFEST, top);
    Place place = new Place(repository, manifest);
    if (owner.equals(owners.getIfPresent(place))) {
      return;
    }
    owners.put(place, owner);
    image
        .config()
        .ifPresent(
            config ->
                owners.put(
                    new Place(repository, config.digest()),
                    new DerivedStore.Owner(DerivedStore.Kind.CONFIG, top)));
    for (BridgedImage.Layer layer : image.layers()) {
      owners.put(
          new Place(repository, layer.descriptor().digest()),
          new DerivedStore.Owner(DerivedStore.Kind.LAYER, layer.image()));
    }
  }

  private byte[] content(ImageId top, Digest digest) {
    return contents.get(digest, key -> await(bridge.content(top, key)));
  }

  /**
   * A manifest by its digest.
   *
   * @return nothing when no image of the repository has such a manifest
   */
  public Optional<BridgedManifest> manifest(RepositoryName repository, Digest digest) {
    return owners(repository, digest)
        .flatMap(owner -> manifest(repository, owner, digest).stream())
        .findFirst();
  }

  /**
   * A manifest of the repository that a client has asked for before, by a tag or its digest.
   *
   * @return nothing when {@link #manifest(RepositoryName, Digest)} has to look for it
   */
  public Optional<BridgedManifest> rememberedManifest(RepositoryName repository, Digest digest) {
    return knownOwner(repository, digest).flatMap(owner -> manifest(repository, owner, digest));
  }

  private Optional<BridgedManifest> manifest(
      RepositoryName repository, DerivedStore.Owner owner, Digest digest) {
    if (owner.kind() != DerivedStore.Kind.MANIFEST) {
      return Optional.empty();
    }
    BridgedImage image = await(bridge.of(owner.image()));
    return Optional.of(image)
        .filter(made -> hasManifest(made, digest))
        .map(made -> manifest(repository, owner.image(), made, false));
  }

  /**
   * The V1 images of a repository from which a manifest with a digest is made.
   *
   * @return none when the repository has no such manifest
   */
  public List<ImageId> topsOf(RepositoryName repository, Digest digest) {
    return owners(repository, digest)
        .filter(owner -> owner.kind() == DerivedStore.Kind.MANIFEST)
        .map(DerivedStore.Owner::image)
        .filter(top -> hasManifest(await(bridge.of(top)), digest))
        .toList();
  }

  private static boolean hasManifest(BridgedImage image, Digest digest) {
    return image.manifest().filter(it -> it.digest().equals(digest)).isPresent();
  }

  /** Whether a layer is the empty one of Docker, which every repository has. */
  public static boolean isEmptyLayer(Digest digest) {
    return LayerFacts.isEmptyLayer(digest);
  }

  /**
   * A layer or configuration by its digest.
   *
   * @return nothing when no image of the repository has such a blob
   */
  public Optional<BridgedBlob> blob(RepositoryName repository, Digest digest) {
    if (isEmptyLayer(digest)) {
      return Optional.of(BridgedBlob.of(LayerFacts.emptyLayer(), digest));
    }
    Place place = new Place(repository, digest);
    return owners(repository, digest)
        .flatMap(
            owner -> blob(owner, digest).map(found -> remembered(place, owner, found)).stream())
        .findFirst();
  }

  private BridgedBlob remembered(Place place, DerivedStore.Owner owner, BridgedBlob found) {
    owners.put(place, owner);
    return found;
  }

  /**
   * The layer of an image that a repository contains by a link.
   *
   * @return nothing when the image has no such layer any more
   */
  public Optional<BridgedBlob> layer(ImageId image, Digest digest) {
    return blob(new DerivedStore.Owner(DerivedStore.Kind.LAYER, image), digest);
  }

  /**
   * Where the bytes of a layer are stored.
   *
   * @return nothing when the layer of the image is stored in another form than it is served in
   */
  public Optional<BlobKey> storedLayer(ImageId image, Digest digest) {
    return layer(image, digest)
        .filter(StoredLayer.class::isInstance)
        .map(found -> ImageReader.layerKey(image));
  }

  /**
   * The V1 image of the repository whose layer, as it is served, has a digest.
   *
   * @return nothing when no image of the repository has such a layer
   */
  public Optional<ImageId> layerOf(RepositoryName repository, Digest digest) {
    return owners(repository, digest)
        .filter(owner -> owner.kind() == DerivedStore.Kind.LAYER)
        .map(DerivedStore.Owner::image)
        .filter(image -> layer(image, digest).isPresent())
        .findFirst();
  }

  /**
   * A layer or configuration of the repository that a client has asked for before, or whose
   * manifest.
   *
   * @return nothing when {@link #blob} has to look for it
   */
  public Optional<BridgedBlob> rememberedBlob(RepositoryName repository, Digest digest) {
    return knownOwner(repository, digest).flatMap(owner -> blob(owner, digest));
  }

  private Optional<DerivedStore.Owner> knownOwner(RepositoryName repository, Digest digest) {
    return Optional.ofNullable(owners.getIfPresent(new Place(repository, digest)))
        .filter(owner -> tagged.contains(repository, owner.image()));
  }

  private Optional<BridgedBlob> blob(DerivedStore.Owner owner, Digest digest) {
    return switch (owner.kind()) {
      case MANIFEST -> Optional.empty();
      case CONFIG ->
          await(bridge.of(owner.image()))
              .config()
              .filter(config -> config.digest().equals(digest))
              .map(config -> BridgedBlob.of(content(owner.image(), digest), digest));
      case LAYER ->
          Optional.of(facts(owner.image()))
              .filter(facts -> facts.scan().isPresent())
              .filter(facts -> facts.descriptor().digest().equals(digest))
              .map(facts -> layer(owner.image(), facts));
    };
  }

  // A layer file with another version is read again. In a copy of the store it is the same layer;
  // otherwise the original has replaced it, and manifests that name the one before hold no longer.
  private LayerFacts facts(ImageId image) {
    return layers.known(image).orElseGet(() -> await(layers.of(image)));
  }

  private BridgedBlob layer(ImageId image, LayerFacts facts) {
    return switch (facts.form()) {
      case STORED -> new StoredLayer(image, facts);
      case UNPACKED -> new UnpackedLayer(image, facts);
      case EMPTY -> BridgedBlob.of(LayerFacts.emptyLayer(), facts.descriptor().digest());
    };
  }

  // Those that belong to the repository now. What is remembered of it comes first.
  private Stream<DerivedStore.Owner> owners(RepositoryName repository, Digest digest) {
    Optional<DerivedStore.Owner> known = knownOwner(repository, digest);
    if (known.isPresent()) {
      return known.stream();
    }
    List<DerivedStore.Owner> indexed;
    try (Stream<DerivedStore.Owner> all = derived.owners(digest, MAX_OWNERS)) {
      indexed = all.toList();
    }
    Stream<DerivedStore.Owner> found =
        indexed.stream().filter(owner -> tagged.contains(repository, owner.image()));
    if (indexed.size() < MAX_OWNERS) {
      return found;
    }
    Stream<DerivedStore.Owner> rest =
        tagged.all(repository).stream()
            .flatMap(
                image ->
                    Arrays.stream(DerivedStore.Kind.values())
                        .filter(kind -> derived.isIndexed(digest, kind, image))
                        .map(kind -> new DerivedStore.Owner(kind, image)));
    return Stream.concat(found, rest);
  }

  private <T> T await(CompletableFuture<T> result) {
    try {
      return result.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new RetryLaterException(
          Problem.UNAVAILABLE,
          "The layers are being read for the first time: try again, the work goes on",
          RETRY);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RegistryException(Problem.UNAVAILABLE, "The server stops", e);
    } catch (ExecutionException e) {
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        if (cause instanceof RuntimeException failure && !(cause instanceof CompletionException)) {
          throw failure;
        }
      }
      throw new IllegalStateException("The image could not be prepared", e);
    }
  }

  /** A layer as it is stored. */
  private final class StoredLayer implements BridgedBlob {
    private final ImageId image;
    private final LayerFacts facts;

    StoredLayer(ImageId image, LayerFacts facts) {
      this.image = image;
      this.facts = facts;
    }

    @Override
    public long size() {
      return facts.descriptor().size();
    }

    @Override
    public Blob open(ByteRange range) {
      return images.layer(image, range);
    }

    @Override
    public Optional<URI> downloadUrl() {
      return images.layerUrl(image);
    }
  }

  /** A layer that is unpacked while it is sent. */
  private final class UnpackedLayer implements BridgedBlob {
    private final ImageId image;
    private final LayerFacts facts;

    UnpackedLayer(ImageId image, LayerFacts facts) {
      this.image = image;
      this.facts = facts;
    }

    @Override
    public long size() {
      return facts.descriptor().size();
    }

    @Override
    public Blob open(ByteRange range) {
      Blob stored = images.layer(image, ByteRange.ALL);
      boolean opened = false;
      try {
        Blob unpacked =
            BytesBlob.of(
                size(), facts.descriptor().digest(), range, unpacker.unpack(stored.body()), stored);
        opened = true;
        return unpacked;
      } catch (IOException e) {
        throw new IllegalStateException("The layer of " + image + " cannot be unpacked", e);
      } finally {
        if (!opened) {
          stored.close();
        }
      }
    }

    @Override
    public Optional<URI> downloadUrl() {
      return Optional.empty();
    }
  }
}
