package io.registry.content.image;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
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
import io.registry.storage.StrayLink;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Decorates a store so that the layer of an image can share the bytes of another blob also where
 * the store itself cannot link: then a small file beside the layer, a pointer, contains the key of
 * the blob. Readers see a layer with the size and the version of that blob.
 *
 * <p>A layer that is a file takes precedence over a pointer. So it costs no request more than
 * without this decorator, except one for the first {@link #downloadUrl} of each layer.
 */
public final class LayerPointers implements BlobStorage {
  /** The name of a pointer. Not part of the original's layout; the original ignores it. */
  private static final String POINTER = "_layer";

  private static final String LAYER = "layer";

  /** The folders in which images are. Elsewhere a file of that name is no layer. */
  private static final List<String> ROOTS =
      List.of(ImageKeys.ROOT.path() + "/", StagingPlace.ROOT.path() + "/");

  /** More than the longest key. */
  private static final int MAX_POINTER = 64 * 1024;

  private static final int MAX_KNOWN = 100_000;

  private final BlobStorage storage;

  /** The blob that holds the bytes of a layer, as far as known: the layer itself, or another. */
  private final Cache<BlobKey, BlobKey> known =
      Caffeine.newBuilder().maximumSize(MAX_KNOWN).build();

  /**
   * Creates the decorator.
   *
   * @param storage the store
   */
  public LayerPointers(BlobStorage storage) {
    this.storage = storage;
  }

  private static boolean isLayer(BlobKey key) {
    return key.path().endsWith("/" + LAYER) && isInImage(key);
  }

  private static boolean isInImage(BlobKey key) {
    return ROOTS.stream().anyMatch(key.path()::startsWith);
  }

  private static BlobKey pointer(BlobKey layer) {
    String path = layer.path();
    return new BlobKey(path.substring(0, path.length() - LAYER.length()) + POINTER);
  }

  /**
   * The blob that the pointer of a layer names.
   *
   * @param layer the layer
   * @return empty when there is no pointer, or none that names a blob
   */
  public Optional<BlobKey> target(BlobKey layer) {
    return storage.read(pointer(layer), MAX_POINTER).flatMap(LayerPointers::parse);
  }

  private static Optional<BlobKey> parse(byte[] pointer) {
    String path = new String(pointer, StandardCharsets.UTF_8).strip();
    return Stream.of(path.split("/", -1)).allMatch(BlobKey::isComponent)
        ? Optional.of(new BlobKey(path))
        : Optional.empty();
  }

  /**
   * Makes a layer that is a pointer a file of its own, which the original can serve. The pointer
   * stays, without effect.
   *
   * @param layer the layer
   * @return false when the blob that it points to is lost
   */
  public boolean materialize(BlobKey layer) {
    Optional<BlobKey> target = target(layer);
    return target.isPresent() && storage.copy(target.get(), layer);
  }

  /** Whether a layer is a file of its own. */
  public boolean isFile(BlobKey layer) {
    return storage.exists(layer);
  }

  // Asks for the layer itself first, then for the blob that its pointer names.
  private <T> Optional<T> find(BlobKey key, Function<BlobKey, Optional<T>> read) {
    Optional<T> found = read.apply(key);
    if (!isLayer(key)) {
      return found;
    }
    if (found.isPresent()) {
      known.put(key, key);
      return found;
    }
    Optional<BlobKey> target = target(key);
    target.ifPresent(blob -> known.put(key, blob));
    return target.flatMap(read);
  }

  // The blob that holds the bytes of a layer, if that is another one.
  private BlobKey source(BlobKey key) {
    return isLayer(key) && !storage.exists(key) ? target(key).orElse(key) : key;
  }

  @Override
  public Optional<Blob> open(BlobKey key, ByteRange range) {
    return find(key, each -> storage.open(each, range));
  }

  @Override
  public Optional<BlobContent> load(BlobKey key, int limit) {
    return find(key, each -> storage.load(each, limit));
  }

  @Override
  public Optional<byte[]> read(BlobKey key, int limit) {
    return find(key, each -> storage.read(each, limit));
  }

  @Override
  public Optional<BlobInfo> stat(BlobKey key) {
    return find(key, storage::stat);
  }

  /**
   * {@inheritDoc}
   *
   * <p>For a layer of which this process does not know where its bytes are, the store is asked.
   */
  @Override
  public Optional<URI> downloadUrl(BlobKey key) {
    Optional<URI> url = storage.downloadUrl(key);
    if (url.isEmpty() || !isLayer(key)) {
      return url;
    }
    BlobKey blob = known.get(key, layer -> target(layer).orElse(layer));
    return blob.equals(key) ? url : storage.downloadUrl(blob);
  }

  @Override
  public BlobWriter create(BlobKey key) {
    return storage.create(key);
  }

  @Override
  public BlobWriter createUnsynced(BlobKey key) {
    return storage.createUnsynced(key);
  }

  @Override
  public BlobWriter createIfAbsent(BlobKey key) {
    BlobWriter writer = storage.createIfAbsent(key);
    return isLayer(key) ? new UnlessPointed(key, writer) : writer;
  }

  /**
   * {@inheritDoc}
   *
   * <p>If the store cannot link, a layer gets a pointer.
   */
  @Override
  public LinkResult link(BlobKey from, BlobKey to) {
    BlobKey source = source(from);
    if (isLayer(to) && exists(to)) {
      return LinkResult.LINKED;
    }
    LinkResult result = storage.link(source, to);
    if (result != LinkResult.UNSUPPORTED || !isLayer(to)) {
      return result;
    }
    if (!storage.exists(source)) {
      return LinkResult.ABSENT;
    }
    storage.write(pointer(to), source.path().getBytes(StandardCharsets.UTF_8));
    return LinkResult.LINKED;
  }

  /**
   * {@inheritDoc}
   *
   * <p>The copy of a layer that is a pointer is a pointer, if it is a layer, too.
   */
  @Override
  public boolean copy(BlobKey from, BlobKey to) {
    if (storage.copy(from, to)) {
      return true;
    }
    Optional<BlobKey> target = isLayer(from) ? target(from) : Optional.empty();
    if (target.isEmpty() || !isLayer(to)) {
      return target.isPresent() && storage.copy(target.get(), to);
    }
    if (!storage.exists(target.get()) || !storage.copy(pointer(from), pointer(to))) {
      return false;
    }
    // It would take precedence.
    storage.delete(to);
    return true;
  }

  @Override
  public boolean moveFolder(BlobKey from, BlobKey to) {
    return storage.moveFolder(from, to);
  }

  @Override
  public void delete(BlobKey key) {
    if (isLayer(key)) {
      storage.deleteAll(withPointers(List.of(key)));
    } else {
      storage.delete(key);
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>The version of a layer that is a pointer is that of the blob it names, and is not deleted.
   */
  @Override
  public boolean deleteVersion(BlobKey key, String version) {
    return storage.deleteVersion(key, version);
  }

  @Override
  public boolean writesOnce() {
    return storage.writesOnce();
  }

  @Override
  public boolean deletesVersions() {
    return storage.deletesVersions();
  }

  @Override
  public void deleteAll(Collection<BlobKey> keys) {
    storage.deleteAll(withPointers(keys));
  }

  @Override
  public void deleteAllUnsynced(Collection<BlobKey> keys) {
    storage.deleteAllUnsynced(withPointers(keys));
  }

  private static Collection<BlobKey> withPointers(Collection<BlobKey> keys) {
    return keys.stream()
        .flatMap(key -> isLayer(key) ? Stream.of(pointer(key), key) : Stream.of(key))
        .toList();
  }

  @Override
  public Stream<BlobEntry> list(BlobKey prefix) {
    return isInImage(prefix)
        ? follow(storage.list(prefix), BlobEntry::name, pointer -> entry(prefix, pointer))
        : storage.list(prefix);
  }

  private Optional<BlobEntry> entry(BlobKey folder, BlobEntry pointer) {
    return target(folder.child(LAYER))
        .flatMap(storage::stat)
        .map(info -> new BlobEntry(LAYER, info, pointer.modified()));
  }

  @Override
  public Stream<String> names(BlobKey prefix) {
    return isInImage(prefix)
        ? follow(storage.names(prefix), Function.identity(), pointer -> Optional.of(LAYER))
        : storage.names(prefix);
  }

  // Leaves a pointer out. What it stands for comes last, unless there is a layer.
  private static <T> Stream<T> follow(
      Stream<T> all, Function<T, String> name, Function<T, Optional<T>> followed) {
    List<T> pointers = new ArrayList<>();
    List<T> layers = new ArrayList<>();
    Stream<T> others =
        all.filter(
            each -> {
              String found = name.apply(each);
              if (found.equals(LAYER)) {
                layers.add(each);
              } else if (found.equals(POINTER)) {
                pointers.add(each);
              }
              return !found.equals(POINTER);
            });
    return Stream.concat(
        others,
        Stream.of(pointers)
            .filter(any -> layers.isEmpty())
            .flatMap(found -> found.stream().limit(1))
            .flatMap(pointer -> followed.apply(pointer).stream()));
  }

  @Override
  public Stream<String> folders(BlobKey prefix) {
    return storage.folders(prefix);
  }

  @Override
  public void findStrayLinks(Consumer<StrayLink> found) {
    storage.findStrayLinks(found);
  }

  @Override
  public String describe() {
    return storage.describe();
  }

  @Override
  public void probe() {
    storage.probe();
  }

  @Override
  public Optional<String> remedy(StorageException.Reason reason) {
    return storage.remedy(reason);
  }

  @Override
  public boolean isReadOnly() {
    return storage.isReadOnly();
  }

  /** Publishes nothing when the layer is a pointer by then. */
  private final class UnlessPointed extends BlobWriter {
    private final BlobKey layer;
    private final BlobWriter writer;

    UnlessPointed(BlobKey layer, BlobWriter writer) {
      this.layer = layer;
      this.writer = writer;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      writer.write(bytes, offset, length);
    }

    @Override
    public boolean commit() {
      return target(layer).filter(storage::exists).isEmpty() && writer.commit();
    }

    @Override
    public void close() {
      writer.close();
    }
  }
}
