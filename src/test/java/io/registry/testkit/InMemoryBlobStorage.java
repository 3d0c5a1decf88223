package io.registry.testkit;

import io.registry.storage.Blob;
import io.registry.storage.BlobEntry;
import io.registry.storage.BlobInfo;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.BlobWriter;
import io.registry.storage.ByteRange;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/** A store for tests that need no files; passes the same contract as the real ones. */
public class InMemoryBlobStorage implements BlobStorage {
  private final Map<BlobKey, Stored> blobs = new ConcurrentHashMap<>();
  private final AtomicLong versions = new AtomicLong();

  @Override
  public Optional<Blob> open(BlobKey key, ByteRange range) {
    return Optional.ofNullable(blobs.get(key)).map(stored -> new MemoryBlob(stored, range));
  }

  @Override
  public BlobWriter create(BlobKey key) {
    return new MemoryWriter(key, true);
  }

  @Override
  public BlobWriter createIfAbsent(BlobKey key) {
    return new MemoryWriter(key, false);
  }

  @Override
  public Optional<BlobInfo> stat(BlobKey key) {
    return Optional.ofNullable(blobs.get(key)).map(Stored::info);
  }

  @Override
  public void delete(BlobKey key) {
    blobs.remove(key);
  }

  @Override
  public boolean deleteVersion(BlobKey key, String version) {
    Stored stored = blobs.get(key);
    return stored != null && stored.info().version().equals(version) && blobs.remove(key, stored);
  }

  @Override
  public boolean deletesVersions() {
    return true;
  }

  @Override
  public Stream<BlobEntry> list(BlobKey prefix) {
    String start = prefix.path() + "/";
    return blobs.entrySet().stream()
        .filter(blob -> blob.getKey().path().startsWith(start))
        .map(
            blob ->
                new BlobEntry(
                    blob.getKey().path().substring(start.length()),
                    blob.getValue().info(),
                    blob.getValue().modified()))
        .filter(entry -> entry.name().indexOf('/') < 0);
  }

  @Override
  public Stream<String> folders(BlobKey prefix) {
    String start = prefix.path() + "/";
    return blobs.keySet().stream()
        .map(BlobKey::path)
        .filter(path -> path.startsWith(start))
        .map(path -> path.substring(start.length()))
        .filter(rest -> rest.indexOf('/') > 0)
        .map(rest -> rest.substring(0, rest.indexOf('/')))
        .distinct();
  }

  @Override
  public String describe() {
    return "memory";
  }

  @Override
  public void probe() {}

  @SuppressWarnings("ArrayRecordComponent")
  private record Stored(byte[] bytes, long version, Instant modified) {
    BlobInfo info() {
      return new BlobInfo(bytes.length, Long.toString(version));
    }
  }

  private final class MemoryWriter extends BlobWriter {
    private final BlobKey key;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    private final boolean replacing;

    MemoryWriter(BlobKey key, boolean replacing) {
      this.key = key;
      this.replacing = replacing;
    }

    @Override
    public void write(byte[] added, int offset, int length) {
      bytes.write(added, offset, length);
    }

    @Override
    public boolean commit() {
      Stored stored = new Stored(bytes.toByteArray(), versions.incrementAndGet(), Instant.now());
      if (replacing) {
        blobs.put(key, stored);
        return true;
      }
      return blobs.putIfAbsent(key, stored) == null;
    }

    @Override
    public void close() {}
  }

  private static final class MemoryBlob implements Blob {
    private final Stored stored;
    private final long offset;
    private final long length;

    MemoryBlob(Stored stored, ByteRange range) {
      this.stored = stored;
      this.offset = range.offset(stored.bytes().length);
      this.length = range.length(stored.bytes().length);
    }

    @Override
    public long size() {
      return stored.bytes().length;
    }

    @Override
    public long offset() {
      return offset;
    }

    @Override
    public long length() {
      return length;
    }

    @Override
    public String version() {
      return Long.toString(stored.version());
    }

    @Override
    public InputStream body() {
      return new ByteArrayInputStream(stored.bytes(), (int) offset, (int) length);
    }

    @Override
    public Optional<Path> file() {
      return Optional.empty();
    }

    @Override
    public void close() {}
  }
}
