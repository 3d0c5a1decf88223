package io.registry.repository;

import io.registry.image.ImageId;
import io.registry.json.JsonCodec;
import io.registry.storage.BlobStorage;
import io.registry.storage.StorageException;
import io.registry.storage.StorageException.Reason;
import java.util.Arrays;
import java.util.ConcurrentModificationException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;

/**
 * The files in which an image list lies: its generations, of which each holds all that its writer
 * has read, and the one file that the original knows. Any number of processes may add to a list at
 * the same time (docs/decisions/0008).
 */
final class ImageListFiles {
  /** Far more than there can be changes during one look. */
  private static final int ATTEMPTS = 100;

  private final BlobStorage storage;
  private final StoredRepositories repositories;
  private final JsonCodec codec;

  ImageListFiles(BlobStorage storage, StoredRepositories repositories, JsonCodec codec) {
    this.storage = storage;
    this.repositories = repositories;
    this.codec = codec;
  }

  /**
   * What the files say.
   *
   * @param generations the files of the list, the newest one first
   * @param newest the content of the newest one
   * @param original the content of the file that the original knows
   * @param list what all of them say together
   */
  record Stored(
      List<Generation> generations,
      Optional<byte[]> newest,
      Optional<byte[]> original,
      Optional<byte[]> list) {

    boolean isKnownToOriginal() {
      return isSame(original, list);
    }

    /** Whether the newest generation is that list, and nothing else is needed to tell it. */
    boolean isNewest(byte[] other) {
      return isSame(newest, Optional.of(other));
    }

    private static boolean isSame(Optional<byte[]> one, Optional<byte[]> other) {
      return one.isPresent() == other.isPresent()
          && (one.isEmpty() || Arrays.equals(one.get(), other.orElseThrow()));
    }
  }

  Stored read(RepositoryKeys keys) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      List<Generation> generations = repositories.generations(keys);
      List<byte[]> contents =
          keys.generations(generations).stream()
              .flatMap(key -> storage.read(key, RepositoryKeys.SMALL).stream())
              .toList();
      // Otherwise there is a newer one that holds what the missing one held.
      if (contents.size() == generations.size()) {
        Optional<byte[]> original = storage.read(keys.images(), RepositoryKeys.SMALL);
        List<byte[]> all = Stream.concat(contents.stream(), original.stream()).toList();
        return new Stored(generations, contents.stream().findFirst(), original, sum(all));
      }
    }
    throw new StorageException(
        Reason.UNAVAILABLE,
        storage.describe(),
        "read",
        keys.generations(),
        new ConcurrentModificationException("the list changes all the time"));
  }

  /**
   * Puts a list in the place of the generations that were read. What others have added since then
   * is in files of its own, and stays.
   */
  Stored replace(RepositoryKeys keys, Stored read, byte[] list) {
    Generation next = Generation.after(read.generations());
    storage.write(keys.generation(next), list);
    storage.deleteAllUnsynced(keys.generations(read.generations()));
    return new Stored(List.of(next), Optional.of(list), read.original(), Optional.of(list));
  }

  /**
   * Writes the file that the original knows, if it says anything else. The last one who writes it
   * looks again, so that it says what the generations say when nobody changes them any more.
   */
  void tellOriginal(RepositoryKeys keys, Stored known) {
    Stored stored = known;
    for (int attempt = 0; attempt < ATTEMPTS && !stored.isKnownToOriginal(); attempt++) {
      storage.writeUnsynced(keys.images(), stored.list().orElseThrow());
      stored = read(keys);
      if (stored.generations().isEmpty()) {
        // Another process has removed the list, and this file came too late.
        storage.delete(keys.images());
        return;
      }
    }
  }

  /** Removes the file of the original last: one who is writing it notices that it came too late. */
  void remove(RepositoryKeys keys) {
    storage.deleteAll(keys.generations(repositories.generations(keys)));
    storage.delete(keys.images());
  }

  // The bytes of the newest one, as a client has sent them, when the others add nothing.
  private Optional<byte[]> sum(List<byte[]> contents) {
    Optional<byte[]> newest = contents.stream().findFirst();
    if (contents.stream().allMatch(content -> Arrays.equals(content, newest.orElseThrow()))) {
      return newest;
    }
    List<Map<String, Object>> all = merge(contents.stream().flatMap(this::images));
    return all.equals(merge(newest.stream().flatMap(this::images)))
        ? newest
        : Optional.of(codec.render(all));
  }

  private Stream<JsonNode> images(byte[] json) {
    return codec.parse(json).filter(JsonNode::isArray).stream().flatMap(ImageListFiles::images);
  }

  /** The elements of an array that are images. */
  static Stream<JsonNode> images(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).filter(ImageListFiles::isImage);
  }

  static boolean isImage(JsonNode element) {
    JsonNode id = element.get("id");
    return id != null && id.isString() && ImageId.find(id.stringValue()).isPresent();
  }

  /** Of each id the first one with a checksum counts, and only these two fields are kept. */
  static List<Map<String, Object>> merge(Stream<JsonNode> images) {
    Map<String, Map<String, Object>> merged = new LinkedHashMap<>();
    images.forEach(
        image -> {
          String id = image.get("id").stringValue();
          Map<String, Object> kept = new LinkedHashMap<>(Map.of("id", id));
          JsonNode checksum = image.get("checksum");
          if (checksum != null) {
            kept.put("checksum", checksum);
          }
          merged.merge(id, kept, (first, next) -> first.containsKey("checksum") ? first : next);
        });
    return List.copyOf(merged.values());
  }
}
