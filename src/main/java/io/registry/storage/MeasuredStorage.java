package io.registry.storage;

import io.micrometer.core.instrument.MeterRegistry;
import io.registry.platform.trace.Traces;
import io.registry.storage.StorageMeters.Operation;
import java.net.URI;
import java.util.Collection;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Decorates a store with metrics and traces of its operations. */
public final class MeasuredStorage implements BlobStorage {
  private final BlobStorage storage;
  private final StorageMeters meters;
  private final Traces traces;

  /**
   * Creates the decorator.
   *
   * @param storage the store
   * @param registry the registry of the metrics
   * @param traces receives a span for each call
   */
  public MeasuredStorage(BlobStorage storage, MeterRegistry registry, Traces traces) {
    this.storage = storage;
    this.meters = new StorageMeters(registry);
    this.traces = traces;
  }

  @Override
  public boolean isReadOnly() {
    return storage.isReadOnly();
  }

  @Override
  public Optional<Blob> open(BlobKey key, ByteRange range) {
    return measure(Operation.OPEN, () -> storage.open(key, range), Optional::isPresent)
        .map(blob -> new MeasuredBlob(blob, () -> call(Operation.TRANSFER)));
  }

  @Override
  public Optional<BlobContent> load(BlobKey key, int limit) {
    return measure(Operation.READ, () -> storage.load(key, limit), Optional::isPresent);
  }

  @Override
  public Optional<byte[]> read(BlobKey key, int limit) {
    return measure(Operation.READ, () -> storage.read(key, limit), Optional::isPresent);
  }

  @Override
  public Optional<BlobInfo> stat(BlobKey key) {
    return measure(Operation.STAT, () -> storage.stat(key), Optional::isPresent);
  }

  @Override
  public BlobWriter create(BlobKey key) {
    return writer(() -> storage.create(key));
  }

  @Override
  public BlobWriter createIfAbsent(BlobKey key) {
    return writer(() -> storage.createIfAbsent(key));
  }

  @Override
  public BlobWriter createUnsynced(BlobKey key) {
    return writer(() -> storage.createUnsynced(key));
  }

  // That nothing was moved is a successful outcome.
  @Override
  public boolean moveFolder(BlobKey from, BlobKey to) {
    return measure(Operation.WRITE, () -> storage.moveFolder(from, to), moved -> true);
  }

  @Override
  public boolean copy(BlobKey from, BlobKey to) {
    return ask(Operation.WRITE, () -> storage.copy(from, to));
  }

  // That the store has no links is a successful outcome.
  @Override
  public LinkResult link(BlobKey from, BlobKey to) {
    return measure(
        Operation.WRITE, () -> storage.link(from, to), result -> result != LinkResult.ABSENT);
  }

  @Override
  public void delete(BlobKey key) {
    run(Operation.DELETE, () -> storage.delete(key));
  }

  @Override
  public void deleteAll(Collection<BlobKey> keys) {
    run(Operation.DELETE, () -> storage.deleteAll(keys));
  }

  @Override
  public boolean deleteVersion(BlobKey key, String version) {
    return ask(Operation.DELETE, () -> storage.deleteVersion(key, version));
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
  public void deleteAllUnsynced(Collection<BlobKey> keys) {
    run(Operation.DELETE, () -> storage.deleteAllUnsynced(keys));
  }

  @Override
  public Stream<BlobEntry> list(BlobKey prefix) {
    return listing(() -> storage.list(prefix));
  }

  @Override
  public Stream<String> folders(BlobKey prefix) {
    return listing(() -> storage.folders(prefix));
  }

  @Override
  public Stream<String> names(BlobKey prefix) {
    return listing(() -> storage.names(prefix));
  }

  @Override
  public void findStrayLinks(Consumer<StrayLink> found) {
    run(Operation.LIST, () -> storage.findStrayLinks(found));
  }

  @Override
  public void probe() {
    run(Operation.PROBE, storage::probe);
  }

  // Neither sends a request to the store.
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

  private MeasuredCall call(Operation operation) {
    return new MeasuredCall(operation, meters, traces);
  }

  private void run(Operation operation, Runnable asking) {
    measure(
        operation,
        () -> {
          asking.run();
          return true;
        },
        done -> true);
  }

  private boolean ask(Operation operation, BooleanSupplier asking) {
    return measure(operation, asking::getAsBoolean, found -> found);
  }

  private <V> V measure(Operation operation, Supplier<V> asking, Predicate<V> found) {
    MeasuredCall call = call(operation);
    long start = System.nanoTime();
    try {
      V answer = asking.get();
      call.add(start);
      if (!found.test(answer)) {
        call.missed();
      }
      return answer;
    } catch (RuntimeException e) {
      call.addFailure(start, e);
      throw e;
    } finally {
      call.end();
    }
  }

  private BlobWriter writer(Supplier<BlobWriter> creating) {
    MeasuredCall call = call(Operation.WRITE);
    return new MeasuredWriter(begun(call, creating), call);
  }

  private <V> Stream<V> listing(Supplier<Stream<V>> listing) {
    MeasuredCall call = call(Operation.LIST);
    return MeasuredListing.of(begun(call, listing), call);
  }

  private static <V> V begun(MeasuredCall call, Supplier<V> asking) {
    long start = System.nanoTime();
    try {
      V begun = asking.get();
      call.add(start);
      return begun;
    } catch (RuntimeException e) {
      call.addFailure(start, e);
      call.end();
      throw e;
    }
  }
}
