package io.registry.bridge;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.registry.content.image.ImageId;
import io.registry.content.image.ImageReader;
import io.registry.content.manifest.Descriptor;
import io.registry.content.manifest.Digest;
import io.registry.content.manifest.MediaTypes;
import io.registry.content.manifest.SchemaOneManifest;
import io.registry.platform.concurrent.SharedWork;
import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the manifest and the configuration of a V1 image, once. What was made is kept and is
 * authoritative; it is made again, to the same bytes, when it is lost, and anew when a layer that
 * it names was replaced.
 */
final class ImageBridge {
  private static final Logger log = LoggerFactory.getLogger(ImageBridge.class);

  /**
   * How long a manifest is served before the versions of its layers are looked at. The original
   * replaces a lost layer without a new generation.
   */
  static final Duration TRUSTED = Duration.ofMinutes(1);

  /** As many as a server remembers. */
  static final int REMEMBERED = 50_000;

  private final ImageReader images;
  private final LayerDigests layers;
  private final DerivedStore derived;
  private final JsonCodec codec;
  private final Executor executor;
  private final SharedWork<ImageId, BridgedImage> underWay = new SharedWork<>();
  private final Cache<ImageId, BridgedImage> remembered;

  /** The images whose layers were looked at not long ago. */
  private final Cache<ImageId, Boolean> looked;

  ImageBridge(
      ImageReader images,
      LayerDigests layers,
      DerivedStore derived,
      JsonCodec codec,
      Executor executor,
      Clock clock,
      int remembered) {
    this.images = images;
    this.layers = layers;
    this.derived = derived;
    this.codec = codec;
    this.executor = executor;
    this.remembered = Caffeine.newBuilder().maximumSize(remembered).build();
    this.looked =
        Caffeine.newBuilder()
            .maximumSize(remembered)
            .expireAfterWrite(TRUSTED)
            .ticker(() -> TimeUnit.MILLISECONDS.toNanos(clock.millis()))
            .build();
  }

  /** What was made of an image before and still holds, without making anything. */
  Optional<BridgedImage> known(ImageId top) {
    return known(top, derived.generation());
  }

  private Optional<BridgedImage> known(ImageId top, String generation) {
    BridgedImage found = remembered.getIfPresent(top);
    if (found == null) {
      found =
          derived.readRecord(top).flatMap(bytes -> BridgedImage.parse(codec, bytes)).orElse(null);
    }
    if (found == null || !found.generation().equals(generation)) {
      return Optional.empty();
    }
    remembered.put(top, found);
    return Optional.of(found);
  }

  /**
   * The image as it is served by digest; made when need be.
   *
   * @return completes exceptionally with a {@link RegistryException} when there is no such image,
   *     or it is unfinished
   */
  CompletableFuture<BridgedImage> of(ImageId top) {
    return of(top, derived.generation());
  }

  /**
   * As {@link #of(ImageId)}.
   *
   * @param generation the generation, which the caller has just looked at
   */
  CompletableFuture<BridgedImage> of(ImageId top, String generation) {
    Optional<BridgedImage> known = known(top, generation);
    if (known.isEmpty()) {
      return underWay.of(top, () -> make(top));
    }
    CompletableFuture<BridgedImage> answer = CompletableFuture.completedFuture(known.get());
    if (looked.asMap().putIfAbsent(top, true) != null) {
      return answer;
    }
    CompletableFuture<Boolean> look = look(top);
    // A client that is refused waits for it; others get the next generation with their next pull.
    return known.get().manifest().isPresent() ? answer : look.thenCompose(done -> of(top));
  }

  // Layers with another version are read again, which begins a generation if they are other layers.
  private CompletableFuture<Boolean> look(ImageId top) {
    return CompletableFuture.supplyAsync(
            () ->
                images.ancestry(top).stream()
                    .filter(this::isReplaced)
                    .map(layers::of)
                    .toArray(CompletableFuture[]::new),
            executor)
        .thenCompose(CompletableFuture::allOf)
        .handle(
            (done, failure) -> {
              if (failure != null) {
                log.debug("The layers of image {} were not looked at", top, failure);
              }
              return failure == null;
            });
  }

