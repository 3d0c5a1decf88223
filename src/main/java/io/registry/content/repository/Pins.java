package io.registry.content.repository;

import io.registry.content.image.ImageId;
import io.registry.platform.json.JsonCodec;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import java.time.Clock;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * The images that admins have pinned: rules do not remove their tags, and no collection removes
 * them, with or without a tag.
 */
public final class Pins {
  private static final BlobKey ROOT = BlobKey.of("_pins");
  private static final BlobKey IMAGES = ROOT.child("images");
  private static final BlobKey MANIFESTS = ROOT.child("manifests");
  private static final int SMALL = 64 * 1024;

  private final BlobStorage storage;
  private final JsonCodec codec;
  private final Clock clock;

  /**
   * The pins of a store.
   *
   * @param storage the store
   * @param codec reads and writes them
   * @param clock dates them
   */
  public Pins(BlobStorage storage, JsonCodec codec, Clock clock) {
    this.storage = storage;
    this.codec = codec;
    this.clock = clock;
  }

  /**
   * A pin.
   *
   * @param image the V1 image; empty when the pin is of a manifest
   * @param repository the repository of the manifest; empty when the pin is of a V1 image
   * @param digest the digest of the manifest, {@code ALGORITHM:HEX}; empty for a V1 image
   * @param reason why, as the admin wrote it
   * @param since when it was pinned
   */
  public record Pin(
      Optional<ImageId> image,
      Optional<RepositoryName> repository,
      Optional<String> digest,
      String reason,
      Optional<Instant> since) {}

  private static BlobKey file(ImageId image) {
    return IMAGES.child(image.value());
  }

  private static BlobKey file(RepositoryName repository, String digest) {
    return repository.folderIn(MANIFESTS).child(digest.replace(':', '-'));
  }

  /** Pins a V1 image, which need not exist, with its ancestors. */
  public void pin(ImageId image, String reason) {
    storage.write(file(image), json(Map.of("image", image.value()), reason));
  }

  /** Pins a manifest of a repository, which need not exist, with everything that it lists. */
  public void pin(RepositoryName repository, String digest, String reason) {
    storage.write(
        file(repository, digest),
        json(
            Map.of(
                "namespace", repository.namespace(), "name", repository.name(), "digest", digest),
            reason));
  }

  private byte[] json(Map<String, String> what, String reason) {
    Map<String, Object> json = new HashMap<>(what);
    json.put("reason", reason);
    json.put("since", clock.instant().toString());
    return codec.render(json);
  }

  /**
   * Takes a pin away.
   *
   * @return whether there was one
   */
  public boolean unpin(ImageId image) {
    return delete(file(image));
  }

  /**
   * Takes a pin away.
   *
   * @return whether there was one
   */
  public boolean unpin(RepositoryName repository, String digest) {
    return delete(file(repository, digest));
  }

  private boolean delete(BlobKey file) {
    boolean exists = storage.exists(file);
    storage.delete(file);
    return exists;
  }

  /** Whether a V1 image is pinned. */
  public boolean isPinned(ImageId image) {
    return !image.isManifest() && storage.exists(file(image));
  }

  /** Whether a manifest of a repository is pinned. */
  public boolean isPinned(RepositoryName repository, String digest) {
    return storage.exists(file(repository, digest));
  }

  /**
   * All pins, in no order, while they are found.
   *
   * @return the pins; the caller closes the stream
   * @throws io.registry.storage.StorageException when one cannot be read
   */
  @SuppressWarnings("StreamResourceLeak") // The caller closes it.
  public Stream<Pin> all() {
    Stream<BlobKey> manifests =
        storage
            .folders(MANIFESTS)
            .map(MANIFESTS::child)
            .flatMap(namespace -> storage.folders(namespace).map(namespace::child))
            .flatMap(folder -> storage.names(folder).map(folder::child));
    return Stream.concat(storage.names(IMAGES).map(IMAGES::child), manifests)
        .flatMap(file -> read(file).stream());
  }

  private Optional<Pin> read(BlobKey file) {
    return storage.read(file, SMALL).map(bytes -> pin(file, codec.parse(bytes)));
  }

  // A pin counts even if its text is damaged: the name of the file says what is pinned.
  private Pin pin(BlobKey file, Optional<JsonNode> json) {
    String[] parts = file.path().split("/", -1);
    String name = parts[parts.length - 1];
    String reason = json.map(found -> found.path("reason").asString("")).orElse("");
    Optional<Instant> since = json.flatMap(found -> time(found.path("since").asString("")));
    if (parts[1].equals("images")) {
      return new Pin(
          Optional.of(ImageId.valueOf(name)), Optional.empty(), Optional.empty(), reason, since);
    }
    return new Pin(
        Optional.empty(),
        RepositoryKeys.repositoryOf(parts[2], parts[3]),
        Optional.of(name.replaceFirst("-(?=[0-9a-f]+$)", ":")),
        reason,
        since);
  }

  private static Optional<Instant> time(String text) {
    try {
      return Optional.of(Instant.parse(text));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }
}
