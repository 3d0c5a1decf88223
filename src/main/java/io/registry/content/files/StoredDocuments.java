package io.registry.content.files;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.registry.content.image.ContentFiles;
import io.registry.content.image.ContentFiles.Kind;
import io.registry.content.image.ImageId;
import io.registry.platform.json.JsonCodec;
import io.registry.platform.json.JsonMisfitException;
import io.registry.platform.json.JsonRows;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.storage.Blob;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * The listings and comparisons in the store, written by this registry or the original. A damaged
 * document counts as absent. A version that was verified once is not verified again.
 */
final class StoredDocuments {
  private static final int REMEMBERED = 10_000;

  private final ContentFiles files;
  private final JsonCodec codec;
  private final Cache<Version, Boolean> whole =
      Caffeine.newBuilder().maximumSize(REMEMBERED).build();

  private record Version(ImageId image, Kind kind, String version) {}

  /**
   * Creates the documents of a store.
   *
   * @param files reads and writes the files
   * @param codec parses them
   */
  StoredDocuments(ContentFiles files, JsonCodec codec) {
    this.files = files;
    this.codec = codec;
  }

  /**
   * Opens a document.
   *
   * @return the document, which the caller closes; empty when there is none, or it is damaged
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
    // The stream was consumed by the verification and must be opened again.
    return files.open(id, kind);
  }

  /** Whether there is a document that is not damaged. */
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
   * Requires that documents can be added; call before work whose result must be stored.
   *
   * @throws RegistryException when the store is read-only
   */
  void requireRoom() {
    if (files.isReadOnly()) {
      throw new RegistryException(
          Problem.NOT_FOUND, "It has not been found out, and this registry is read-only");
    }
  }

  /** Stores a document, like {@link ContentFiles#write}. */
  boolean write(ImageId id, Kind kind, String layer, ContentFiles.Content content) {
    return files.write(id, kind, layer, content);
  }

  /**
   * Reads a listing, entry by entry.
   *
   * @param list an open listing; not closed
   * @param reader receives each entry of a file
   * @throws JsonMisfitException when it is damaged
   * @throws IllegalArgumentException when it is not a listing
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

  /** Receives the entries of a listing. */
  @FunctionalInterface
  interface Reader {
    /**
     * Receives an entry.
     *
     * @param number its position, from 0
     * @param file the entry
     */
    void read(int number, ListedFile file);
  }
}