  private boolean isReplaced(ImageId image) {
    try {
      return layers.known(image).isEmpty();
    } catch (RegistryException e) {
      // The layer is lost.
      return false;
    }
  }

  private CompletableFuture<BridgedImage> make(ImageId top) {
    String generation;
    List<ImageId> chain;
    try {
      generation = derived.begunGeneration();
      chain = new ArrayList<>(images.ancestry(top));
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
    Collections.reverse(chain);
    List<CompletableFuture<LayerFacts>> facts = chain.stream().map(layers::of).toList();
    return CompletableFuture.allOf(facts.toArray(CompletableFuture[]::new))
        .thenApplyAsync(
            done ->
                make(top, generation, chain, facts.stream().map(CompletableFuture::join).toList()),
            executor);
  }

  private BridgedImage make(
      ImageId top, String generation, List<ImageId> chain, List<LayerFacts> facts) {
    BridgedImage image;
    try {
      image = write(top, generation, documents(chain, facts));
    } catch (UnrepresentableException e) {
      log.info("Image {} is not served over V2: {}", top, e.toString());
      String reason = "image %s: %s".formatted(e.image(), e.reason());
      image = BridgedImage.refused(generation, reason);
    }
    derived.writeRecord(top, image.render(codec));
    remembered.put(top, image);
    return image;
  }

  private ImageDocuments documents(List<ImageId> chain, List<LayerFacts> facts) {
    List<ImageDocuments.Part> parts = new ArrayList<>();
    for (int i = 0; i < chain.size(); i++) {
      LayerFacts layer = facts.get(i);
      if (layer.scan().isEmpty()) {
        throw new UnrepresentableException(
            chain.get(i), "its layer cannot be unpacked: " + layer.refusal());
      }
      byte[] json = images.describe(chain.get(i)).json();
      parts.add(
          layer.isEmpty() && isThrowaway(json)
              ? ImageDocuments.Part.withoutLayer(chain.get(i), json)
              : ImageDocuments.Part.of(chain.get(i), json, layer));
    }
    return ImageDocuments.of(parts);
  }

  // An image that came as a manifest of schema 1.
  private boolean isThrowaway(byte[] json) {
    return codec.parse(json).filter(SchemaOneManifest::isThrowaway).isPresent();
  }

  private BridgedImage write(ImageId top, String generation, ImageDocuments made) {
    Digest config = Digest.of(made.config());
    Digest manifest = Digest.of(made.manifest());
    derived.writeContent(config, made.config());
    derived.writeContent(manifest, made.manifest());
    derived.index(config, DerivedStore.Kind.CONFIG, top);
    derived.index(manifest, DerivedStore.Kind.MANIFEST, top);
    return new BridgedImage(
        generation,
        Optional.of(new Descriptor(MediaTypes.DOCKER_MANIFEST, manifest, made.manifest().length)),
        Optional.of(new Descriptor(MediaTypes.DOCKER_CONFIG, config, made.config().length)),
        made.layers(),
        "");
  }

  /**
   * The bytes of a manifest or configuration, made again when they are lost.
   *
   * @return completes exceptionally with a {@link RegistryException} when they cannot be made now
   */
  CompletableFuture<byte[]> content(ImageId top, Digest digest) {
    Optional<byte[]> kept = derived.readContent(digest);
    if (kept.isPresent()) {
      return CompletableFuture.completedFuture(kept.get());
    }
    remembered.invalidate(top);
    return make(top)
        .thenApply(
            image ->
                derived
                    .readContent(digest)
                    .orElseThrow(
                        () ->
                            new RegistryException(
                                Problem.NOT_FOUND, "The image has other content by now")));
  }
}
