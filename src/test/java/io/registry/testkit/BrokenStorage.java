package io.registry.testkit;

import io.registry.storage.Blob;
import io.registry.storage.BlobEntry;
import io.registry.storage.BlobInfo;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.BlobWriter;
import io.registry.storage.ByteRange;
import io.registry.storage.LinkResult;
import io.registry.storage.StorageException;
import io.registry.storage.StorageException.Reason;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A store that fails when it is told to, before it does something, half-way, or after it did it.
 * Without faults it is the store behind it.
 */
public final class BrokenStorage implements BlobStorage {
  private final BlobStorage storage;
  private final AtomicInteger operations = new AtomicInteger();
  private final AtomicInteger reads = new AtomicInteger();
  private final AtomicInteger openBlobs = new AtomicInteger();
  private volatile Fault fault = (number, verb, key) -> Outcome.DONE;
  private volatile Reason reason = Reason.BROKEN;

  public BrokenStorage(BlobStorage storage) {
    this.storage = storage;
  }

  /** What a store is asked to do. */
  public enum Verb {
    OPEN,
    READ,
    CREATE,
    WRITE,
    COMMIT,
    STAT,
    DELETE,
    MOVE,
    COPY,
    LINK,
    LIST
  }

  /** What becomes of it. */
  public enum Outcome {
    /** It works. */
    DONE,
    /** It fails; a write or a read fails when half of the bytes are through. */
    FAILED,
    /** It is done, but reported as failed, as when a disk breaks before the last flush. */
    DONE_BUT_FAILED
  }

  /** Decides what becomes of an operation; also the place to do something just before it. */
  public interface Fault {
    /** What becomes of the operation; the first since the fault was set has the number 1. */
    Outcome outcome(int number, Verb verb, BlobKey key);
  }

  /** From now on, the fault decides. */
  public void fail(Reason why, Fault how) {
    operations.set(0);
    reads.set(0);
    reason = why;
    fault = how;
  }

  /** From now on, this operation fails on blobs that have this name. */
  public void fail(Reason why, Verb verb, String name) {
    fail(
        why,
        (number, asked, key) ->
            asked == verb && key.path().endsWith("/" + name) ? Outcome.FAILED : Outcome.DONE);
  }

  /** From now on, everything works. */
  public void heal() {
    fail(Reason.BROKEN, (number, verb, key) -> Outcome.DONE);
  }

  /** The number of operations since the fault was set. */
  public int operations() {
    return operations.get();
  }

  /** How many of them read the bytes of an open blob. */
  public int reads() {
    return reads.get();
  }

  /** The number of blobs that nobody has closed yet. */
  public int openBlobs() {
    return openBlobs.get();
  }

  @Override
  public Optional<Blob> open(BlobKey key, ByteRange range) {
    Outcome outcome = begin(Verb.OPEN, key);
    Optional<Blob> found = storage.open(key, range).map(blob -> new BrokenBlob(key, blob));
    if (outcome != Outcome.DONE) {
      found.ifPresent(Blob::close);
    }
    end(outcome, Verb.OPEN, key);
    return found;
  }

  @Override
  public BlobWriter create(BlobKey key) {
    return create(key, storage::create);
  }

  @Override
  public BlobWriter createIfAbsent(BlobKey key) {
    return create(key, storage::createIfAbsent);
  }

  @Override
  public BlobWriter createUnsynced(BlobKey key) {
    return create(key, storage::createUnsynced);
  }

  private BlobWriter create(BlobKey key, Function<BlobKey, BlobWriter> how) {
    Outcome outcome = begin(Verb.CREATE, key);
    BlobWriter writer = new BrokenWriter(key, how.apply(key));
    if (outcome != Outcome.DONE) {
      writer.close();
    }
    end(outcome, Verb.CREATE, key);
    return writer;
  }

  @Override
  public Optional<BlobInfo> stat(BlobKey key) {
    Outcome outcome = begin(Verb.STAT, key);
    Optional<BlobInfo> info = storage.stat(key);
    end(outcome, Verb.STAT, key);
    return info;
  }

  @Override
  public void delete(BlobKey key) {
    Outcome outcome = begin(Verb.DELETE, key);
    storage.delete(key);
    end(outcome, Verb.DELETE, key);
  }

  @Override
  public void deleteAllUnsynced(Collection<BlobKey> keys) {
    for (BlobKey key : keys) {
      Outcome outcome = begin(Verb.DELETE, key);
      storage.deleteAllUnsynced(List.of(key));
      end(outcome, Verb.DELETE, key);
    }
  }

  @Override
  public boolean moveFolder(BlobKey from, BlobKey to) {
    Outcome outcome = begin(Verb.MOVE, to);
    boolean moved = storage.moveFolder(from, to);
    end(outcome, Verb.MOVE, to);
    return moved;
  }

