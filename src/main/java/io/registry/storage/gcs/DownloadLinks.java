package io.registry.storage.gcs;

import com.google.auth.oauth2.GoogleCredentials;
import com.google.auth.oauth2.ServiceAccountCredentials;
import com.google.cloud.storage.BlobInfo;
import com.google.cloud.storage.Storage;
import com.google.cloud.storage.Storage.SignUrlOption;
import com.google.cloud.storage.StorageOptions;
import io.registry.storage.StorageProperties;
import io.registry.storage.StorageSetupException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Signs the URLs with which clients download blobs from the service directly. */
final class DownloadLinks {
  private final Storage signer;
  private final String bucket;
  private final String endpoint;
  private final Duration lifetime;

  private DownloadLinks(
      ServiceAccountCredentials account, GcsStorageProperties gcs, Duration lifetime) {
    // Set explicitly, because the library would otherwise request the project from the network.
    this.signer =
        StorageOptions.newBuilder()
            .setCredentials(account)
            .setProjectId(gcs.bucket())
            .build()
            .getService();
    this.bucket = gcs.bucket();
    this.endpoint = gcs.endpoint().isEmpty() ? "" : GcsClient.endpoint(gcs);
    this.lifetime = lifetime;
  }

  /**
   * Creates the links, if clients are to be redirected.
   *
   * @return empty when they are not
   * @throws StorageSetupException when the credentials cannot sign locally
   */
  static Optional<DownloadLinks> of(
      GcsStorageProperties gcs,
      StorageProperties storage,
      Optional<GoogleCredentials> credentials) {
    if (!storage.redirect()) {
      return Optional.empty();
    }
    if (credentials.isPresent() && credentials.get() instanceof ServiceAccountCredentials account) {
      return Optional.of(new DownloadLinks(account, gcs, storage.redirectLifetime()));
    }
    throw new StorageSetupException(
        "registry.storage.redirect is on, but the credentials found cannot sign links",
        "Set registry.storage.gcs.credentials-file to the JSON key of a service account, or"
            + " registry.storage.redirect to false.");
  }

  /** A URL for an object, whether or not it exists. */
  URI to(String name) {
    List<SignUrlOption> options = new ArrayList<>();
    options.add(SignUrlOption.withV4Signature());
    options.add(SignUrlOption.withPathStyle());
    if (!endpoint.isEmpty()) {
      options.add(SignUrlOption.withHostName(endpoint));
    }
    String link =
        signer
            .signUrl(
                BlobInfo.newBuilder(bucket, name).build(),
                lifetime.toSeconds(),
                TimeUnit.SECONDS,
                options.toArray(SignUrlOption[]::new))
            .toString();
    // The library always writes https, although an endpoint may be without TLS; the scheme is not
    // part of the signature.
    return URI.create(endpoint.startsWith("http:") ? link.replaceFirst("^https:", "http:") : link);
  }
}
