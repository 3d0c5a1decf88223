package io.registry.contents;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.registry.image.ContentFiles;
import io.registry.image.ContentFiles.Kind;
import io.registry.image.ImageId;
import io.registry.json.JsonCodec;
import io.registry.json.JsonMisfitException;
import io.registry.json.JsonRows;
import io.registry.problem.Problem;
import io.registry.problem.RegistryException;
import io.registry.storage.Blob;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * The lists and comparisons that are kept in the store, this registry's and the original's. One
 * that is damaged counts as if it were not there. A version that was once found to be whole is not
 * looked through again.
 */
final class StoredDocuments {
  private static final int REMEMBERED = 10_000;

  private final ContentFiles files;
  private final JsonCodec codec;
  private final Cache<Version, Boolean> whole =
      Caffeine.newBuilder().maximumSize(REMEMBERED).build();

  private record Version(ImageId image, Kind kind, String version) {}

  /**
   * The documents of a store.
   *
   * @param files where they are
   * @param codec reads them
   */
  StoredDocuments(ContentFiles files, JsonCodec codec) {
    this.files = files;
    this.codec = codec;
  }

  /**
   * Opens a document.
   *
   * @return the document, which the caller closes; nothing when there is none, or it is damaged
   */
  Optional<Blob> open(ImageId id, Kind kind) {
    Optional<Blob> found = files.open(id, kind);
    if (found.isEmpty()) {
      return found;
    }
    Version version = new Version(id, kind, found.get().version());
    if (whole.getIfPresent(version) != null) {
      return found;
    }
    try (Blob unread = found.get()) {
      if (!isWhole(kind, unread)) {
        return Optional.empty();
      }
    }
    whole.put(version, true);
    // What was looked through cannot be read again.
    return files.open(id, kind);
  }

  /** Whether there is a document, and it is whole. */
  boolean has(ImageId id, Kind kind) {
    Optional<Blob> found = open(id, kind);
    found.ifPresent(Blob::close);
    return found.isPresent();
  }

  private boolean isWhole(Kind kind, Blob document) {
    if (kind == Kind.DIFF) {
      return codec.isObject(document.body());
    }
    try {
      read(document, (number, file) -> {});
      return true;
    } catch (JsonMisfitException | IllegalArgumentException e) {
      return false;
    }
  }

  /**
   * For those who would make what is not kept.
   *
   * @throws RegistryException when nothing can be added to the store
   */
  void requireRoom() {
    if (files.isReadOnly()) {
      throw new RegistryException(
          Problem.NOT_FOUND, "It has not been found out, and this registry is read-only");
    }
  }

  /** Keeps a document, as {@link ContentFiles#write}. */
  boolean write(ImageId id, Kind kind, String layer, ContentFiles.Content content) {
    return files.write(id, kind, layer, content);
  }

  /**
   * Reads a list, one element after the other.
   *
   * @param list an open list; not closed
   * @param reader is told each element that is of a file
   * @throws JsonMisfitException when it is damaged
   * @throws IllegalArgumentException when it is none
   */
  void read(Blob list, Reader reader) {
    JsonRows rows = codec.rows(list.body());
    int number = 0;
    for (Optional<JsonNode> row = rows.next(); row.isPresent(); row = rows.next()) {
      Optional<ListedFile> file = ListedFile.of(row.get());
      if (file.isPresent()) {
        reader.read(number++, file.get());
      }
    }
  }

  /** Is told what a list holds. */
  @FunctionalInterface
  interface Reader {
    /**
     * Takes an element.
     *
     * @param number counts them, from 0 on
     * @param file the element
     */
    void read(int number, ListedFile file);
  }
}
