package io.registry.content.repository;

import io.registry.content.image.ImageId;
import io.registry.platform.json.JsonCodec;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.StorageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * What was removed from repositories, and what tags named before they were moved, for the time in
 * which it can be restored. A note is in the store before the change that it is about, so that a
 * crash loses no state; it may be about a change that did not happen.
 *
 * <p>The files are outside of the folders of repositories, so that the removal of a repository,
 * also by the original, leaves them.
 */
public final class Trash {
  /** The folder with everything that is in the trash. */
  public static final BlobKey ROOT = BlobKey.of("_trash");

  private static final String ITEMS = "items";
  private static final String TAGS = "tags";

  /** The names of the items that were restored. */
  private static final String RESTORED = "restored";

  private static final byte[] NOTHING = new byte[0];

  /** A file of a repository that says that it contains something. */
  private static final Pattern CONTENT = Pattern.compile("_oci/(blobs|manifests)/(.+)-([0-9a-f]+)");

  private static final String MOVED = "moved";

  /** Of a version that a tag had for the shortest time: another process moved it meanwhile. */
  private static final String NEXT = ".next";

  private static final int SMALL = 64 * 1024;

  /** Milliseconds of the change, what was changed, a random part. */
  private static final Pattern ID = Pattern.compile("(\\d{13})-([a-z]+)-[0-9a-f-]{36}");

  /** A restoration that has just begun ends before the sweep removes the item. */
  private static final Duration MARGIN = Duration.ofHours(1);

  private final BlobStorage storage;
  private final JsonCodec codec;
  private final Clock clock;
  private final Duration keep;
  private final TrashFiles files;

  /**
   * The trash of a store.
   *
   * @param storage the store
   * @param codec reads and writes the notes
   * @param clock dates them
   * @param executor reads and writes many small files at the same time
   * @param settings how long things stay
   */
  public Trash(
      BlobStorage storage,
      JsonCodec codec,
      Clock clock,
      Executor executor,
      TrashProperties settings) {
    this.storage = storage;
    this.codec = codec;
    this.clock = clock;
    this.keep = settings.keep();
    this.files = new TrashFiles(storage, codec, executor);
  }

  /** Whether anything is kept. */
  public boolean isEnabled() {
    return !keep.isZero();
  }

  /** How long things stay. */
  public Duration keep() {
    return keep;
  }

  private static BlobKey folder(RepositoryName repository) {
    return repository.folderIn(ROOT);
  }

  private static BlobKey item(RepositoryName repository, String id) {
    return folder(repository).child(ITEMS).child(id);
  }

  private static BlobKey versions(RepositoryName repository, TagName tag) {
    return folder(repository).child(TAGS).child(tag.file());
  }

  private String newId(String kind) {
    return String.format(
        Locale.ROOT, "%013d-%s-%s", clock.instant().toEpochMilli(), kind, UUID.randomUUID());
  }

  /** Notes that a tag is about to be moved. */
  void move(RepositoryName repository, TagName tag, TagState from, TagState to) {
    Map<String, Object> json = json(from);
    json.put("next", json(to));
    storage.write(versions(repository, tag).child(newId(MOVED)), codec.render(json));
  }

  /**
   * Notes that a tag is about to be removed.
   *
   * @return the id of the note
   */
  String removeTag(RepositoryName repository, TagName tag, TagState state) {
    String id = newId(TrashItem.Kind.TAG.word());
    Map<String, Object> json = json(state);
    json.put("name", tag.value());
    byte[] bytes = codec.render(json);
    storage.write(versions(repository, tag).child(id), bytes);
    storage.write(item(repository, id), bytes);
    return id;
  }

  /** Takes back that a tag was about to be removed. */
  void keepTag(RepositoryName repository, TagName tag, String id) {
    storage.delete(item(repository, id));
    storage.delete(versions(repository, tag).child(id));
  }

