package io.registry.bridge;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.registry.content.files.LayerScanner;
import io.registry.content.files.ScannedLayer;
import io.registry.content.files.UnreadableLayerException;
import io.registry.content.image.Checksum;
import io.registry.content.image.ImageId;
import io.registry.content.image.ImageReader;
import io.registry.platform.concurrent.SharedWork;
import io.registry.platform.json.JsonCodec;
import io.registry.storage.Blob;
import io.registry.storage.BlobInfo;
import io.registry.storage.ByteRange;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows the digests of the layers of V1 images. A layer is read once: when its digest is asked for
 * the first time. Requests for one layer share the work, which goes on when they end.
 */
final class LayerDigests {
  private static final Logger log = LoggerFactory.getLogger(LayerDigests.class);

  /** As many as a server remembers. */
  static final int REMEMBERED = 100_000;

  private static final int MAX_ANNOUNCED = 10_000;

  private final ImageReader images;
  private final DerivedStore derived;
  private final LayerScanner scanner;
  private final ArrivedLayers incoming;
  private final JsonCodec codec;
  private final Executor executor;
  private final SharedWork<ImageId, LayerFacts> scans = new SharedWork<>();
  private final Cache<ImageId, LayerFacts> remembered;
  private final Cache<Announced, ScannedLayer> announced =
      Caffeine.newBuilder().maximumSize(MAX_ANNOUNCED).build();

  /** A layer that an image is about to get, told by the checksum of both together. */
  private record Announced(ImageId image, Checksum checksum) {}

  LayerDigests(
      ImageReader images,
      DerivedStore derived,
      LayerScanner scanner,
      ArrivedLayers incoming,
      JsonCodec codec,
      Executor executor,
      int remembered) {
    this.images = images;
    this.derived = derived;
    this.scanner = scanner;
    this.incoming = incoming;
    this.codec = codec;
    this.executor = executor;
    this.remembered = Caffeine.newBuilder().maximumSize(remembered).build();
  }

  /**
   * What is known of a layer, without reading it.
   *
   * @return nothing when the layer has to be read for it
   * @throws io.registry.platform.problem.RegistryException when there is no such image, or it is
   *     unfinished
   */
  Optional<LayerFacts> known(ImageId image) {
    String version = images.layerInfo(image).version();
    return known(image, version);
  }

  private Optional<LayerFacts> known(ImageId image, String version) {
    LayerFacts facts = remembered.getIfPresent(image);
    if (facts != null && facts.version().equals(version)) {
      return Optional.of(facts);
    }
    Optional<LayerFacts> stored = stored(image).filter(found -> found.version().equals(version));
    stored.ifPresent(found -> remembered.put(image, found));
    return stored;
  }

  private Optional<LayerFacts> stored(ImageId image) {
    return derived.readLayer(image).flatMap(bytes -> LayerFacts.parse(codec, bytes));
  }

  /**
   * Tells what is known of a layer that an image is about to get.
   *
   * @param checksum of the image with the layer
   */
  void announce(ImageId image, Checksum checksum, ScannedLayer scan) {
    announced.put(new Announced(image, checksum), scan);
  }

  /**
   * Keeps what is known of a layer, now that the image has it. The layer is not read if it was
   * announced.
   */
  void keep(ImageId image) {
    if (known(image).isEmpty()) {
      scan(image);
    }
  }

  /**
   * What is known of a layer, which is read when need be.
   *
   * @return completes exceptionally with what {@link #known} throws
   */
  CompletableFuture<LayerFacts> of(ImageId image) {
    return scans.of(
        image,
        () ->
            CompletableFuture.supplyAsync(
                () -> known(image).orElseGet(() -> scan(image)), executor));
  }

  private LayerFacts scan(ImageId image) {
    LayerFacts facts;
    BlobInfo info = images.layerInfo(image);
    List<Checksum> checksums = images.describe(image).checksums();
    Optional<ScannedLayer> arrived =
        checksums.stream()
            .flatMap(
                checksum ->
                    Optional.ofNullable(announced.getIfPresent(new Announced(image, checksum)))
                        .stream())
            .findFirst()
            .or(() -> incoming.take(image, checksums))
            .filter(scan -> scan.size() == info.size());
    if (arrived.isPresent()) {
      facts = LayerFacts.readable(info.version(), arrived.get());
    } else {
      try (Blob layer = images.layer(image, ByteRange.ALL)) {
        facts = scan(image, layer);
      }
    }
    if (facts.version().isEmpty()) {
      // The layer was on its way from a mirror's source, and is stored by now.
      String version = images.layerInfo(image).version();
      facts = new LayerFacts(version, facts.scan(), facts.refusal());
    }
    if (!facts.version().isEmpty()) {
      if (facts.scan().isPresent()) {
        derived.index(facts.descriptor().digest(), DerivedStore.Kind.LAYER, image);
      }
      LayerFacts now = facts;
      if (stored(image).filter(before -> !before.isOfLayer(now)).isPresent()) {
        // The original has replaced the layer, and manifests name the one before.
        derived.changeGeneration();
      }
      derived.writeLayer(image, facts.render(codec));
      remembered.put(image, facts);
    }
    return facts;
  }

  private LayerFacts scan(ImageId image, Blob layer) {
    try {
      return LayerFacts.readable(
          layer.version(),
          scanner.scan(layer.body(), () -> !Thread.currentThread().isInterrupted()));
    } catch (UnreadableLayerException e) {
      log.warn("The layer of image {} is not served over V2: {}", image, e.reason());
      return LayerFacts.unreadable(layer.version(), e.reason());
    }
  }
}
