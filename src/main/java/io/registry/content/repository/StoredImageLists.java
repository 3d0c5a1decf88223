package io.registry.content.repository;

import io.registry.content.image.ImageId;
import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.storage.KeyLocks;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;

/** The image lists in the store, and the validation of additions. */
final class StoredImageLists implements ImageLists {
  private final ImageListFiles files;
  private final StoredRepositories repositories;
  private final Tags tags;
  private final JsonCodec codec;
  private final RepositoryChanges changes;
  private final RepositoryEvents events;

  StoredImageLists(
      ImageListFiles files,
      StoredRepositories repositories,
      Tags tags,
      JsonCodec codec,
      RepositoryChanges changes,
      RepositoryEvents events) {
    this.files = files;
    this.repositories = repositories;
    this.tags = tags;
    this.codec = codec;
    this.changes = changes;
    this.events = events;
  }

  @Override
  public Optional<byte[]> get(RepositoryName repository) {
    return files.read(repositories.locate(repository)).list().or(() -> tagged(repository));
  }

  @Override
  public Set<ImageId> add(RepositoryName repository, byte[] json) {
    JsonNode added =
        codec
            .parseUntrusted(json)
            .orElseThrow(() -> new RegistryException(Problem.INVALID, "Error Decoding JSON"));
    if (!added.isArray()
        || !StreamSupport.stream(added.spliterator(), false).allMatch(ImageListFiles::isImage)) {
      throw new RegistryException(Problem.INVALID, "Invalid data");
    }
    boolean created = changes.call(repository, () -> merge(repository, json, added));
    if (created) {
      events.publish(new RepositoryEvent.RepositoryCreated(repository));
    } else if (!added.isEmpty()) {
      events.publish(new RepositoryEvent.RepositoryUpdated(repository));
    }
    return StreamSupport.stream(added.spliterator(), false)
        .map(image -> new ImageId(image.get("id").stringValue()))
        .collect(Collectors.toUnmodifiableSet());
  }

  // Returns whether there was no list before.
  private boolean merge(RepositoryName repository, byte[] json, JsonNode added) {
    try (KeyLocks.Held held = repositories.lock(repository)) {
      RepositoryKeys keys = repositories.locate(repository);
      ImageListFiles.Stored stored = files.read(keys);
      Optional<JsonNode> before = stored.list().flatMap(codec::parse).filter(JsonNode::isArray);
      if (before.isEmpty() || !added.isEmpty()) {
        byte[] list = before.map(array -> merge(added, array)).orElse(json);
        stored = stored.isNewest(list) ? stored : files.replace(keys, stored, list);
      }
      files.tellOriginal(keys, stored);
      return before.isEmpty();
    }
  }

  // New elements come first, then the old ones.
  private byte[] merge(JsonNode added, JsonNode stored) {
    byte[] merged =
        codec.render(
            ImageListFiles.merge(
                Stream.concat(ImageListFiles.images(added), ImageListFiles.images(stored))));
    if (merged.length > RepositoryKeys.SMALL) {
      throw new RegistryException(Problem.TOO_LARGE, "The image list is too long");
    }
    return merged;
  }

  @Override
  public void remove(RepositoryName repository) {
    changes.run(repository, () -> delete(repository));
    events.publish(new RepositoryEvent.RepositoryUpdated(repository));
  }

  private void delete(RepositoryName repository) {
    try (KeyLocks.Held held = repositories.lock(repository)) {
      files.remove(repositories.locate(repository));
    }
  }

  private Optional<byte[]> tagged(RepositoryName repository) {
    return tags.list(repository)
        .filter(found -> !found.isEmpty())
        .map(
            found ->
                codec.render(
                    found.values().stream()
                        .filter(image -> !image.isManifest())
                        .distinct()
                        .map(image -> Map.of("id", image.value()))
                        .toList()));
  }
}
