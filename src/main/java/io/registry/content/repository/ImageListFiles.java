package io.registry.content.repository;

import io.registry.content.image.ImageId;
import io.registry.platform.json.JsonCodec;
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
 * The files of an image list: its generations, each of which contains everything that its writer
 * has read, and the single file that the original reads. Any number of processes may add to a list
 * concurrently (docs/decisions/0008).
 */
final class ImageListFiles {
  /** Far more than the number of changes during one read. */
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
   * The content of the files.
   *
   * @param generations the files of the list, the newest one first
   * @param newest the content of the newest one
   * @param original the content of the file for the original
   * @param list the merged list
   */
  record Stored(
      List<Generation> generations,
      Optional<byte[]> newest,
      Optional<byte[]> original,
      Optional<byte[]> list) {

    boolean isKnownToOriginal() {
      return isSame(original, list);
    }

    /** Whether the newest generation alone is the given list. */
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
      // A missing file means that there is a newer one with its content: read again.
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
   * Replaces the generations that were read by a list. Concurrent additions of others are in other
   * files, which stay.
   */
  Stored replace(RepositoryKeys keys, Stored read, byte[] list) {
    Generation next = Generation.after(read.generations());
    storage.write(keys.generation(next), list);
    storage.deleteAllUnsynced(keys.generations(read.generations()));
    return new Stored(List.of(next), Optional.of(list), read.original(), Optional.of(list));
  }

  /**
   * Writes the file for the original, if it differs. Each writer reads the generations again
   * afterwards, so that the last write agrees with them once the changes end.
   */
  void tellOriginal(RepositoryKeys keys, Stored known) {
    Stored stored = known;
    for (int attempt = 0; attempt < ATTEMPTS && !stored.isKnownToOriginal(); attempt++) {
      storage.writeUnsynced(keys.images(), stored.list().orElseThrow());
      stored = read(keys);
      if (stored.generations().isEmpty()) {
        // Another process has removed the list before this file was written.
        storage.delete(keys.images());
        return;
      }
    }
  }

  /**
   * Removes all files, the one for the original last: a process that is writing it then notices the
   * removal.
   */
  void remove(RepositoryKeys keys) {
    storage.deleteAll(keys.generations(repositories.generations(keys)));
    storage.delete(keys.images());
  }

  // The newest content byte for byte, as the client sent it, if the others add nothing.
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

  /**
   * Merges elements by id: the first one with a checksum wins, and only these two fields are kept.
   */
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
