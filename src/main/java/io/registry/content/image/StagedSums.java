package io.registry.content.image;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.registry.platform.concurrent.HashedCopies;
import io.registry.storage.Blob;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.ByteRange;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The checksums of staged layers, each combined with each JSON that the client has sent. They are
 * computed while a layer arrives. After a restart, on another replica, or for a JSON that arrived
 * later, the staged layer is read again, because unflushed data may have changed in a power
 * failure.
 */
final class StagedSums {
  private static final int MAX_LAYERS = 10_000;

  private final BlobStorage storage;
  private final HashedCopies copies = new HashedCopies();
  private final Cache<BlobKey, Map<String, Checksum>> known =
      Caffeine.newBuilder().maximumSize(MAX_LAYERS).build();

  StagedSums(BlobStorage storage) {
    this.storage = storage;
  }

  /** Caches the checksums of a layer, by the SHA-256 of the JSON. */
  void remember(BlobKey layerFolder, Map<String, Checksum> sums) {
    known.put(layerFolder, Map.copyOf(sums));
  }

  /** Forgets a layer that is not staged any more. */
  void forget(BlobKey layerFolder) {
    known.invalidate(layerFolder);
  }

  /**
   * The checksums of a layer combined with several JSON documents.
   *
   * @param layerFolder the folder of the layer
   * @param descriptions the JSON documents by their SHA-256
   * @return the checksum with each; empty when the layer was removed meanwhile
   */
  Map<String, Checksum> of(BlobKey layerFolder, Map<String, byte[]> descriptions) {
    Map<String, Checksum> sums =
        Optional.ofNullable(known.getIfPresent(layerFolder)).orElse(Map.of());
    if (sums.keySet().containsAll(descriptions.keySet())) {
      return sums;
    }
    Map<String, Checksum> computed = compute(layerFolder, descriptions);
    if (!computed.isEmpty()) {
      remember(layerFolder, computed);
    }
    return computed;
  }

  /** The checksum of an image whose files are in its own folder. */
  Checksum compute(ImageId id, byte[] json) {
    return Optional.ofNullable(compute(ImageKeys.folder(id), Map.of("", json)).get(""))
        .orElseThrow(PushRefusals::withoutLayer);
  }

  private Map<String, Checksum> compute(BlobKey folder, Map<String, byte[]> descriptions) {
    Optional<Blob> found = storage.open(ImageKeys.layerIn(folder), ByteRange.ALL);
    if (found.isEmpty()) {
      return Map.of();
    }
    try (Blob layer = found.get()) {
      Map<String, LayerDigest> digests = new HashMap<>();
      descriptions.forEach((key, json) -> digests.put(key, new LayerDigest(json)));
      return copy(layer.body(), OutputStream.nullOutputStream(), digests);
    } catch (IOException e) {
      throw new IllegalStateException("Could not read the layer in " + folder, e);
    }
  }

  /**
   * Copies a layer, and computes its checksums with several JSON documents in the same pass.
   *
   * @param layer the layer; not closed
   * @param out receives the same bytes; not closed
   * @param digests each was updated with a JSON; by the SHA-256 of that
   * @return the checksum with each
   */
  Map<String, Checksum> copy(InputStream layer, OutputStream out, Map<String, LayerDigest> digests)
      throws IOException {
    copies.copy(layer, out, digests.values().stream().map(LayerDigest::hash).toList());
    Map<String, Checksum> sums = new HashMap<>();
    digests.forEach((description, digest) -> sums.put(description, digest.sum()));
    return sums;
  }
}
