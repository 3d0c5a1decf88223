package io.registry.storage.gcs;

import com.google.auth.oauth2.GoogleCredentials;
import io.registry.platform.problem.SetupException;
import io.registry.platform.trace.Traces;
import io.registry.storage.Blob;
import io.registry.storage.BlobEntry;
import io.registry.storage.BlobInfo;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.BlobWriter;
import io.registry.storage.ByteRange;
import io.registry.storage.ObjectNames;
import io.registry.storage.PartSizes;
import io.registry.storage.ResumingInputStream;
import io.registry.storage.StorageProperties;
import io.registry.storage.StreamedBlob;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The GCS driver: stores blobs as objects of a bucket, with the names that the original's drivers
 * used. The version of a blob is its generation, which the service changes with every write.
 */
final class GcsBlobStorage implements BlobStorage, AutoCloseable {
  /** Four attempts with doubled pauses outlast the usual outages of a few seconds. */
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);

  private final GcsClient client;
  private final ObjectNames names;
  private final GcsAttempts attempts;
  private final int resumptions;
  private final PartSizes sizes;
  private final GcsUploads uploads;
  private final Optional<DownloadLinks> links;

  private GcsBlobStorage(
      GcsStorageProperties gcs,
      StorageProperties storage,
      Optional<GoogleCredentials> credentials,
      Duration firstPause,
      Traces traces) {
    this.links = DownloadLinks.of(gcs, storage, credentials);
    this.client = new GcsClient(gcs, credentials, traces);
    this.names = new ObjectNames(gcs.prefix());
    this.attempts = new GcsAttempts(gcs.attempts(), gcs.callTimeout(), firstPause);
    this.resumptions = gcs.attempts();
    this.sizes = new PartSizes(gcs.partSize().toBytes(), gcs.partSize().toBytes());
    this.uploads = new GcsUploads(client, attempts);
  }

  /**
   * Creates a store after checking that it can be used, or that it is only temporarily unavailable.
   *
   * @throws SetupException when it cannot be used as configured
   */
  static GcsBlobStorage connect(
      GcsStorageProperties gcs, StorageProperties storage, Traces traces) {
    return connect(gcs, storage, FIRST_PAUSE, traces);
  }

  /** Creates a store without traces. */
  static GcsBlobStorage connect(GcsStorageProperties gcs, StorageProperties storage) {
    return connect(gcs, storage, Traces.NONE);
  }

  /** Creates a store with a short pause, for tests. */
  static GcsBlobStorage connect(
      GcsStorageProperties gcs, StorageProperties storage, Duration firstPause) {
    return connect(gcs, storage, firstPause, Traces.NONE);
  }

  private static GcsBlobStorage connect(
      GcsStorageProperties gcs, StorageProperties storage, Duration firstPause, Traces traces) {
    GcsBlobStorage made =
        new GcsBlobStorage(gcs, storage, GcsCredentials.find(gcs), firstPause, traces);
    boolean usable = false;
    try {
      new BucketCheck(made.client, made.names).atStart(gcs);
      usable = true;
      return made;
    } finally {
      if (!usable) {
        made.close();
      }
    }
  }

  @Override
  public Optional<Blob> open(BlobKey key, ByteRange range) {
    String name = names.of(key);
    if (!names.isPossible(key)) {
      return Optional.empty();
    }
    try {
      Download download = attempts.run(() -> Download.open(client, name, range));
      return Optional.of(
          new StreamedBlob(
              new BlobInfo(download.size(), download.version()),
              range,
              resuming(key, name, download)));
    } catch (IOException e) {
      if (GcsFailures.isAbsence(e)) {
        return Optional.empty();
      }
      throw GcsFailures.of("open", key, e);
    }
  }

  private InputStream resuming(BlobKey key, String name, Download download) {
    return new ResumingInputStream(
        key,
        download.body(),
        download.length(),
        resumptions,
        new Remainder(client, key, name, download));
  }

  @Override
  public BlobWriter create(BlobKey key) {
    return new GcsBlobWriter(key, names.of(key), sizes, uploads, false);
  }

  @Override
  public BlobWriter createIfAbsent(BlobKey key) {
    return new GcsBlobWriter(key, names.of(key), sizes, uploads, true);
  }

  @Override
  public boolean copy(BlobKey from, BlobKey to) {
    if (!names.isPossible(from)) {
      return false;
    }
    try {
      uploads.copy(names.of(from), names.of(to));
      return true;
    } catch (IOException e) {
      if (GcsFailures.isAbsence(e)) {
        return false;
      }
      throw GcsFailures.of("copy", from, e);
    }
  }

  @Override
  public Optional<BlobInfo> stat(BlobKey key) {
    String name = names.of(key);
    if (!names.isPossible(key)) {
      return Optional.empty();
    }
    try {
      return Optional.of(attempts.run(() -> Download.stat(client, name)));
    } catch (IOException e) {
      if (GcsFailures.isAbsence(e)) {
        return Optional.empty();
      }
      throw GcsFailures.of("stat", key, e);
    }
  }

  @Override
  public void delete(BlobKey key) {
    if (!names.isPossible(key)) {
      return;
    }
    try {
      attempts.run(() -> GcsClient.send(client.delete(names.of(key))));
    } catch (IOException e) {
      if (!GcsFailures.isAbsence(e)) {
        throw GcsFailures.of("delete", key, e);
      }
    }
  }

  @Override
  public boolean deleteVersion(BlobKey key, String version) {
    try {
      return names.isPossible(key)
          && attempts.run(() -> client.deleteGeneration(names.of(key), Long.valueOf(version)));
    } catch (IOException e) {
      throw GcsFailures.of("delete", key, e);
    }
  }

  @Override
  public boolean deletesVersions() {
    return true;
  }

  @Override
  public void deleteAll(Collection<BlobKey> keys) {
    new BatchDelete(client, attempts, names).of(keys);
  }

  @Override
  public Stream<BlobEntry> list(BlobKey prefix) {
    if (!names.isPossible(prefix)) {
      return Stream.empty();
    }
    return new Listing(client, attempts, prefix, names.below(prefix)).entries();
  }

  @Override
  public Stream<String> folders(BlobKey prefix) {
    if (!names.isPossible(prefix)) {
      return Stream.empty();
    }
    return new Listing(client, attempts, prefix, names.below(prefix)).folders();
  }

  @Override
  public String describe() {
    return GcsFailures.DRIVER + " (" + client.bucket() + "/" + names.prefix() + ")";
  }

  @Override
  public void probe() {
    try {
      new BucketCheck(client, names).run(BucketCheck.PROBE);
    } catch (IOException e) {
      throw GcsFailures.of("probe", BlobKey.of("images"), e);
    }
  }

  @Override
  public Optional<URI> downloadUrl(BlobKey key) {
    return links.flatMap(link -> link.to(names.of(key)));
  }

  /** The number of connections to the service in use. */
  int busyConnections() {
    return client.busyConnections();
  }

  @Override
  public void close() {
    client.close();
  }
}
