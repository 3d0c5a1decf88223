package io.registry.storage.gcs;

import com.google.auth.ServiceAccountSigner;
import com.google.auth.ServiceAccountSigner.SigningException;
import com.google.auth.oauth2.GoogleCredentials;
import com.google.auth.oauth2.ServiceAccountCredentials;
import com.google.cloud.storage.BlobInfo;
import com.google.cloud.storage.Storage;
import com.google.cloud.storage.Storage.SignUrlOption;
import com.google.cloud.storage.StorageOptions;
import io.registry.platform.problem.SetupException;
import io.registry.storage.StorageProperties;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Signs the URLs with which clients download blobs from the service directly: with the key of a
 * service account in this process, or, where Google runs this process, by a request to IAM
 * (signBlob) for each URL.
 */
final class DownloadLinks {
  private static final Logger log = LoggerFactory.getLogger(DownloadLinks.class);

  /** Signing is no right of the scope for storage. */
  private static final String SIGNING_SCOPE = "https://www.googleapis.com/auth/cloud-platform";

  private final Storage storage;
  private final ServiceAccountSigner signer;
  private final String bucket;
  private final String endpoint;
  private final Duration lifetime;

  private DownloadLinks(GoogleCredentials account, GcsStorageProperties gcs, Duration lifetime) {
    // Set explicitly, because the library would otherwise request the project from the network.
    this.storage =
        StorageOptions.newBuilder()
            .setCredentials(account)
            .setProjectId(gcs.bucket())
            .build()
            .getService();
    this.signer = (ServiceAccountSigner) account;
    this.bucket = gcs.bucket();
    this.endpoint = gcs.endpoint().isEmpty() ? "" : GcsClient.endpoint(gcs);
    this.lifetime = lifetime;
  }

  /**
   * Creates the links, if clients are to be redirected.
   *
   * @return empty when they are not
   * @throws SetupException when the credentials cannot sign
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
    if (credentials.isPresent() && credentials.get() instanceof ServiceAccountSigner) {
      GoogleCredentials account = credentials.get().createScoped(SIGNING_SCOPE);
      return Optional.of(new DownloadLinks(account, gcs, storage.redirectLifetime()));
    }
    throw new SetupException(
        "registry.storage.redirect is on, but the credentials found cannot sign links",
        "Set registry.storage.gcs.credentials-file to the JSON key of a service account, run the"
            + " registry where Google provides one, or set registry.storage.redirect to false.");
  }

  /**
   * A URL for an object, whether or not it exists.
   *
   * @return empty when IAM does not sign; then clients get the blob from the registry
   */
  Optional<URI> to(String name) {
    try {
      return Optional.of(sign(name));
    } catch (SigningException e) {
      log.warn(
          "Could not sign a link to {}; the account {} needs the permission"
              + " iam.serviceAccounts.signBlob on itself (role"
              + " roles/iam.serviceAccountTokenCreator): {}",
          name,
          signer.getAccount(),
          e.toString());
      return Optional.empty();
    }
  }

  private URI sign(String name) {
    List<SignUrlOption> options = new ArrayList<>();
    options.add(SignUrlOption.withV4Signature());
    options.add(SignUrlOption.withPathStyle());
    options.add(SignUrlOption.signWith(signer));
    if (!endpoint.isEmpty()) {
      options.add(SignUrlOption.withHostName(endpoint));
    }
    String link =
        storage
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
