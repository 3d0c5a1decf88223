package io.registry.operations.backfill;

import io.registry.bridge.DerivedStore;
import io.registry.operations.backfill.BackfillCounts.Count;
import io.registry.storage.Blob;
import io.registry.storage.BlobContent;
import io.registry.storage.BlobEntry;
import io.registry.storage.BlobInfo;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.BlobWriter;
import io.registry.storage.ByteRange;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where the derived files go: the bytes are counted, and in a dry run nothing is written. What a
 * dry run would read again is kept aside, so that it reads each layer once and counts the same
 * bytes.
 */
final class DerivedBlobs implements BlobStorage {
  /** The version of what is kept aside, which is written once. */
  private static final String ASIDE = "dry-run";

  private final BlobStorage storage;
  private final BackfillCounts counts;
  private final Optional<Scratch> scratch;

  /**
   * Derived files.
   *
   * @param storage where they go
   * @param counts counts their bytes
   * @param scratch for a dry run
   */
  DerivedBlobs(BlobStorage storage, BackfillCounts counts, Optional<Scratch> scratch) {
    this.storage = storage;
    this.counts = counts;
    this.scratch = scratch;
  }

  @Override
  public void write(BlobKey key, byte[] bytes) {
    count(key, bytes);
    if (scratch.isEmpty()) {
      storage.write(key, bytes);
    }
  }

  @Override
  public void writeUnsynced(BlobKey key, byte[] bytes) {
    count(key, bytes);
    if (scratch.isEmpty()) {
      storage.writeUnsynced(key, bytes);
    }
  }

  @Override
  public boolean writeIfAbsent(BlobKey key, byte[] bytes) {
    boolean written = scratch.isEmpty() ? storage.writeIfAbsent(key, bytes) : stat(key).isEmpty();
    if (written) {
      count(key, bytes);
    }
    return written;
  }

  private void count(BlobKey key, byte[] bytes) {
    counts.add(Count.BYTES_WRITTEN, bytes.length);
    scratch.filter(unused -> DerivedStore.isReadAgain(key)).ifPresent(kept -> kept.put(key, bytes));
  }

  private Optional<byte[]> aside(BlobKey key) {
    return scratch.filter(unused -> DerivedStore.isReadAgain(key)).flatMap(kept -> kept.get(key));
  }

  @Override
  public Optional<BlobContent> load(BlobKey key, int limit) {
    return aside(key)
        .map(bytes -> new BlobContent(bytes, ASIDE))
        .or(() -> storage.load(key, limit));
  }

  @Override
  public Optional<byte[]> read(BlobKey key, int limit) {
    return aside(key).or(() -> storage.read(key, limit));
  }

  @Override
  public Optional<Blob> open(BlobKey key, ByteRange range) {
    return storage.open(key, range);
  }

  @Override
  public BlobWriter create(BlobKey key) {
    throw new UnsupportedOperationException("derived files are written whole");
  }

  @Override
  public BlobWriter createIfAbsent(BlobKey key) {
    throw new UnsupportedOperationException("derived files are written whole");
  }

  @Override
  public Optional<BlobInfo> stat(BlobKey key) {
    return aside(key).map(bytes -> new BlobInfo(bytes.length, ASIDE)).or(() -> storage.stat(key));
  }

  @Override
  public void delete(BlobKey key) {
    throw new UnsupportedOperationException("derived files are not removed");
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
  public String describe() {
    return storage.describe();
  }

  @Override
  public void probe() {
    storage.probe();
  }
}
