package io.registry.repository;

import io.registry.image.ImageId;
import io.registry.json.JsonCodec;
import io.registry.problem.Problem;
import io.registry.problem.RegistryException;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.KeyLocks;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;

/** The list of its images that an index keeps for each repository (protocol 2.3). */
public final class ImageLists {
  private final BlobStorage storage;
  private final StoredRepositories repositories;
  private final Tags tags;
  private final JsonCodec codec;

  ImageLists(BlobStorage storage, StoredRepositories repositories, Tags tags, JsonCodec codec) {
    this.storage = storage;
    this.repositories = repositories;
    this.tags = tags;
    this.codec = codec;
  }

  /**
   * The list of a repository.
   *
   * @param repository the repository
   * @return the JSON as stored; the tagged images when the list is lost but tags are there; nothing
   *     when there is no such repository
   */
  public Optional<byte[]> get(RepositoryName repository) {
    return storage
        .read(repositories.locate(repository).images(), RepositoryKeys.SMALL)
        .or(() -> tagged(repository));
  }

  /**
   * Creates the list, or adds to it. An empty list adds nothing.
   *
   * @param repository the repository, which need not exist
   * @param json an array of objects with an {@code id} each
   * @throws RegistryException when it is not such an array
   */
  public void add(RepositoryName repository, byte[] json) {
    JsonNode added =
        codec
            .parseUntrusted(json)
            .orElseThrow(() -> new RegistryException(Problem.INVALID, "Error Decoding JSON"));
    if (!added.isArray()
        || !StreamSupport.stream(added.spliterator(), false).allMatch(this::isImage)) {
      throw new RegistryException(Problem.INVALID, "Invalid data");
    }
    try (KeyLocks.Held held = repositories.lock(repository)) {
      BlobKey key = repositories.locate(repository).images();
      Optional<JsonNode> stored =
          storage.read(key, RepositoryKeys.SMALL).flatMap(codec::parse).filter(JsonNode::isArray);
      if (stored.isEmpty()) {
        storage.write(key, json);
      } else if (!added.isEmpty()) {
        byte[] merged = codec.render(merge(added, stored.get()));
        if (merged.length > RepositoryKeys.SMALL) {
          throw new RegistryException(Problem.TOO_LARGE, "The image list is too long");
        }
        storage.write(key, merged);
      }
    }
  }

  /**
   * Removes the list; tags and images stay.
   *
   * @param repository the repository, which need not exist
   */
  public void remove(RepositoryName repository) {
    try (KeyLocks.Held held = repositories.lock(repository)) {
      storage.delete(repositories.locate(repository).images());
    }
  }

  // New elements first, then the old ones; of each id the first with a checksum counts, and only
  // these two fields are kept.
  private List<Map<String, Object>> merge(JsonNode added, JsonNode stored) {
    Map<String, Map<String, Object>> merged = new LinkedHashMap<>();
    List<JsonNode> all = new ArrayList<>();
    added.forEach(all::add);
    StreamSupport.stream(stored.spliterator(), false).filter(this::isImage).forEach(all::add);
    for (JsonNode image : all) {
      String id = image.get("id").stringValue();
      Map<String, Object> kept = new LinkedHashMap<>(Map.of("id", id));
      JsonNode checksum = image.get("checksum");
      if (checksum != null) {
        kept.put("checksum", checksum);
      }
      merged.merge(id, kept, (first, next) -> first.containsKey("checksum") ? first : next);
    }
    return List.copyOf(merged.values());
  }

  private boolean isImage(JsonNode element) {
    JsonNode id = element.get("id");
    return id != null && id.isString() && ImageId.find(id.stringValue()).isPresent();
  }

  private Optional<byte[]> tagged(RepositoryName repository) {
    return tags.list(repository)
        .filter(found -> !found.isEmpty())
        .map(
            found ->
                codec.render(
                    found.values().stream()
                        .distinct()
                        .map(image -> Map.of("id", image.value()))
                        .toList()));
  }
}
