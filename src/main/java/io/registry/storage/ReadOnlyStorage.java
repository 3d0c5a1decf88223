package io.registry.storage;

import io.registry.storage.StorageException.Reason;
import java.net.URI;
import java.util.Collection;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Decorates a store so that every change is refused. */
public final class ReadOnlyStorage implements BlobStorage {
  private final BlobStorage storage;

  /**
   * Creates the decorator.
   *
   * @param storage the store
   */
  public ReadOnlyStorage(BlobStorage storage) {
    this.storage = storage;
  }

  @Override
  public boolean isReadOnly() {
    return true;
  }

  @Override
  public BlobWriter create(BlobKey key) {
    throw refusal("write", key);
  }

  @Override
  public BlobWriter createIfAbsent(BlobKey key) {
    throw refusal("write", key);
  }

  @Override
  public void delete(BlobKey key) {
    throw refusal("delete", key);
  }

  @Override
  public boolean deleteVersion(BlobKey key, String version) {
    throw refusal("delete", key);
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
    keys.forEach(this::delete);
  }

  @Override
  public boolean moveFolder(BlobKey from, BlobKey to) {
    throw refusal("move", from);
  }

  @Override
  public boolean copy(BlobKey from, BlobKey to) {
    throw refusal("write", to);
  }

  @Override
  public LinkResult link(BlobKey from, BlobKey to) {
    throw refusal("write", to);
  }

  private StorageException refusal(String operation, BlobKey key) {
    return new StorageException(
        Reason.READ_ONLY,
        storage.describe(),
        operation,
        key,
        new UnsupportedOperationException("registry.read-only is set"));
  }

  @Override
  public Optional<Blob> open(BlobKey key, ByteRange range) {
    return storage.open(key, range);
  }

  @Override
  public Optional<BlobInfo> stat(BlobKey key) {
    return storage.stat(key);
  }

  @Override
  public Stream<BlobEntry> list(BlobKey prefix) {
    return storage.list(prefix);
  }

  @Override
  public Stream<String> folders(BlobKey prefix) {
    return storage.folders(prefix);
  }

  @Override
  public Stream<String> names(BlobKey prefix) {
    return storage.names(prefix);
  }

  @Override
  public Optional<BlobContent> load(BlobKey key, int limit) {
    return storage.load(key, limit);
  }

  @Override
  public Optional<byte[]> read(BlobKey key, int limit) {
    return storage.read(key, limit);
  }

  @Override
  public void findStrayLinks(Consumer<StrayLink> found) {
    storage.findStrayLinks(found);
  }

  @Override
  public Optional<URI> downloadUrl(BlobKey key) {
    return storage.downloadUrl(key);
  }

  @Override
  public String describe() {
    return storage.describe();
  }

  @Override
  public Optional<String> remedy(StorageException.Reason reason) {
    return storage.remedy(reason);
  }

  @Override
  public void probe() {
    storage.probe();
  }
}
