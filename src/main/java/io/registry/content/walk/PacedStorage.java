package io.registry.content.walk;

import io.registry.storage.Blob;
import io.registry.storage.BlobContent;
import io.registry.storage.BlobEntry;
import io.registry.storage.BlobInfo;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.BlobWriter;
import io.registry.storage.ByteRange;
import io.registry.storage.StorageException;
import io.registry.storage.StrayLink;
import io.registry.storage.StreamedBlob;
import java.io.FilterInputStream;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * A store that is only read, and not too fast. When the server stops, each call fails with a {@link
 * CancellationException} in place of the failures of a store that is being closed, which would look
 * like damage.
 */
public final class PacedStorage implements BlobStorage {
  private final BlobStorage storage;
  private final ReadRate rate;
  private final CountDownLatch stop;
  private final LongAdder bytes = new LongAdder();

  /**
   * Creates the decorator.
   *
   * @param storage the store
   * @param rate how fast it is read
   * @param stop open when the server stops
   */
  public PacedStorage(BlobStorage storage, ReadRate rate, CountDownLatch stop) {
    this.storage = storage;
    this.rate = rate;
    this.stop = stop;
  }

  /** How many bytes were read. */
  public long bytesRead() {
    return bytes.sum();
  }

  private void requireGoingOn() {
    if (stop.getCount() == 0) {
      throw new CancellationException("The server stops");
    }
  }

  private <T> T call(Supplier<T> call) {
    requireGoingOn();
    try {
      return call.get();
    } catch (RuntimeException e) {
      requireGoingOn();
      throw e;
    }
  }

  private void passed(int count) {
    bytes.add(count);
    try {
      if (stop.await(rate.delay(count), TimeUnit.NANOSECONDS)) {
        requireGoingOn();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("The server stops");
    }
  }

  @Override
  public Optional<Blob> open(BlobKey key, ByteRange range) {
    return call(() -> storage.open(key, range))
        .map(
            blob ->
                new StreamedBlob(
                    new BlobInfo(blob.size(), blob.version()), range, new PacedStream(blob)));
  }

  @Override
  public Optional<BlobContent> load(BlobKey key, int limit) {
    Optional<BlobContent> content = call(() -> storage.load(key, limit));
    content.ifPresent(found -> passed(found.bytes().length));
    return content;
  }

  @Override
  public Optional<byte[]> read(BlobKey key, int limit) {
    Optional<byte[]> content = call(() -> storage.read(key, limit));
    content.ifPresent(found -> passed(found.length));
    return content;
  }

  @Override
  public Optional<BlobInfo> stat(BlobKey key) {
    return call(() -> storage.stat(key));
  }

  @Override
  public Stream<BlobEntry> list(BlobKey prefix) {
    return call(() -> storage.list(prefix)).peek(each -> requireGoingOn());
  }

  @Override
  public Stream<String> folders(BlobKey prefix) {
    return call(() -> storage.folders(prefix)).peek(each -> requireGoingOn());
  }

  @Override
  public Stream<String> names(BlobKey prefix) {
    return call(() -> storage.names(prefix)).peek(each -> requireGoingOn());
  }

  @Override
  public void findStrayLinks(Consumer<StrayLink> found) {
    call(
        () -> {
          storage.findStrayLinks(found);
          return true;
        });
  }

  @Override
  public void probe() {
    call(
        () -> {
          storage.probe();
          return true;
        });
  }

  @Override
  public boolean isReadOnly() {
    return true;
  }

  @Override
  public BlobWriter create(BlobKey key) {
    throw refusal(key);
  }

  @Override
  public BlobWriter createIfAbsent(BlobKey key) {
    throw refusal(key);
  }

  @Override
  public void delete(BlobKey key) {
    throw refusal(key);
  }

  private StorageException refusal(BlobKey key) {
    return new StorageException(
        StorageException.Reason.READ_ONLY,
        storage.describe(),
        "change",
        key,
        new UnsupportedOperationException("a walk in the background only reads"));
  }

  @Override
  public String describe() {
    return storage.describe();
  }

  private final class PacedStream extends FilterInputStream {
    private final Blob blob;

    PacedStream(Blob blob) {
      super(blob.body());
      this.blob = blob;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      requireGoingOn();
      int count;
      try {
        count = in.read(target, offset, length);
      } catch (IOException | RuntimeException e) {
        requireGoingOn();
        throw e;
      }
      if (count > 0) {
        passed(count);
      }
      return count;
    }

    @Override
    public void close() {
      blob.close();
    }
  }
}