  @Override
  public boolean copy(BlobKey from, BlobKey to) {
    Outcome outcome = begin(Verb.COPY, to);
    boolean copied = storage.copy(from, to);
    end(outcome, Verb.COPY, to);
    return copied;
  }

  @Override
  public LinkResult link(BlobKey from, BlobKey to) {
    Outcome outcome = begin(Verb.LINK, to);
    LinkResult result = storage.link(from, to);
    end(outcome, Verb.LINK, to);
    return result;
  }

  @Override
  @SuppressWarnings("StreamResourceLeak") // Handed to the caller, who closes it.
  public Stream<BlobEntry> list(BlobKey prefix) {
    Outcome outcome = begin(Verb.LIST, prefix);
    Stream<BlobEntry> entries = storage.list(prefix);
    if (outcome != Outcome.DONE) {
      entries.close();
    }
    end(outcome, Verb.LIST, prefix);
    return entries;
  }

  @Override
  @SuppressWarnings("StreamResourceLeak") // Handed to the caller, who closes it.
  public Stream<String> folders(BlobKey prefix) {
    Outcome outcome = begin(Verb.LIST, prefix);
    Stream<String> folders = storage.folders(prefix);
    if (outcome != Outcome.DONE) {
      folders.close();
    }
    end(outcome, Verb.LIST, prefix);
    return folders;
  }

  @Override
  public String describe() {
    return storage.describe();
  }

  @Override
  public Optional<String> remedy(Reason reason) {
    return storage.remedy(reason);
  }

  @Override
  public void probe() {
    BlobKey key = BlobKey.of("images");
    end(begin(Verb.STAT, key), Verb.STAT, key);
    storage.probe();
  }

  @Override
  public Optional<URI> downloadUrl(BlobKey key) {
    return storage.downloadUrl(key);
  }

  private Outcome next(Verb verb, BlobKey key) {
    if (verb == Verb.READ) {
      reads.incrementAndGet();
    }
    return fault.outcome(operations.incrementAndGet(), verb, key);
  }

  private Outcome begin(Verb verb, BlobKey key) {
    Outcome outcome = next(verb, key);
    if (outcome == Outcome.FAILED) {
      throw failure(verb, key);
    }
    return outcome;
  }

  private void end(Outcome outcome, Verb verb, BlobKey key) {
    if (outcome == Outcome.DONE_BUT_FAILED) {
      throw failure(verb, key);
    }
  }

  private StorageException failure(Verb verb, BlobKey key) {
    return new StorageException(
        reason, "broken", verb.name(), key, new IOException("the test wants it"));
  }

  private final class BrokenWriter extends BlobWriter {
    private final BlobKey key;
    private final BlobWriter writer;

    BrokenWriter(BlobKey key, BlobWriter writer) {
      this.key = key;
      this.writer = writer;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      Outcome outcome = next(Verb.WRITE, key);
      writer.write(bytes, offset, outcome == Outcome.FAILED ? length / 2 : length);
      if (outcome != Outcome.DONE) {
        throw failure(Verb.WRITE, key);
      }
    }

    @Override
    public boolean commit() {
      Outcome outcome = begin(Verb.COMMIT, key);
      boolean published = writer.commit();
      end(outcome, Verb.COMMIT, key);
      return published;
    }

    @Override
    public void close() {
      writer.close();
    }
  }

  // Has no file, so that whoever sends it comes by here.
  private final class BrokenBlob implements Blob {
    private final BlobKey key;
    private final Blob blob;

    BrokenBlob(BlobKey key, Blob blob) {
      this.key = key;
      this.blob = blob;
      openBlobs.incrementAndGet();
    }

    @Override
    public long size() {
      return blob.size();
    }

    @Override
    public long offset() {
      return blob.offset();
    }

    @Override
    public long length() {
      return blob.length();
    }

    @Override
    public String version() {
      return blob.version();
    }

    @Override
    public InputStream body() {
      return new BrokenBody(key, blob);
    }

    @Override
    public Optional<Path> file() {
      return Optional.empty();
    }

    @Override
    public void close() {
      blob.close();
      openBlobs.decrementAndGet();
    }
  }

  private final class BrokenBody extends FilterInputStream {
    private final BlobKey key;
    private long left;
    private boolean broken;

    BrokenBody(BlobKey key, Blob blob) {
      super(blob.body());
      this.key = key;
      this.left = blob.length();
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int wanted = length;
      if (!broken && next(Verb.READ, key) != Outcome.DONE) {
        broken = true;
        wanted = (int) Math.min(length, left) / 2;
      } else if (broken) {
        wanted = 0;
      }
      if (broken && wanted == 0) {
        throw failure(Verb.READ, key);
      }
      int read = super.read(bytes, offset, wanted);
      left -= Math.max(read, 0);
      return read;
    }
  }
}
