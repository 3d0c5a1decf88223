package io.registry.storage.gcs;

import jakarta.validation.constraints.NotBlank;
import java.net.URI;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of the store in Google Cloud Storage.
 *
 * @param bucket bucket of the store; it must exist
 * @param prefix folder of the bucket below which the store lies; the original's storage_path can be
 *     used unchanged
 * @param credentialsFile JSON file with the key of a service account; when empty, the Application
 *     Default Credentials are used, and with a custom endpoint none if there are none
 * @param endpoint URL of the service when it is not Google's own, for a private endpoint or an
 *     emulator
 * @param kmsKey resource name of the Cloud KMS key that encrypts blobs; when empty, the bucket's
 *     default
 * @param partSize size of the requests of an upload, which is also spooled to disk up to it; a
 *     multiple of 256KB
 * @param connectTimeout connect timeout
 * @param readTimeout how long the service may send nothing during a request
 * @param callTimeout how long a failing operation is retried
 * @param attempts up to how many times an operation is attempted
 */
@ConfigurationProperties("registry.storage.gcs")
@Validated
record GcsStorageProperties(
    @NotBlank(
            message =
                "must name the bucket that holds the store: set registry.storage.gcs.bucket, or"
                    + " start without the profile gcs")
        String bucket,
    @DefaultValue("") String prefix,
    @DefaultValue("") String credentialsFile,
    @DefaultValue("") String endpoint,
    @DefaultValue("") String kmsKey,
    @DefaultValue("8MB") DataSize partSize,
    @DefaultValue("5s") Duration connectTimeout,
    @DefaultValue("30s") Duration readTimeout,
    @DefaultValue("60s") Duration callTimeout,
    @DefaultValue("4") int attempts) {
  private static final String NAME = "registry.storage.gcs.";

  /** Google accepts the chunks of an upload only in multiples of this size. */
  private static final DataSize CHUNK = DataSize.ofKilobytes(256);

  private static final DataSize MAX_PART_SIZE = DataSize.ofGigabytes(1);
  private static final Duration MAX_TIMEOUT = Duration.ofHours(1);

  /**
   * Validates the values and removes slashes around the prefix.
   *
   * @throws IllegalArgumentException when one is not valid
   */
  GcsStorageProperties {
    prefix = prefix.replaceFirst("^/", "").replaceFirst("/+$", "");
    checkEndpoint(endpoint);
    if (partSize.compareTo(CHUNK) < 0
        || partSize.compareTo(MAX_PART_SIZE) > 0
        || partSize.toBytes() % CHUNK.toBytes() != 0) {
      throw new IllegalArgumentException(
          NAME + "part-size must be a multiple of 256KB and at most 1GB, not " + partSize);
    }
    checkTimeout("connect-timeout", connectTimeout);
    checkTimeout("read-timeout", readTimeout);
    checkTimeout("call-timeout", callTimeout);
    if (attempts < 1) {
      throw new IllegalArgumentException(NAME + "attempts must be at least 1, not " + attempts);
    }
  }

  private static void checkEndpoint(String endpoint) {
    if (endpoint.isEmpty()) {
      return;
    }
    URI url = URI.create(endpoint);
    if (url.getHost() == null
        || url.getUserInfo() != null
        || !String.valueOf(url.getScheme()).matches("https?")) {
      throw new IllegalArgumentException(
          NAME
              + "endpoint must be a URL such as https://storage.googleapis.com, without user and"
              + " password");
    }
  }

  private static void checkTimeout(String name, Duration timeout) {
    if (timeout.toMillis() < 1 || timeout.compareTo(MAX_TIMEOUT) > 0) {
      throw new IllegalArgumentException(
          NAME + name + " must be at least 1ms and at most 1h, not " + timeout);
    }
  }
}
