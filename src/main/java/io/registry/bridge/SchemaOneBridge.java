package io.registry.bridge;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.registry.content.files.LayerScanner;
import io.registry.content.files.UnreadableLayerException;
import io.registry.content.manifest.Descriptor;
import io.registry.content.manifest.Digest;
import io.registry.content.manifest.MediaTypes;
import io.registry.content.manifest.SchemaOneManifest;
import io.registry.platform.concurrent.SharedWork;
import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.platform.problem.RetryLaterException;
import io.registry.platform.problem.Subject;
import io.registry.storage.Blob;
import io.registry.storage.ByteRange;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves images of Docker's schema 1 to the clients of today, which do not read it: makes a
 * manifest of schema 2 and a configuration of each, by the rules by which V1 images get theirs. The
 * layers stay what they are; each is unpacked once, because the configuration names the unpacked
 * bytes. What was made is kept, and is made again to the same bytes when it is lost.
 */
public final class SchemaOneBridge {
  private static final Logger log = LoggerFactory.getLogger(SchemaOneBridge.class);

  private static final Duration RETRY = Duration.ofSeconds(10);
  private static final int REMEMBERED = 50_000;
  private static final int MAX_OWNERS = 100;

  private final DerivedStore derived;
  private final LayerScanner scanner;
  private final JsonCodec codec;
  private final Executor scans;
  private final Executor executor;
  private final Duration patience;
  private final SharedWork<Digest, Conversion> underWay = new SharedWork<>();
  private final SharedWork<Digest, LayerFacts> layers = new SharedWork<>();
  private final Cache<Digest, Conversion> remembered =
      Caffeine.newBuilder().maximumSize(REMEMBERED).build();

  SchemaOneBridge(
      DerivedStore derived,
      LayerScanner scanner,
      JsonCodec codec,
      Executor scans,
      Executor executor,
      Duration patience) {
    this.derived = derived;
    this.scanner = scanner;
    this.codec = codec;
    this.scans = scans;
    this.executor = executor;
    this.patience = patience;
  }

  /**
   * What was made of a manifest of schema 1.
   *
   * @param manifest the manifest of schema 2; empty when it cannot be made
   * @param config its configuration; empty when it cannot be made
   * @param refusal why not; empty when it was made
   */
  public record Conversion(
      Optional<Descriptor> manifest, Optional<Descriptor> config, String refusal) {}

  /**
   * Makes the manifest of schema 2 for an image of schema 1, when it is not there yet. When the
   * caller gives up, the work goes on.
   *
   * @param digest the digest of the manifest of schema 1
   * @param manifest reads that manifest
   * @param blobs opens a layer of the repository; empty when the repository has no such blob
   * @return what was made
   * @throws RegistryException {@code UNAVAILABLE} when the layers cannot be read now, or reading
   *     takes longer than a client waits; {@code NOT_FOUND} when one is missing
   */
  public Conversion convert(
      Digest digest,
      Function<Digest, SchemaOneManifest> manifest,
      Function<Digest, Optional<BridgedBlob>> blobs) {
    return known(digest)
        .orElseGet(
            () -> await(underWay.of(digest, () -> begin(digest, manifest.apply(digest), blobs))));
  }

  /** What was made of a manifest before, without making anything. */
  public Optional<Conversion> known(Digest digest) {
    Conversion found = remembered.getIfPresent(digest);
    if (found != null) {
      return Optional.of(found);
    }
    Optional<Conversion> kept =
        derived
            .readConversion(digest)
            .flatMap(bytes -> BridgedImage.parse(codec, bytes))
            .map(image -> new Conversion(image.manifest(), image.config(), image.refusal()));
    kept.ifPresent(conversion -> remembered.put(digest, conversion));
    return kept;
  }

  /**
   * The manifests of schema 1 that a manifest or a configuration was made of.
   *
   * @param made the digest of what was made
   * @param isWanted whether a manifest of schema 1 will do
   * @return one of them; empty when there is none
   */
  public Optional<Digest> sourceOf(Digest made, Predicate<Digest> isWanted) {
    try (Stream<Digest> sources = derived.sources(made, MAX_OWNERS)) {
      return sources.filter(isWanted).findFirst();
    }
  }

  /**
   * The bytes of a manifest or configuration that was made.
   *
   * @return empty when they are lost; then {@link #forget} lets them be made again
   */
  public Optional<byte[]> content(Digest made) {
    return derived.readContent(made);
  }

  /** Lets what was made of a manifest be made again. */
  public void forget(Digest digest) {
    remembered.invalidate(digest);
    derived.removeConversion(digest);
  }

  private CompletableFuture<Conversion> begin(
      Digest digest, SchemaOneManifest manifest, Function<Digest, Optional<BridgedBlob>> blobs) {
    List<Digest> needed = manifest.neededLayers();
    List<CompletableFuture<LayerFacts>> facts =
        needed.stream().map(layer -> facts(layer, blobs)).toList();
    return CompletableFuture.allOf(facts.toArray(CompletableFuture[]::new))
        .thenApplyAsync(
            done -> {
              Map<Digest, LayerFacts> found = new HashMap<>();
              for (int i = 0; i < needed.size(); i++) {
                found.put(needed.get(i), facts.get(i).join());
              }
              return make(digest, manifest, found);
            },
            executor);
  }

