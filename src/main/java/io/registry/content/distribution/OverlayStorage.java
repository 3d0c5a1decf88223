package io.registry.content.distribution;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.registry.content.manifest.BlobLink;
import io.registry.content.manifest.Digest;
import io.registry.content.manifest.ManifestLink;
import io.registry.content.repository.RepositoryKeys;
import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.TagName;
import io.registry.platform.json.JsonCodec;
import io.registry.storage.Blob;
import io.registry.storage.BlobContent;
import io.registry.storage.BlobEntry;
import io.registry.storage.BlobInfo;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.BlobWriter;
import io.registry.storage.ByteRange;
import io.registry.storage.LinkResult;
import io.registry.storage.StorageException;
import io.registry.storage.StorageException.Reason;
import io.registry.storage.StrayLink;
import io.registry.storage.StreamedBlob;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/**
 * Decorates a store so that what a foreign tree contains is read as if it were in the layout of
 * this registry: a tag, a link to a blob or to a manifest, the bytes of a digest. What the store
 * has itself comes first. Nothing is written to the tree: what is removed here is hidden by an
 * empty file below {@code _distribution/hidden}, until it is set again.
 *
 * <p>The bytes of the tree are found by their keys, and not listed among the blobs of the store, so
 * that nothing takes them for its own.
 */
final class OverlayStorage implements BlobStorage {
  /** Below it, an empty file at the path of what is hidden. */
  private static final String HIDDEN = "_distribution/hidden/";

  private static final byte[] NOTHING = new byte[0];
  private static final byte[] EMPTY_LIST = "[]".getBytes(StandardCharsets.US_ASCII);
  private static final Digest OF_NOTHING = Digest.of(NOTHING);
  private static final int MAX_KNOWN = 100_000;

  private final BlobStorage own;
  private final ForeignTree tree;
  private final boolean isShared;
  private final ForeignManifests manifests;
  private final JsonCodec codec;

  /** What has its bytes under another digest: the tree knows that by repository only. */
  private final Cache<Digest, Digest> aliases =
      Caffeine.newBuilder().maximumSize(MAX_KNOWN).build();

  /** Where the bytes of a digest are, as far as known. */
  private final Cache<BlobKey, Boolean> ownBytes =
      Caffeine.newBuilder().maximumSize(MAX_KNOWN).build();

  /**
   * Creates the decorator.
   *
   * @param own the store of this registry
   * @param tree the tree, which may be in that store
   * @param codec writes JSON
   */
  OverlayStorage(BlobStorage own, ForeignTree tree, JsonCodec codec) {
    this.own = own;
    this.tree = tree;
    this.isShared = tree.storage() == own;
    this.manifests = new ForeignManifests(tree, codec);
    this.codec = codec;
  }

  /**
   * Something that the tree has.
   *
   * @param file the file of the tree that says so
   * @param content what this registry would have written
   */
  // It is passed on at once and never compared.
  @SuppressWarnings("ArrayRecordComponent")
  private record Small(BlobKey file, byte[] content) {
    BlobInfo info() {
      return new BlobInfo(content.length, Digest.of(content).hex());
    }
  }

  private static BlobKey hidden(BlobKey key) {
    return new BlobKey(HIDDEN + key);
  }

  private boolean isHidden(BlobKey key) {
    return own.exists(hidden(key));
  }

  private Optional<Small> small(BlobKey key) {
    return Place.of(key).flatMap(this::small).filter(found -> !isHidden(key));
  }

  private Optional<Small> small(Place place) {
    if (place instanceof Place.Tag it) {
      return tree.tag(it.repository(), it.tag())
          .map(link -> new Small(link.file(), ascii(link.digest().toString())));
    }
    if (place instanceof Place.BlobFile it) {
      return tree.blob(it.repository(), it.digest()).flatMap(link -> blob(it.digest(), link));
    }
    if (place instanceof Place.ManifestFile it) {
      return manifest(it.repository(), it.digest())
          .map(
              found ->
                  new Small(
                      found.link().file(),
                      codec.render(
                          new ManifestLink(
                                  found.described().descriptor().mediaType(),
                                  found.described().descriptor().size(),
                                  found.described().subject(),
                                  Optional.empty(),
                                  "",
                                  Optional.empty())
                              .fields())));
    }
    if (place instanceof Place.ReferrerFile it) {
      return manifest(it.repository(), it.digest())
          .filter(found -> found.described().subject().equals(Optional.of(it.subject())))
          .map(
              found ->
                  new Small(
                      found.link().file(), codec.render(found.described().referrer().fields())));
    }
    return place instanceof Place.ImageList it && isWithoutTags(it.repository())
        ? Optional.of(new Small(tree.file(OF_NOTHING), EMPTY_LIST))
        : Optional.empty();
  }

