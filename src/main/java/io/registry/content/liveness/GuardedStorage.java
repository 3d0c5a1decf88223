package io.registry.content.liveness;

import io.registry.content.liveness.RemovalGuard.AfterWrite;
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
import java.util.Collection;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Decorates a store so that everything that a client is told to be there stays there: the one place
 * that all such answers go through, because each begins with a read of the store. A read rescues
 * condemned content; content that is being removed is absent, and a write of it waits for the end
 * of the removal.
 */
public final class GuardedStorage implements BlobStorage {
  private final BlobStorage storage;
  private final RemovalGuard guard;

  /**
   * Creates the decorator.
   *
   * @param storage the store
   * @param guard knows what a collection has condemned
   */
  public GuardedStorage(BlobStorage storage, RemovalGuard guard) {
    this.storage = storage;
    this.guard = guard;
  }

  private boolean isHidden(BlobKey key) {
    return !guard.isQuiet() && ContentUnit.of(key).filter(unit -> !guard.isThere(unit)).isPresent();
  }

  @Override
  public Optional<Blob> open(BlobKey key, ByteRange range) {
    return isHidden(key) ? Optional.empty() : storage.open(key, range);
  }

  @Override
  public Optional<BlobContent> load(BlobKey key, int limit) {
    return isHidden(key) ? Optional.empty() : storage.load(key, limit);
  }

  @Override
  public Optional<byte[]> read(BlobKey key, int limit) {
    return isHidden(key) ? Optional.empty() : storage.read(key, limit);
  }

  @Override
  public Optional<BlobInfo> stat(BlobKey key) {
    return isHidden(key) ? Optional.empty() : storage.stat(key);
  }

  @Override
  public Optional<URI> downloadUrl(BlobKey key) {
    return isHidden(key) ? Optional.empty() : storage.downloadUrl(key);
  }

  @Override
  public Stream<BlobEntry> list(BlobKey prefix) {
    return isHidden(prefix) ? Stream.empty() : storage.list(prefix);
  }

  @Override
  public Stream<String> names(BlobKey prefix) {
    return isHidden(prefix) ? Stream.empty() : storage.names(prefix);
  }

  @Override
  public Stream<String> folders(BlobKey prefix) {
    return storage.folders(prefix);
  }

  @Override
  public BlobWriter create(BlobKey key) {
    return guarded(key, storage.create(key));
  }

  @Override
  public BlobWriter createIfAbsent(BlobKey key) {
    return guarded(key, storage.createIfAbsent(key));
  }

  @Override
  public BlobWriter createUnsynced(BlobKey key) {
    return guarded(key, storage.createUnsynced(key));
  }

  private BlobWriter guarded(BlobKey key, BlobWriter writer) {
    Optional<ContentUnit> unit = ContentUnit.of(key);
    return unit.isPresent() ? new GuardedWriter(key, unit.get(), writer) : writer;
  }

  /** Asks the guard when the blob becomes visible, because an upload may take long. */
  private final class GuardedWriter extends BlobWriter {
    private final BlobKey key;
    private final ContentUnit unit;
    private final BlobWriter writer;

    GuardedWriter(BlobKey key, ContentUnit unit, BlobWriter writer) {
      this.key = key;
      this.unit = unit;
      this.writer = writer;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      writer.write(bytes, offset, length);
    }

    @Override
    public boolean commit() {
      AfterWrite after = guard.beforeWrite(unit);
      boolean written = writer.commit();
      if (unit.isShownBy(key)) {
        after.done();
      }
      return written;
    }

    @Override
    public void close() {
      writer.close();
    }
  }

  @Override
  public boolean copy(BlobKey from, BlobKey to) {
    if (isHidden(from)) {
      return false;
    }
    Optional<ContentUnit> unit = ContentUnit.of(to);
    AfterWrite after = before(unit);
    boolean copied = storage.copy(from, to);
    if (copied && unit.filter(shown -> shown.isShownBy(to)).isPresent()) {
      after.done();
    }
    return copied;
  }

  private AfterWrite before(Optional<ContentUnit> unit) {
    return unit.map(guard::beforeWrite).orElse(() -> {});
  }

  @Override
  public LinkResult link(BlobKey from, BlobKey to) {
    if (isHidden(from)) {
      return LinkResult.ABSENT;
    }
    Optional<ContentUnit> unit = ContentUnit.of(to);
    AfterWrite after = before(unit);
    LinkResult result = storage.link(from, to);
    if (result == LinkResult.LINKED && unit.filter(shown -> shown.isShownBy(to)).isPresent()) {
      after.done();
    }
    return result;
  }

  @Override
  public boolean moveFolder(BlobKey from, BlobKey to) {
    AfterWrite after = before(ContentUnit.of(to));
    boolean moved = storage.moveFolder(from, to);
    if (moved) {
      after.done();
    }
    return moved;
  }

  @Override
  public void delete(BlobKey key) {
    storage.delete(key);
  }

  @Override
  public void deleteAll(Collection<BlobKey> keys) {
    storage.deleteAll(keys);
  }

  @Override
  public void deleteAllUnsynced(Collection<BlobKey> keys) {
    storage.deleteAllUnsynced(keys);
  }

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
}