  private static Map<String, Object> json(TagState state) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("image", state.image().value());
    state.manifest().ifPresent(digest -> json.put("manifest", digest));
    return json;
  }

  private static Optional<TagState> state(JsonNode json) {
    return ImageId.findTagged(json.path("image").asString(""))
        .map(
            image ->
                new TagState(
                    image,
                    Optional.of(json.path("manifest").asString(""))
                        .filter(digest -> !digest.isEmpty())));
  }

  /**
   * Notes that a manifest is about to be removed from a repository by its digest.
   *
   * @param image the V1 image that it is served as
   */
  public void removeManifest(
      RepositoryName repository, ManifestRef manifest, Optional<ImageId> image) {
    keep(repository, TrashItem.Kind.MANIFEST, json(manifest, image));
  }

  /**
   * Notes that a blob is about to be removed from a repository.
   *
   * @param digest the digest of the blob, {@code ALGORITHM:HEX}
   * @param size in bytes
   * @param layerOf the V1 image whose layer has the bytes
   */
  public void removeBlob(
      RepositoryName repository, String digest, long size, Optional<ImageId> layerOf) {
    keep(repository, TrashItem.Kind.BLOB, json(new ManifestRef("", digest, size), layerOf));
  }

  private void keep(RepositoryName repository, TrashItem.Kind kind, Map<String, Object> json) {
    if (isEnabled()) {
      storage.write(item(repository, newId(kind.word())), codec.render(json));
    }
  }

  private static Map<String, Object> json(ManifestRef content, Optional<ImageId> image) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", content.digest());
    json.put("mediaType", content.mediaType());
    json.put("size", content.size());
    image.ifPresent(id -> json.put("v1Image", id.value()));
    return json;
  }

  /**
   * Keeps all files of a repository that is about to be removed.
   *
   * @param tags how many tags it has
   * @param isPrivate whether it is private
   * @param kept where each file is, by its path relative to the folder of the repository
   */
  void removeRepository(
      RepositoryName repository,
      int tags,
      boolean isPrivate,
      List<Map.Entry<String, BlobKey>> kept) {
    files.write(
        item(repository, newId(TrashItem.Kind.REPOSITORY.word())),
        Map.of("tags", tags, "private", isPrivate),
        kept);
  }

  /**
   * Reads the files of a removed repository.
   *
   * @param found gets some at a time
   * @return false when the item is not in the trash any more
   */
  boolean read(TrashItem repository, Consumer<List<TrashFiles.StoredFile>> found) {
    return files.read(item(repository.repository(), repository.id()), found);
  }

  /**
   * What can be restored, in the order of the names of the repositories and then of the time, while
   * it is found.
   *
   * @param namespace only of that namespace; empty for all
   * @param after begins after that place; empty for the beginning
   * @return the items; the caller closes the stream
   */
  @SuppressWarnings("StreamResourceLeak") // The caller closes it.
  public Stream<Placed> items(Optional<String> namespace, String after) {
    Stream<String> namespaces =
        namespace
            .map(name -> Stream.of(RepositoryName.encode(name)))
            .orElseGet(() -> sorted(ROOT, after.replaceFirst("/.*", "")));
    return namespaces.flatMap(
        folder ->
            sorted(ROOT.child(folder), rest(after, folder).replaceFirst("/.*", ""))
                .flatMap(name -> items(folder, name, rest(after, folder + "/" + name))));
  }

  /**
   * An item, and its place among all.
   *
   * @param item the item
   * @param place for {@link Trash#items}
   */
  public record Placed(TrashItem item, String place) {}

  // What of a place is below a folder; empty when the place is not in it.
  private static String rest(String place, String folder) {
    return place.startsWith(folder + "/") ? place.substring(folder.length() + 1) : "";
  }

  private Stream<String> sorted(BlobKey folder, String from) {
    try (Stream<String> names = storage.folders(folder)) {
      return names.filter(name -> name.compareTo(from) >= 0).sorted().toList().stream();
    }
  }

  private Stream<Placed> items(String namespace, String name, String after) {
    BlobKey folder = ROOT.child(namespace).child(name);
    Set<String> restored = Set.copyOf(names(folder.child(RESTORED)));
    List<String> ids =
        names(folder.child(ITEMS)).stream()
            .filter(id -> id.compareTo(after) > 0 && !restored.contains(id))
            .sorted()
            .toList();
    return RepositoryKeys.repositoryOf(namespace, name).stream()
        .flatMap(
            repository ->
                ids.stream()
                    .flatMap(id -> find(repository, id).stream())
                    .map(found -> new Placed(found, namespace + "/" + name + "/" + found.id())));
  }

  private List<String> names(BlobKey folder) {
    try (Stream<String> names = storage.names(folder)) {
      return names.toList();
    }
  }

  /**
   * Finds what can be restored; empty when it does not exist, was restored, or its time is over.
   */
  public Optional<TrashItem> find(RepositoryName repository, String id) {
    Matcher matcher = ID.matcher(id);
    if (!matcher.matches()
        || isOver(id)
        || storage.exists(folder(repository).child(RESTORED).child(id))) {
      return Optional.empty();
    }
    return Stream.of(TrashItem.Kind.values())
        .filter(kind -> kind.word().equals(matcher.group(2)))
        .findFirst()
        .flatMap(
            kind ->
                files.header(item(repository, id)).map(json -> item(repository, id, kind, json)));
  }

  private static TrashItem item(
      RepositoryName repository, String id, TrashItem.Kind kind, JsonNode json) {
    return new TrashItem(
        repository,
        id,
        kind,
        json.path("name").asString(""),
        time(id),
        state(json),
        json.has("mediaType")
            ? Optional.of(
                new ManifestRef(
                    json.path("mediaType").asString(""),
                    json.path("name").asString(""),
                    json.path("size").asLong(0)))
            : Optional.empty(),
        ImageId.find(json.path("v1Image").asString("")),
        json.path("tags").asInt(0),
        json.path("private").asBoolean(false));
  }

  private static Instant time(String id) {
    return Instant.ofEpochMilli(Long.parseLong(id.substring(0, id.indexOf('-'))));
  }

  private boolean isOver(String id) {
    return time(id).plus(keep).isBefore(clock.instant());
  }

  /**
   * Takes an item that was restored out of the trash. It keeps its content alive until its time is
   * over: a collection that has not seen what was restored must see the item.
   */
  public void forget(TrashItem item) {
    storage.write(folder(item.repository()).child(RESTORED).child(item.id()), NOTHING);
  }

  /** Hears of everything that the trash keeps alive. */
  public interface Kept {
    /** What a tag named. */
    void tag(RepositoryName repository, TagState state);

    /** A manifest, by its digest {@code ALGORITHM:HEX}. */
    void manifest(RepositoryName repository, String digest);

    /** A blob, likewise. */
    void blob(RepositoryName repository, String digest);

    /** A V1 image. */
    void image(ImageId image);
  }

  /**
   * Names everything that can be restored or was restored lately, with what tags named before.
   *
   * @param kept hears of it
   * @throws StorageException when something cannot be read
   */
  public void keep(Kept kept) {
    for (String namespace : sorted(ROOT, "").toList()) {
      for (String name : sorted(ROOT.child(namespace), "").toList()) {
        BlobKey folder = ROOT.child(namespace).child(name);
        RepositoryName repository =
            RepositoryKeys.repositoryOf(namespace, name).orElseThrow(() -> broken(folder));
        for (String id : names(folder.child(ITEMS))) {
          keepItem(repository, folder.child(ITEMS).child(id), kept);
        }
        for (String tag : sorted(folder.child(TAGS), "").toList()) {
          BlobKey versions = folder.child(TAGS).child(tag);
          for (String id : names(versions)) {
            keepVersion(repository, versions.child(id), kept);
          }
        }
      }
    }
  }

  private StorageException broken(BlobKey key) {
    return new StorageException(
        StorageException.Reason.BROKEN,
        storage.describe(),
        "read",
        key,
        new IOException("it is not what the trash contains"));
  }

  private void keepVersion(RepositoryName repository, BlobKey note, Kept kept) {
    // A note that has gone meanwhile was swept, or taken back.
    storage
        .read(note, SMALL)
        .ifPresent(
            bytes -> {
              JsonNode json = codec.parse(bytes).orElseThrow(() -> broken(note));
              kept.tag(repository, state(json).orElseThrow(() -> broken(note)));
              state(json.path("next")).ifPresent(next -> kept.tag(repository, next));
            });
  }

  private void keepItem(RepositoryName repository, BlobKey file, Kept kept) {
    Matcher matcher = ID.matcher(file.path().substring(file.path().lastIndexOf('/') + 1));
    if (!matcher.matches()) {
      throw broken(file);
    }
    switch (matcher.group(2)) {
      case "repository" -> {
        boolean unused =
            files.read(file, part -> part.forEach(each -> keepFile(repository, each, file, kept)));
      }
      case "tag" -> keepVersion(repository, file, kept);
      case "manifest", "blob" -> {
        Optional<byte[]> bytes = storage.read(file, SMALL);
        if (bytes.isPresent()) {
          JsonNode json = codec.parse(bytes.get()).orElseThrow(() -> broken(file));
          String digest = json.path("name").asString("");
          keepContent(repository, matcher.group(2) + "s", digest, json.path("v1Image"), kept);
        }
      }
      default -> throw broken(file);
    }
  }

  private void keepFile(
      RepositoryName repository, TrashFiles.StoredFile stored, BlobKey file, Kept kept) {
    String path = stored.path();
    if (RepositoryKeys.tagOf(path).isPresent()) {
      ImageId.findTagged(new String(stored.content(), StandardCharsets.ISO_8859_1).strip())
          .ifPresent(image -> kept.tag(repository, new TagState(image, Optional.empty())));
    }
    Matcher content = CONTENT.matcher(path);
    if (content.matches()) {
      JsonNode json = codec.parse(stored.content()).orElseThrow(() -> broken(file));
      keepContent(
          repository,
          content.group(1),
          content.group(2) + ":" + content.group(3),
          json.path(content.group(1).equals("blobs") ? "layerOf" : "image"),
          kept);
    }
  }

  private static void keepContent(
      RepositoryName repository, String kind, String digest, JsonNode image, Kept kept) {
    if (kind.equals("blobs")) {
      kept.blob(repository, digest);
    } else {
      kept.manifest(repository, digest);
    }
    ImageId.find(image.asString("")).ifPresent(kept::image);
  }

  /**
   * What a tag named before, the newest version first. A version that a tag has again is in the
   * list, too.
   *
   * @param current what the tag names now; empty when there is no such tag
   */
  public List<TagVersion> history(
      RepositoryName repository, TagName tag, Optional<TagState> current) {
    List<String> ids;
    try (Stream<String> names = storage.names(versions(repository, tag))) {
      ids =
          names
              .filter(id -> ID.matcher(id).matches() && !isOver(id))
              .sorted((one, other) -> other.compareTo(one))
              .toList();
    }
    Set<TagState> known = new HashSet<>();
    current.ifPresent(known::add);
    List<TagVersion> found = new ArrayList<>();
    for (String id : ids) {
      for (TagVersion version : read(repository, tag, id)) {
        // What the tag was moved to is usually what it was moved from the next time.
        if (!version.id().endsWith(NEXT) || !known.contains(version.state())) {
          found.add(version);
        }
        known.add(version.state());
      }
    }
    return found;
  }

  /** Finds what a tag named before; empty when it does not exist or its time is over. */
  public Optional<TagVersion> version(RepositoryName repository, TagName tag, String id) {
    String note = id.endsWith(NEXT) ? id.substring(0, id.length() - NEXT.length()) : id;
    return ID.matcher(note).matches() && !isOver(note)
        ? read(repository, tag, note).stream()
            .filter(version -> version.id().equals(id))
            .findFirst()
        : Optional.empty();
  }

  // What the tag was moved to comes first: it is the newer version.
  private List<TagVersion> read(RepositoryName repository, TagName tag, String id) {
    Optional<JsonNode> json =
        storage.read(versions(repository, tag).child(id), SMALL).flatMap(codec::parse);
    Instant time = time(id);
    return Stream.concat(
            json.flatMap(note -> state(note.path("next"))).stream()
                .map(state -> new TagVersion(id + NEXT, state, time, false)),
            json.flatMap(Trash::state).stream()
                .map(state -> new TagVersion(id, state, time, !id.contains(MOVED))))
        .toList();
  }

  /** Removes what can no longer be restored. Any number of processes may do that at once. */
  public void sweep() {
    if (storage.isReadOnly()) {
      return;
    }
    Instant now = clock.instant();
    for (String namespace : sorted(ROOT, "").toList()) {
      BlobKey folder = ROOT.child(namespace);
      sorted(folder, "").forEach(name -> sweep(folder.child(name), now));
    }
  }

  private void sweep(BlobKey repository, Instant now) {
    sweepFolder(repository.child(ITEMS), now);
    // Afterwards, so that nothing that was restored is listed again.
    sweepFolder(repository.child(RESTORED), now);
    BlobKey tags = repository.child(TAGS);
    sorted(tags, "").forEach(tag -> sweepFolder(tags.child(tag), now));
  }

  private void sweepFolder(BlobKey folder, Instant now) {
    List<BlobKey> over =
        names(folder).stream()
            .filter(
                id -> ID.matcher(id).matches() && time(id).plus(keep).plus(MARGIN).isBefore(now))
            .map(folder::child)
            .toList();
    if (!over.isEmpty()) {
      storage.deleteAllUnsynced(over);
    }
  }
}
