package io.registry.storage.gcs;

import io.registry.storage.StorageProperties;
import io.registry.testkit.FakeGcs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.springframework.util.unit.DataSize;

/** Settings with which tests use a fake of the service: small parts, short timeouts. */
final class GcsSettings {
  static final DataSize PART = DataSize.ofKilobytes(256);

  private static final Duration TIMEOUT = Duration.ofMinutes(1);

  private GcsSettings() {}

  static GcsStorageProperties of(FakeGcs gcs, Path directory) throws IOException {
    return of(gcs, directory, "/registry/", 1);
  }

  /** With parts of so many chunks. */
  static GcsStorageProperties of(FakeGcs gcs, Path directory, String prefix, int chunks)
      throws IOException {
    return of(gcs.endpoint(), key(gcs, directory), prefix, chunks, TIMEOUT);
  }

  /** With a service that may be silent for so long. */
  static GcsStorageProperties of(FakeGcs gcs, Path directory, String prefix, Duration readTimeout)
      throws IOException {
    return of(gcs.endpoint(), key(gcs, directory), prefix, 1, readTimeout);
  }

  /** Without credentials. */
  static GcsStorageProperties of(String endpoint, String prefix) {
    return of(endpoint, "", prefix, 1, TIMEOUT);
  }

  private static GcsStorageProperties of(
      String endpoint, String key, String prefix, int chunks, Duration readTimeout) {
    return new GcsStorageProperties(
        FakeGcs.BUCKET,
        prefix,
        key,
        endpoint,
        "",
        DataSize.ofBytes(chunks * PART.toBytes()),
        Duration.ofSeconds(5),
        readTimeout,
        TIMEOUT,
        4);
  }

  private static String key(FakeGcs gcs, Path directory) throws IOException {
    return Files.writeString(directory.resolve("key.json"), gcs.serviceAccount()).toString();
  }

  /** Clients get their layers through the registry. */
  static StorageProperties withoutRedirect() {
    return new StorageProperties(false, Duration.ofMinutes(20), 64);
  }
}
