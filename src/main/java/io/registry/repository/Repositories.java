package io.registry.repository;

import io.registry.image.ImageId;
import io.registry.image.ImageReader;
import io.registry.json.JsonCodec;
import io.registry.problem.Problem;
import io.registry.problem.RegistryException;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.KeyLocks;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Repositories as a whole, and the way to their parts. */
public final class Repositories {
  private static final byte[] NOTHING = new byte[0];

  private final BlobStorage storage;
  private final StoredRepositories repositories;
  private final Tags tags;
  private final ImageLists imageLists;
  private final RepositoryChanges changes;
  private final RepositoryEvents events;
  private final JsonCodec codec;
  private final TagRule rule;

  /**
   * The repositories of a store.
   *
   * @param storage where they lie
   * @param images tells which images may be tagged
   * @param codec reads and writes their files
   * @param clock tells when a tag was set
   * @param executor reads long lists of tags in parts at once
   * @param changes is told of every change
   * @param events is told of every change when it is over
   * @param rule may refuse tags
   */
  public Repositories(
      BlobStorage storage,
      ImageReader images,
      JsonCodec codec,
      Clock clock,
      Executor executor,
      RepositoryChanges changes,
      RepositoryEvents events,
      TagRule rule) {
    this.storage = storage;
    this.repositories = new StoredRepositories(storage);
    this.tags =
        new StoredTags(
            storage, repositories, images, codec, clock, executor, changes, events, rule);
    this.imageLists =
        new StoredImageLists(
            new ImageListFiles(storage, repositories, codec),
            repositories,
            tags,
            codec,
            changes,
            events);
    this.changes = changes;
    this.events = events;
    this.codec = codec;
    this.rule = rule;
  }

  /** Their tags. */
  public Tags tags() {
    return tags;
  }

  /** Their image lists. */
  public ImageLists imageLists() {
    return imageLists;
  }

  /**
   * Names all repositories, in no order, as their folders are found. One that an old registry began
   * and a later one went on with may be named twice, and one may be named that {@link #exists} does
   * not know, as nothing but its folder is looked at.
   *
   * @return the names; the caller closes the stream
   */
  @SuppressWarnings("StreamResourceLeak") // Handed to the caller, who closes it.
  public Stream<RepositoryName> names() {
    return storage
        .folders(RepositoryKeys.ROOT)
        .flatMap(
            namespace ->
                storage
                    .folders(RepositoryKeys.ROOT.child(namespace))
                    .flatMap(name -> RepositoryKeys.repositoryOf(namespace, name).stream()));
  }

  /**
   * Tells whether there is a repository: whether it has an image list or a tag.
   *
   * @param repository the repository
   * @return whether it is there
   */
  public boolean exists(RepositoryName repository) {
    RepositoryKeys keys = repositories.locate(repository);
    try (Stream<String> files = storage.names(keys.folder())) {
      return files.anyMatch(RepositoryKeys::isOfRepository)
          || !repositories.generations(keys).isEmpty();
    }
  }

  /**
   * Writes down what an index elsewhere lists for a repository, where the original did, so that one
   * can go back to it. Written only when it changed.
   *
   * @param repository the repository
   * @param images the images that the index lists
   * @param create whether the repository is about to be written, and may come into being
   */
  public void noteAllowedImages(RepositoryName repository, Set<ImageId> images, boolean create) {
    try (KeyLocks.Held held = repositories.lock(repository)) {
      BlobKey key = repositories.locate(repository).allowedImages();
      Optional<byte[]> stored = storage.read(key, RepositoryKeys.SMALL);
      byte[] json = codec.render(images.stream().map(ImageId::value).sorted().toList());
      if ((stored.isPresent() || create) && !Arrays.equals(json, stored.orElse(NOTHING))) {
        storage.write(key, json);
      }
    }
  }

  /**
   * Removes a repository with all its tags; the images stay.
   *
   * @param repository the repository
   * @return whether there was one
   * @throws RegistryException {@code CONFLICT} when one of its tags may not be removed; then
   *     nothing is
   */
  public boolean remove(RepositoryName repository) {
    Optional<List<TagName>> removed = changes.call(repository, () -> removeAll(repository));
    removed.ifPresent(
        tags -> events.publish(new RepositoryEvent.RepositoryRemoved(repository, tags)));
    return removed.isPresent();
  }

  // The tags that were removed; nothing when there was no such repository.
  private Optional<List<TagName>> removeAll(RepositoryName repository) {
    try (KeyLocks.Held held = repositories.lock(repository)) {
      Map<BlobKey, List<String>> files = repositories.files(repository);
      Set<String> names = tags(files);
      // What another registry sets from here on is not among these files.
      requireRemovable(repository, names);
      files.forEach(repositories::removeAll);
      return files.values().stream().allMatch(List::isEmpty)
          ? Optional.empty()
          : Optional.of(told(names));
    }
  }

  private static Set<String> tags(Map<BlobKey, List<String>> files) {
    return files.values().stream()
        .flatMap(List::stream)
        .flatMap(file -> RepositoryKeys.tagOf(file).stream())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  // Without a look into each file: the metadata of the tag _X has the name of the tag X_json.
  private static List<TagName> told(Set<String> names) {
    Set<String> metadata =
        names.stream()
            .filter(name -> name.startsWith("_"))
            .map(name -> name.substring(1) + "_json")
            .collect(Collectors.toSet());
    return names.stream()
        .filter(name -> !metadata.contains(name))
        .flatMap(name -> TagName.find(name).stream())
        .toList();
  }

  private void requireRemovable(RepositoryName repository, Set<String> names) {
    names.stream()
        .flatMap(name -> TagName.find(name).stream())
        .filter(tag -> rule.isImmutable(repository, tag))
        .filter(tag -> tags.get(repository, tag).isPresent())
        .findFirst()
        .ifPresent(
            tag -> {
              throw new RegistryException(
                  Problem.CONFLICT,
                  "The tag %s is immutable: the repository cannot be removed".formatted(tag));
            });
  }

  /**
   * Tells whether a repository is private.
   *
   * @param repository the repository, which need not exist
   * @return whether it is marked so
   */
  public boolean isPrivate(RepositoryName repository) {
    return storage.exists(repositories.locate(repository).privateMark());
  }

  /**
   * Marks a repository as private or public.
   *
   * @param repository the repository, which need not exist
   * @param isPrivate whether it will be private
   */
  public void setPrivate(RepositoryName repository, boolean isPrivate) {
    // A mark that comes or goes may decide whether there is such a repository at all.
    changes.run(repository, () -> mark(repository, isPrivate));
    events.publish(new RepositoryEvent.VisibilityChanged(repository, isPrivate));
  }

  private void mark(RepositoryName repository, boolean isPrivate) {
    try (KeyLocks.Held held = repositories.lock(repository)) {
      BlobKey mark = repositories.locate(repository).privateMark();
      if (isPrivate) {
        storage.write(mark, NOTHING);
      } else {
        storage.delete(mark);
      }
    }
  }
}
