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
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;

/** Image lists, one file each. */
final class StoredImageLists implements ImageLists {
  private final BlobStorage storage;
  private final StoredRepositories repositories;
  private final Tags tags;
  private final JsonCodec codec;
  private final RepositoryChanges changes;
  private final RepositoryEvents events;

  StoredImageLists(
      BlobStorage storage,
      StoredRepositories repositories,
      Tags tags,
      JsonCodec codec,
      RepositoryChanges changes,
      RepositoryEvents events) {
    this.storage = storage;
    this.repositories = repositories;
    this.tags = tags;
    this.codec = codec;
    this.changes = changes;
    this.events = events;
  }

  @Override
  public Optional<byte[]> get(RepositoryName repository) {
    return storage
        .read(repositories.locate(repository).images(), RepositoryKeys.SMALL)
        .or(() -> tagged(repository));
  }

  @Override
  public Set<ImageId> add(RepositoryName repository, byte[] json) {
    JsonNode added =
        codec
            .parseUntrusted(json)
            .orElseThrow(() -> new RegistryException(Problem.INVALID, "Error Decoding JSON"));
    if (!added.isArray()
        || !StreamSupport.stream(added.spliterator(), false).allMatch(this::isImage)) {
      throw new RegistryException(Problem.INVALID, "Invalid data");
    }
    boolean created = changes.call(repository, () -> merge(repository, json, added));
    if (created) {
      events.tell(new RepositoryEvent.RepositoryCreated(repository));
    } else if (!added.isEmpty()) {
      events.tell(new RepositoryEvent.RepositoryUpdated(repository));
    }
    return StreamSupport.stream(added.spliterator(), false)
        .map(image -> new ImageId(image.get("id").stringValue()))
        .collect(Collectors.toUnmodifiableSet());
  }

  // Whether there was no list before.
  private boolean merge(RepositoryName repository, byte[] json, JsonNode added) {
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
      return stored.isEmpty();
    }
  }

  @Override
  public void remove(RepositoryName repository) {
    changes.run(repository, () -> delete(repository));
    events.tell(new RepositoryEvent.RepositoryUpdated(repository));
  }

  private void delete(RepositoryName repository) {
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
