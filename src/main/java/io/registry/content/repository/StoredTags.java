package io.registry.content.repository;

import io.registry.content.image.ImageId;
import io.registry.content.image.ImageReader;
import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.platform.problem.Subject;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.KeyLocks;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The tags in the store, one file each. A file {@code tag_X_json} is the tag {@code X_json} or the
 * metadata of the tag {@code _X}: only its content distinguishes them (protocol 5.2).
 */
final class StoredTags implements Tags {
  /** A list is read in up to this many parallel parts, each of at least MIN_PART tags. */
  private static final int MAX_PARTS = 256;

  private static final int MIN_PART = 4;

  private final BlobStorage storage;
  private final StoredRepositories repositories;
  private final ImageReader images;
  private final JsonCodec codec;
  private final Clock clock;
  private final Executor executor;
  private final RepositoryChanges changes;
  private final RepositoryEvents events;
  private final TagRule rule;
  private final Trash trash;

  StoredTags(
      BlobStorage storage,
      StoredRepositories repositories,
      ImageReader images,
      JsonCodec codec,
      Clock clock,
      Executor executor,
      RepositoryChanges changes,
      RepositoryEvents events,
      TagRule rule,
      Trash trash) {
    this.storage = storage;
    this.repositories = repositories;
    this.images = images;
    this.codec = codec;
    this.clock = clock;
    this.executor = executor;
    this.changes = changes;
    this.events = events;
    this.rule = rule;
    this.trash = trash;
  }

  @Override
  public Optional<Map<String, ImageId>> list(RepositoryName repository) {
    BlobKey folder = repositories.locate(repository).folder();
    List<String> names;
    try (Stream<String> found = storage.names(folder)) {
      names = found.toList();
    }
    if (names.isEmpty()) {
      return Optional.empty();
    }
    List<String> files =
        names.stream().filter(name -> RepositoryKeys.tagOf(name).isPresent()).toList();
    if (files.size() <= MIN_PART) {
      return Optional.of(new TreeMap<>(read(folder, files, new AtomicBoolean())));
    }
    int part = Math.max(MIN_PART, (files.size() + MAX_PARTS - 1) / MAX_PARTS);
    List<CompletableFuture<Map<String, ImageId>>> parts = new ArrayList<>();
    AtomicBoolean failed = new AtomicBoolean();
    for (int from = 0; from < files.size(); from += part) {
      List<String> some = files.subList(from, Math.min(from + part, files.size()));
      parts.add(CompletableFuture.supplyAsync(() -> read(folder, some, failed), executor));
    }
    Map<String, ImageId> tags = new TreeMap<>();
    parts.forEach(found -> tags.putAll(found.join()));
    return Optional.of(tags);
  }

  // When one part has failed, the list cannot be returned, and the other parts stop.
  private Map<String, ImageId> read(BlobKey folder, List<String> names, AtomicBoolean failed) {
    Map<String, ImageId> tags = new HashMap<>();
    boolean whole = false;
    try {
      for (String name : names) {
        if (failed.get()) {
          return tags;
        }
        RepositoryKeys.tagOf(name)
            .ifPresent(tag -> image(folder.child(name)).ifPresent(image -> tags.put(tag, image)));
      }
      whole = true;
      return tags;
    } finally {
      if (!whole) {
        failed.set(true);
      }
    }
  }

  @Override
  public Optional<ImageId> get(RepositoryName repository, TagName tag) {
    return get(repositories.locate(repository), tag);
  }

  private Optional<ImageId> get(RepositoryKeys keys, TagName tag) {
    return image(keys.tag(tag)).or(() -> image(keys.oldTag(tag)));
  }

  @Override
  public void set(RepositoryName repository, TagName tag, TagChange change) {
    ImageId image = change.image();
    tag.requireAllowed();
    if (!image.isManifest()) {
      images.requireComplete(image);
    }
    // What an immutable tag may name before.
    Set<ImageId> replaced =
        rule.isImmutable(repository, tag)
            ? Stream.concat(Stream.of(image), change.part().stream()).collect(Collectors.toSet())
            : Set.of();
    if (!replaced.isEmpty()) {
      // An immutable tag is refused before slower rules, such as a remote hook, are asked.
      get(repository, tag).ifPresent(set -> requireAllowed(tag, set, replaced));
    }
    rule.beforeSetting(repository, tag, image);
    changes.run(repository, () -> write(repository, tag, change, replaced));
    events.publish(new RepositoryEvent.TagSet(repository, tag, image, change.manifest()));
  }

  private void write(
      RepositoryName repository, TagName tag, TagChange change, Set<ImageId> replaced) {
    try (KeyLocks.Held held = repositories.lock(repository)) {
      RepositoryKeys keys = repositories.locate(repository);
      ImageId image = change.image();
      byte[] content = image.value().getBytes(StandardCharsets.US_ASCII);
      noteMove(repository, keys, tag, change);
      change.first().run();
      if (replaced.isEmpty()) {
        storage.write(keys.tag(tag), content);
      } else {
        writeOnce(keys, tag, image, replaced, content);
      }
      // The tag is valid without its metadata, so the write need not reach the disk.
      byte[] metadata = codec.render(TagMetadata.of(change.client(), clock.instant()).values());
      if (image(keys.metadata(tag)).isEmpty()) {
        storage.writeUnsynced(keys.metadata(tag), metadata);
      }
      if (tag.equals(TagName.LATEST)) {
        storage.writeUnsynced(keys.metadata(), metadata);
      }
    }
  }