  // Without a tag, the list of its images is what says that a repository exists.
  private boolean isWithoutTags(RepositoryName repository) {
    return tree.tags(repository).isEmpty() && tree.contains(repository);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private Optional<Small> blob(Digest digest, ForeignTree.Link link) {
    if (!digest.equals(link.digest())) {
      aliases.put(digest, link.digest());
    }
    return stat(link.digest())
        .map(
            info ->
                new Small(
                    link.file(),
                    codec.render(new BlobLink(info.size(), Optional.empty()).fields())));
  }

  private record FoundManifest(ForeignTree.Link link, ForeignManifests.Described described) {}

  private Optional<FoundManifest> manifest(RepositoryName repository, Digest digest) {
    return tree.manifest(repository, digest)
        .filter(link -> link.digest().equals(digest))
        .flatMap(
            link -> manifests.find(digest).map(described -> new FoundManifest(link, described)));
  }

  private Optional<BlobInfo> stat(Digest stored) {
    return read(stored, BlobStorage::stat, BlobInfo::size);
  }

  // The file of the tree with the bytes of a digest.
  private Optional<BlobKey> bytes(Digest digest) {
    Digest stored = stored(digest);
    return stat(stored).map(info -> tree.file(stored));
  }

  private Optional<BlobKey> bytes(BlobKey key) {
    return Place.of(key)
        .filter(Place.Bytes.class::isInstance)
        .flatMap(place -> bytes(((Place.Bytes) place).digest()));
  }

  /** Reads a blob of one of the two stores. */
  @FunctionalInterface
  private interface Reading<T> {
    Optional<T> from(BlobStorage storage, BlobKey key);
  }

  private <T> Optional<T> find(
      BlobKey key, Reading<T> reading, ToLongFunction<T> size, Function<Small, T> made) {
    Optional<T> found = reading.from(own, key);
    if (found.isPresent()) {
      return found;
    }
    return Place.of(key)
        .flatMap(
            place ->
                place instanceof Place.Bytes it
                    ? read(stored(it.digest()), reading, size)
                    : small(place).filter(small -> !isHidden(key)).map(made));
  }

  private <T> Optional<T> read(Digest stored, Reading<T> reading, ToLongFunction<T> size) {
    return reading
        .from(tree.storage(), tree.file(stored))
        .filter(found -> isWhole(stored, size.applyAsLong(found)));
  }

  // A crash may have left an empty file.
  private static boolean isWhole(Digest digest, long size) {
    return size > 0 || digest.equals(OF_NOTHING);
  }

  private Digest stored(Digest digest) {
    return Optional.ofNullable(aliases.getIfPresent(digest)).orElse(digest);
  }

  @Override
  public Optional<Blob> open(BlobKey key, ByteRange range) {
    return find(
        key,
        (storage, each) -> storage.open(each, range),
        OverlayStorage::sizeOf,
        small ->
            new StreamedBlob(
                small.info(),
                range,
                new ByteArrayInputStream(
                    small.content(),
                    (int) range.offset(small.content().length),
                    (int) range.length(small.content().length))));
  }

  // An empty one is left out, and so closed here.
  private static long sizeOf(Blob blob) {
    if (blob.size() == 0) {
      blob.close();
    }
    return blob.size();
  }

  @Override
  public Optional<BlobInfo> stat(BlobKey key) {
    return find(key, BlobStorage::stat, BlobInfo::size, Small::info);
  }

  @Override
  public Optional<BlobContent> load(BlobKey key, int limit) {
    return find(
        key,
        (storage, each) -> storage.load(each, limit),
        content -> content.bytes().length,
        small -> new BlobContent(small.content(), small.info().version()));
  }

  @Override
  public Optional<byte[]> read(BlobKey key, int limit) {
    return find(
        key, (storage, each) -> storage.read(each, limit), bytes -> bytes.length, Small::content);
  }

  /** Whether the tree has a tag or a link, and it was not removed here. */
  boolean isOfTree(BlobKey key) {
    return small(key).isPresent();
  }

  /** What a manifest of the tree refers to; empty for nothing. */
  Optional<Digest> subjectOf(Digest manifest) {
    return manifests.find(manifest).flatMap(ForeignManifests.Described::subject);
  }

  private boolean isInTree(BlobKey key) {
    return bytes(key).isPresent() || small(key).isPresent();
  }

  /**
   * {@inheritDoc}
   *
   * <p>Where clients are sent to the store, it is asked once which file has the bytes.
   */
  @Override
  public Optional<URI> downloadUrl(BlobKey key) {
    Optional<URI> url = own.downloadUrl(key);
    if (Place.of(key).filter(Place.Bytes.class::isInstance).isEmpty()
        || (url.isEmpty() && isShared)) {
      return url;
    }
    boolean isOwn = ownBytes.get(key, own::exists);
    return isOwn ? url : bytes(key).flatMap(tree.storage()::downloadUrl);
  }

  @Override
  public BlobWriter create(BlobKey key) {
    return own.create(writable(key));
  }

  @Override
  public BlobWriter createUnsynced(BlobKey key) {
    return own.createUnsynced(writable(key));
  }

  @Override
  public BlobWriter createIfAbsent(BlobKey key) {
    return new UnlessInTree(key, own.createIfAbsent(writable(key)));
  }

  private BlobKey writable(BlobKey key) {
    if (isShared && tree.contains(key)) {
      throw new StorageException(
          Reason.DENIED,
          own.describe(),
          "write",
          key,
          new UnsupportedOperationException("The tree of another registry is not changed"));
    }
    return key;
  }

  @Override
  public void delete(BlobKey key) {
    deleteAll(List.of(key));
  }

  @Override
  public void deleteAll(Collection<BlobKey> keys) {
    hide(keys);
    own.deleteAll(keys);
  }

  @Override
  public void deleteAllUnsynced(Collection<BlobKey> keys) {
    hide(keys);
    own.deleteAllUnsynced(keys);
  }

  // Comes first, so that what is removed does not come back in between.
  private void hide(Collection<BlobKey> keys) {
    for (BlobKey key : keys) {
      writable(key);
      if (small(key).isPresent()) {
        own.write(hidden(key), NOTHING);
      }
    }
  }

  @Override
  public boolean moveFolder(BlobKey from, BlobKey to) {
    return own.moveFolder(writable(from), writable(to));
  }

  @Override
  public boolean copy(BlobKey from, BlobKey to) {
    writable(to);
    if (own.copy(from, to)) {
      return true;
    }
    Optional<BlobKey> file = bytes(from);
    return (isShared && file.isPresent())
        ? own.copy(file.get(), to)
        : (isInTree(from) && BlobStorage.super.copy(from, to));
  }

  @Override
  public LinkResult link(BlobKey from, BlobKey to) {
    LinkResult result = own.link(from, writable(to));
    if (result != LinkResult.ABSENT) {
      return result;
    }
    Optional<BlobKey> file = bytes(from);
    if (file.isEmpty()) {
      return LinkResult.ABSENT;
    }
    return isShared ? own.link(file.get(), to) : LinkResult.UNSUPPORTED;
  }

  @Override
  public Stream<BlobEntry> list(BlobKey prefix) {
    return both(
        own.list(prefix), BlobEntry::name, prefix, name -> entry(prefix.child(name)).stream());
  }

  private Optional<BlobEntry> entry(BlobKey key) {
    String name = key.path().substring(key.path().lastIndexOf('/') + 1);
    return small(key).map(small -> new BlobEntry(name, small.info(), modified(small.file())));
  }

  private Instant modified(BlobKey file) {
    int slash = file.path().lastIndexOf('/');
    try (Stream<BlobEntry> files =
        tree.storage().list(new BlobKey(file.path().substring(0, slash)))) {
      return files
          .filter(entry -> entry.name().equals(file.path().substring(slash + 1)))
          .map(BlobEntry::modified)
          .findFirst()
          .orElse(Instant.EPOCH);
    }
  }

  @Override
  public Stream<String> names(BlobKey prefix) {
    return both(own.names(prefix), Function.identity(), prefix, Stream::of);
  }

  // What the tree has comes last, and is not looked for when the caller has found enough.
  private <T> Stream<T> both(
      Stream<T> all, Function<T, String> name, BlobKey prefix, Function<String, Stream<T>> entry) {
    Optional<Place> place = Place.of(prefix);
    if (place.isEmpty()) {
      return all;
    }
    Set<String> seen = new HashSet<>();
    return Stream.concat(
        all.peek(each -> seen.add(name.apply(each))),
        Stream.of(place.get())
            .flatMap(this::files)
            .filter(file -> !seen.contains(file))
            .filter(unhidden(prefix))
            .distinct()
            .flatMap(entry));
  }

  private Predicate<String> unhidden(BlobKey prefix) {
    Set<String> hidden = new HashSet<>();
    boolean[] isRead = {false};
    return name -> {
      if (!isRead[0]) {
        try (Stream<String> names = own.names(hidden(prefix))) {
          names.forEach(hidden::add);
        }
        isRead[0] = true;
      }
      return !hidden.contains(name);
    };
  }

  private Stream<String> files(Place place) {
    if (place instanceof Place.Repository it) {
      Set<String> tags = tree.tags(it.name());
      if (tags.isEmpty() && tree.contains(it.name())) {
        return Stream.of(RepositoryKeys.of(it.name()).images().path())
            .map(path -> path.substring(path.lastIndexOf('/') + 1));
      }
      return tags.stream()
          .flatMap(tag -> TagName.find(tag).stream())
          .map(tag -> RepositoryKeys.fileOf(tag.value()));
    }
    if (place instanceof Place.Links it) {
      return (it.isOfManifests() ? tree.manifests(it.repository()) : tree.blobs(it.repository()))
          .map(Place::name);
    }
    return Stream.empty();
  }

  @Override
  public Stream<String> folders(BlobKey prefix) {
    return Place.of(prefix)
        .map(place -> Stream.concat(own.folders(prefix), folders(place)).distinct())
        .orElseGet(() -> own.folders(prefix));
  }

  private Stream<String> folders(Place place) {
    if (place instanceof Place.Root) {
      return tree.namespaces().map(RepositoryKeys::folderOf);
    }
    if (place instanceof Place.Namespace it) {
      return tree.repositories(it.name())
          .map(name -> RepositoryKeys.of(name).folder().path())
          .map(path -> path.substring(path.lastIndexOf('/') + 1));
    }
    if (place instanceof Place.Repository it && tree.contains(it.name())) {
      return Stream.of("_oci");
    }
    return place instanceof Place.Content it && tree.contains(it.repository())
        ? Stream.of("blobs", "manifests")
        : Stream.empty();
  }

  @Override
  public void findStrayLinks(Consumer<StrayLink> found) {
    own.findStrayLinks(found);
  }

  @Override
  public String describe() {
    return own.describe();
  }

  @Override
  public void probe() {
    own.probe();
  }

  @Override
  public Optional<String> remedy(StorageException.Reason reason) {
    return own.remedy(reason);
  }

  @Override
  public boolean isReadOnly() {
    return own.isReadOnly();
  }

  /** Publishes nothing when the tree has the blob by then. */
  private final class UnlessInTree extends BlobWriter {
    private final BlobKey key;
    private final BlobWriter writer;

    UnlessInTree(BlobKey key, BlobWriter writer) {
      this.key = key;
      this.writer = writer;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      writer.write(bytes, offset, length);
    }

    @Override
    public boolean commit() {
      return !isInTree(key) && writer.commit();
    }

    @Override
    public void close() {
      writer.close();
    }
  }
}
