package io.registry.storage.s3;

import io.registry.storage.BlobKey;
import io.registry.storage.PartSizes;
import io.registry.storage.StorageProperties;
import io.registry.storage.s3.S3BlobWriter.Publication;
import io.registry.testkit.S3Server;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.scheduling.TaskScheduler;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.MultipartUpload;

/** The driver as its configuration makes it, on a bucket of its own. */
final class S3TestStore implements AutoCloseable {
  private final S3StorageProperties settings;
  private final S3Client client;
  private final S3Links links;
  private final S3BlobStorage storage;
  private final Optional<S3Server> server;

  private S3TestStore(Optional<S3Server> server, Map<String, String> settings) {
    this.server = server;
    Binder binder = new Binder(new MapConfigurationPropertySource(settings));
    this.settings = binder.bindOrCreate("registry.storage.s3", S3StorageProperties.class);
    S3Clients clients = new S3Clients(this.settings);
    this.client = clients.client();
    this.links =
        new S3Links(
            clients.presigner(),
            this.settings,
            binder.bindOrCreate("registry.storage", StorageProperties.class));
    this.storage = new S3BlobStorage(client, this.settings, links);
  }

  /** A store on a new bucket; settings are names and values in turn. */
  static S3TestStore of(S3Server server, String... settings) {
    Map<String, String> all =
        settings(server.endpoint().toString(), S3Server.ACCESS_KEY, S3Server.SECRET_KEY);
    all.put("registry.storage.s3.bucket", server.createBucket());
    for (int i = 0; i < settings.length; i += 2) {
      all.put("registry.storage.s3." + settings[i], settings[i + 1]);
    }
    return new S3TestStore(Optional.of(server), all);
  }

  /** A store on a new bucket of another server. */
  static S3TestStore at(String endpoint, String accessKey, String secretKey) {
    Map<String, String> all = settings(endpoint, accessKey, secretKey);
    all.put("registry.storage.s3.bucket", "bucket-" + UUID.randomUUID());
    S3TestStore store = new S3TestStore(Optional.empty(), all);
    store.client.createBucket(request -> request.bucket(store.settings.bucket()));
    return store;
  }

  private static Map<String, String> settings(String endpoint, String accessKey, String secretKey) {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("registry.storage.s3.endpoint", endpoint);
    all.put("registry.storage.s3.path-style", "true");
    all.put("registry.storage.s3.access-key", accessKey);
    all.put("registry.storage.s3.secret-key", secretKey);
    all.put("registry.storage.s3.part-size", "5MB");
    return all;
  }

  S3BlobStorage storage() {
    return storage;
  }

  S3StorageProperties settings() {
    return settings;
  }

  /** What the driver asks the server for. */
  S3Uploads uploads() {
    return new S3Uploads(client, settings);
  }

  /** The sweep as the registry runs it, but that often. */
  AbandonedUploads abandonedUploads(Clock clock, TaskScheduler scheduler, Duration every) {
    return new AbandonedUploads(client, settings, clock, scheduler, every);
  }

  /** Writes a blob through a folder for what does not fit into the memory. */
  S3BlobWriter writer(BlobKey key, Path folder) {
    return new S3BlobWriter(
        uploads(),
        new S3Failures(settings.bucket(), "the test"),
        Publication.REPLACE,
        key,
        key.path(),
        new PartSizes(settings.partSize().toBytes(), settings.partSize().toBytes()),
        folder);
  }

  /** The names of the objects that are being uploaded in parts, asked past any proxy. */
  List<String> unfinishedUploads() {
    return server
        .map(S3Server::admin)
        .orElse(client)
        .listMultipartUploads(request -> request.bucket(settings.bucket()))
        .uploads()
        .stream()
        .map(MultipartUpload::key)
        .toList();
  }

  @Override
  public void close() {
    links.close();
    client.close();
  }
}