  private Conversion make(
      Digest digest, SchemaOneManifest manifest, Map<Digest, LayerFacts> layers) {
    BridgedImage image;
    try {
      image = write(digest, documents(manifest, layers));
    } catch (UnrepresentableException e) {
      log.info("The manifest {} of schema 1 is not converted: {}", digest, e.toString());
      String reason = "image %s: %s".formatted(e.image(), e.reason());
      image = BridgedImage.refused("", reason);
    }
    derived.writeConversion(digest, image.render(codec));
    Conversion made = new Conversion(image.manifest(), image.config(), image.refusal());
    remembered.put(digest, made);
    return made;
  }

  private static ImageDocuments documents(
      SchemaOneManifest manifest, Map<Digest, LayerFacts> layers) {
    return ImageDocuments.of(
        manifest.images().stream()
            .map(
                image ->
                    image.isThrowaway()
                        ? ImageDocuments.Part.withoutLayer(image.id(), image.json())
                        : part(image, Objects.requireNonNull(layers.get(image.layer()))))
            .toList());
  }

  private static ImageDocuments.Part part(SchemaOneManifest.Image image, LayerFacts layer) {
    if (layer.scan().isEmpty()) {
      throw new UnrepresentableException(
          image.id(), "its layer cannot be unpacked: " + layer.refusal());
    }
    // Docker takes any compression for gzip, and finds out by itself which it is.
    Descriptor served =
        layer.form() == LayerFacts.Form.UNPACKED
            ? new Descriptor(MediaTypes.DOCKER_LAYER_GZIP, image.layer(), layer.scan().get().size())
            : layer.descriptor();
    return ImageDocuments.Part.of(image.id(), image.json(), layer, served);
  }

  private BridgedImage write(Digest source, ImageDocuments made) {
    Digest config = Digest.of(made.config());
    Digest manifest = Digest.of(made.manifest());
    derived.writeContent(config, made.config());
    derived.writeContent(manifest, made.manifest());
    derived.indexConversion(config, source);
    derived.indexConversion(manifest, source);
    return new BridgedImage(
        "",
        Optional.of(new Descriptor(MediaTypes.DOCKER_MANIFEST, manifest, made.manifest().length)),
        Optional.of(new Descriptor(MediaTypes.DOCKER_CONFIG, config, made.config().length)),
        List.of(),
        "");
  }

  // Clients that ask for images with the same layer at the same time share the work.
  private CompletableFuture<LayerFacts> facts(
      Digest layer, Function<Digest, Optional<BridgedBlob>> blobs) {
    return known(layer, derived.readBlob(layer))
        .or(() -> ofImage(layer))
        .map(CompletableFuture::completedFuture)
        .orElseGet(
            () ->
                layers.of(
                    layer,
                    () -> {
                      // Finding it may wait for other layers, and must not take a thread from them.
                      BridgedBlob found = find(layer, blobs);
                      return CompletableFuture.supplyAsync(() -> scan(layer, found), scans);
                    }));
  }

  private Optional<LayerFacts> known(Digest layer, Optional<byte[]> kept) {
    return kept.flatMap(bytes -> LayerFacts.parse(codec, bytes))
        .filter(facts -> facts.scan().filter(scan -> scan.digest().equals(layer)).isPresent());
  }

  // The V1 image that the manifest contains was prepared before.
  private Optional<LayerFacts> ofImage(Digest layer) {
    try (Stream<DerivedStore.Owner> owners = derived.owners(layer, MAX_OWNERS)) {
      return owners
          .filter(owner -> owner.kind() == DerivedStore.Kind.LAYER)
          .flatMap(owner -> known(layer, derived.readLayer(owner.image())).stream())
          .findFirst();
    }
  }

  private static BridgedBlob find(Digest layer, Function<Digest, Optional<BridgedBlob>> blobs) {
    return blobs
        .apply(layer)
        .orElseThrow(
            () ->
                new RegistryException(
                    Problem.NOT_FOUND,
                    Subject.MANIFEST,
                    "The repository lacks the layer %s of the image".formatted(layer)));
  }

  private LayerFacts scan(Digest layer, BridgedBlob stored) {
    LayerFacts facts;
    try (Blob blob = stored.open(ByteRange.ALL)) {
      facts =
          LayerFacts.readable(
              layer.toString(),
              scanner.scan(blob.body(), () -> !Thread.currentThread().isInterrupted()));
    } catch (UnreadableLayerException e) {
      return LayerFacts.unreadable(layer.toString(), e.reason());
    }
    if (facts.scan().filter(scan -> scan.digest().equals(layer)).isEmpty()) {
      throw new RegistryException(
          Problem.NOT_FOUND,
          Subject.MANIFEST,
          "The bytes of the layer %s are damaged".formatted(layer));
    }
    derived.writeBlob(layer, facts.render(codec));
    return facts;
  }

  private Conversion await(CompletableFuture<Conversion> result) {
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
      throw new IllegalStateException("The image could not be converted", e);
    }
  }
}