  // Before anything changes, so that no state that the tag had is lost.
  private void noteMove(
      RepositoryName repository, RepositoryKeys keys, TagName tag, TagChange change) {
    if (!trash.isEnabled()) {
      return;
    }
    Optional<String> manifest = change.manifest().map(ManifestRef::digest);
    TagState next = new TagState(change.image(), manifest);
    state(keys, tag)
        .filter(former -> !former.image().equals(next.image()) || isOther(former, next))
        .ifPresent(former -> trash.move(repository, tag, former, next));
  }

  // A V1 client that sets the tag to the same image again changes nothing.
  private static boolean isOther(TagState former, TagState next) {
    return next.manifest().isPresent() && !former.manifest().equals(next.manifest());
  }

  @Override
  public Optional<TagState> state(RepositoryName repository, TagName tag) {
    return state(repositories.locate(repository), tag);
  }

  private Optional<TagState> state(RepositoryKeys keys, TagName tag) {
    return get(keys, tag)
        .map(
            image ->
                new TagState(
                    image,
                    image.isManifest() ? Optional.empty() : text(keys.servedManifest(tag, image))));
  }

  // When two processes set the tag concurrently, only one of them finds no file.
  private void writeOnce(
      RepositoryKeys keys, TagName tag, ImageId image, Set<ImageId> replaced, byte[] content) {
    Optional<ImageId> set = get(keys, tag);
    if (set.isEmpty() && !storage.writeIfAbsent(keys.tag(tag), content)) {
      // The file may be the metadata of a tag whose name has one character more.
      ImageId found =
          get(keys, tag)
              .orElseThrow(
                  () ->
                      new RegistryException(
                          Problem.CONFLICT,
                          Subject.TAG,
                          "The tag %s cannot be set: its file holds no tag".formatted(tag)));
      requireAllowed(tag, found, Set.of(image));
    }
    set.ifPresent(found -> requireAllowed(tag, found, replaced));
    if (set.filter(found -> !found.equals(image)).isPresent()) {
      storage.write(keys.tag(tag), content);
    }
  }

  private static void requireAllowed(TagName tag, ImageId set, Set<ImageId> allowed) {
    if (!allowed.contains(set)) {
      throw new RegistryException(
          Problem.CONFLICT,
          Subject.TAG,
          "The tag %s is immutable and names another image already".formatted(tag));
    }
  }

  @Override
  public boolean remove(RepositoryName repository, TagName tag) {
    return remove(repository, tag, Optional.empty());
  }

  @Override
  public boolean removeIf(RepositoryName repository, TagName tag, Predicate<ImageId> condition) {
    return remove(repository, tag, Optional.of(condition));
  }

  private boolean remove(
      RepositoryName repository, TagName tag, Optional<Predicate<ImageId>> condition) {
    if (rule.isImmutable(repository, tag)) {
      // No deletion even if the tag is missing: it may be set right after this check.
      if (get(repository, tag).isEmpty()) {
        return false;
      }
      throw new RegistryException(
          Problem.CONFLICT,
          Subject.TAG,
          "The tag %s is immutable and cannot be removed".formatted(tag));
    }
    Optional<ImageId> removed = changes.call(repository, () -> delete(repository, tag, condition));
    removed.ifPresent(
        image -> events.publish(new RepositoryEvent.TagRemoved(repository, tag, image)));
    return removed.isPresent();
  }

  // Returns the image that the tag named; empty when no tag was removed.
  private Optional<ImageId> delete(
      RepositoryName repository, TagName tag, Optional<Predicate<ImageId>> condition) {
    try (KeyLocks.Held held = repositories.lock(repository)) {
      RepositoryKeys keys = repositories.locate(repository);
      Optional<ImageId> image = get(keys, tag).filter(condition.orElse(any -> true));
      if (image.isEmpty()) {
        return image;
      }
      Optional<String> note =
          trash.isEnabled()
              ? state(keys, tag).map(state -> trash.removeTag(repository, tag, state))
              : Optional.empty();
      // The metadata is deleted first: as long as the tag exists, an interrupted removal can be
      // repeated.
      for (BlobKey metadata : List.of(keys.metadata(tag), keys.oldMetadata(tag))) {
        if (image(metadata).isEmpty()) {
          storage.delete(metadata);
        }
      }
      if (tag.equals(TagName.LATEST)) {
        storage.delete(keys.metadata());
      }
      // Another process may have moved the tag meanwhile.
      if (condition.isPresent() && get(keys, tag).filter(condition.get()).isEmpty()) {
        note.ifPresent(id -> trash.keepTag(repository, tag, id));
        return Optional.empty();
      }
      // The old file is deleted first, otherwise it would be read once the other is gone. No file
      // is deleted twice, because another process may have set the tag again meanwhile.
      Stream.of(keys.oldTag(tag), keys.tag(tag)).distinct().forEach(storage::delete);
      return image;
    }
  }

  @Override
  public TagMetadata metadata(RepositoryName repository, TagName tag) {
    RepositoryKeys keys = repositories.locate(repository);
    return metadata(keys.metadata(tag))
        .or(() -> metadata(keys.oldMetadata(tag)))
        .orElseGet(TagMetadata::unknown);
  }

  @Override
  public TagMetadata metadata(RepositoryName repository) {
    return metadata(repositories.locate(repository).metadata()).orElseGet(TagMetadata::unknown);
  }

  private Optional<TagMetadata> metadata(BlobKey key) {
    return storage
        .read(key, RepositoryKeys.SMALL)
        .flatMap(bytes -> TagMetadata.parse(codec, bytes));
  }

  // Some tag files end in a line feed (protocol 5.1).
  private Optional<ImageId> image(BlobKey key) {
    return text(key).flatMap(ImageId::findTagged);
  }

  private Optional<String> text(BlobKey key) {
    return storage
        .read(key, RepositoryKeys.SMALL)
        .map(bytes -> new String(bytes, StandardCharsets.ISO_8859_1).strip());
  }
}
