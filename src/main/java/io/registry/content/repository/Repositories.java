package io.registry.content.repository;

import io.registry.content.image.ImageId;
import io.registry.content.image.ImageReader;
import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.KeyLocks;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The repositories of a store, and access to their tags and image lists. */
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
  private final Trash trash;
  private final Executor executor;

  /**
   * Creates the repositories of a store.
   *
   * @param storage the store
   * @param images checks that an image may be tagged
   * @param codec reads and writes JSON files
   * @param clock dates the tags
   * @param executor reads and writes many small files at the same time
   * @param changes wraps every change
   * @param events is notified after every change
   * @param rule may refuse tags
   * @param settings of the trash, where what is removed goes
   */
  public Repositories(
      BlobStorage storage,
      ImageReader images,
      JsonCodec codec,
      Clock clock,
      Executor executor,
      RepositoryChanges changes,
      RepositoryEvents events,
      TagRule rule,
      TrashProperties settings) {
    this.storage = storage;
    this.trash = new Trash(storage, codec, clock, executor, settings);
    this.executor = executor;
    this.repositories = new StoredRepositories(storage);
    this.tags =
        new StoredTags(
            storage, repositories, images, codec, clock, executor, changes, events, rule, trash);
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

  /** The tags of all repositories. */
  public Tags tags() {
    return tags;
  }

  /** What was removed from all repositories. */
  public Trash trash() {
    return trash;
  }

  /** The image lists of all repositories. */
  public ImageLists imageLists() {
    return imageLists;
  }

  /**
   * The names of all repositories, in no order, while their folders are found. A repository that an
   * old release began and a later one continued may be listed twice. Because only folders are read,
   * a name may be listed for which {@link #exists} returns false.
   *
   * @return the names; the caller closes the stream
   */
  @SuppressWarnings("StreamResourceLeak") // The caller closes it.
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
   * Whether a repository exists: whether it has an image list or a tag.
   *
   * @param repository the repository
   * @return whether it exists
   */
  public boolean exists(RepositoryName repository) {
    RepositoryKeys keys = repositories.locate(repository);
    try (Stream<String> files = storage.names(keys.folder())) {
      return files.anyMatch(RepositoryKeys::isOfRepository)
          || !repositories.generations(keys).isEmpty();
    }
  }

  /**
   * The folder below which a repository keeps what it contains by digest. It is removed with the
   * repository.
   *
   * @param repository the repository, which need not exist
   * @return the key of the folder
   */
  public BlobKey contentFolder(RepositoryName repository) {
    return repositories.locate(repository).content();
  }

  /**
   * Writes what a remote index lists for a repository to the file that the original used, so that
   * an operator can go back to it. Written only when it changed.
   *
   * @param repository the repository
   * @param images the images that the index lists
   * @param create whether to write the file even if the repository does not exist, because a push
   *     begins
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
   * Whether a tag, once it is set, stays what it is.
   *
   * @param repository the repository, which need not exist
   * @param tag the tag
   */
  public boolean isImmutable(RepositoryName repository, TagName tag) {
    return rule.isImmutable(repository, tag);
  }

  /**
   * Removes a repository with all its tags; the images stay.
   *
   * @param repository the repository
   * @param wasPrivate whether it is private, for its restoration
   * @return whether there was one
   * @throws RegistryException {@code CONFLICT} when one of its tags is immutable; then nothing is
   *     removed
   */
  public boolean remove(RepositoryName repository, boolean wasPrivate) {
    Optional<List<TagName>> removed =
        changes.call(repository, () -> removeAll(repository, wasPrivate));
    removed.ifPresent(
        tags -> events.publish(new RepositoryEvent.RepositoryRemoved(repository, tags)));
    return removed.isPresent();
  }

  // The removed tags; empty when there was no such repository.
  private Optional<List<TagName>> removeAll(RepositoryName repository, boolean wasPrivate) {
    try (KeyLocks.Held held = repositories.lock(repository)) {
      Map<BlobKey, List<String>> files = repositories.files(repository);
      Set<String> names = tags(files);
      // Tags that another process sets from here on are not in this list.
      requireRemovable(repository, names);
      keep(repository, files, wasPrivate);
      files.forEach(repositories::removeAll);
      boolean hadContent = repositories.removeContent(repository);
      if (hadContent) {
        // What another process has tagged meanwhile goes too.
        Map<BlobKey, List<String>> late = repositories.files(repository);
        keep(repository, late, wasPrivate);
        late.forEach(repositories::removeAll);
      }
      return !hadContent && files.values().stream().allMatch(List::isEmpty)
          ? Optional.empty()
          : Optional.of(told(names));
    }
  }

  private void keep(
      RepositoryName repository, Map<BlobKey, List<String>> files, boolean wasPrivate) {
    if (!trash.isEnabled()) {
      return;
    }
    List<Map.Entry<String, BlobKey>> kept = repositories.relative(repository, files);
    if (!kept.isEmpty()) {
      trash.removeRepository(repository, told(tags(files)).size(), wasPrivate, kept);
    }
  }

  /**
   * Restores a removed repository: writes all its files that do not exist again, the tags last.
   *
   * @param item the repository in the trash
   * @return the tags that were restored, with the image of each; those that exist again stay as
   *     they are
   * @throws RegistryException {@code NOT_FOUND} when the item is not in the trash any more
   */
  public Map<TagName, ImageId> restore(TrashItem item) {
    RepositoryName repository = item.repository();
    Map<TagName, ImageId> restored = new TreeMap<>(Comparator.comparing(TagName::value));
    boolean wasThere = changes.call(repository, () -> write(item, restored));
    if (!wasThere) {
      throw new RegistryException(Problem.NOT_FOUND, "It is not in the trash any more");
    }
    events.publish(new RepositoryEvent.RepositoryUpdated(repository));
    restored.forEach(
        (tag, image) ->
            events.publish(new RepositoryEvent.TagSet(repository, tag, image, Optional.empty())));
    return restored;
  }

  private boolean write(TrashItem item, Map<TagName, ImageId> restored) {
    try (KeyLocks.Held held = repositories.lock(item.repository())) {
      BlobKey folder = repositories.locate(item.repository()).folder();
      return trash.read(
          item,
          part -> {
            List<CompletableFuture<Boolean>> written =
                part.stream()
                    .map(
                        file ->
                            CompletableFuture.supplyAsync(
                                () ->
                                    storage.writeIfAbsent(
                                        new BlobKey(folder.path() + "/" + file.path()),
                                        file.content()),
                                executor))
                    .toList();
            for (int i = 0; i < part.size(); i++) {
              if (written.get(i).join()) {
                tag(part.get(i)).ifPresent(tag -> restored.put(tag.getKey(), tag.getValue()));
              }
            }
          });
    }
  }

  private static Optional<Map.Entry<TagName, ImageId>> tag(TrashFiles.StoredFile file) {
    String text = new String(file.content(), StandardCharsets.ISO_8859_1).strip();
    return RepositoryKeys.tagOf(file.path())
        .flatMap(TagName::find)
        .flatMap(tag -> ImageId.findTagged(text).map(image -> Map.entry(tag, image)));
  }

  private static Set<String> tags(Map<BlobKey, List<String>> files) {
    return files.values().stream()
        .flatMap(List::stream)
        .flatMap(file -> RepositoryKeys.tagOf(file).stream())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  // Determined by file names alone: the metadata of the tag _X has the same file name as the tag
  // X_json.
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
   * Whether a repository is marked as private.
   *
   * @param repository the repository, which need not exist
   * @return whether it is
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
    // A mark is a file in the repository's folder, so it may decide whether the repository exists.
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
