package io.registry.storage.s3;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;
import software.amazon.awssdk.services.s3.model.StorageClass;

/**
 * Settings of the S3 store.
 *
 * @param bucket bucket of the store
 * @param prefix prefix of the names of all objects; the original's storage_path can be used
 *     unchanged
 * @param region region of the bucket; when empty, the one that the environment names, or us-east-1
 *     with an endpoint
 * @param endpoint URL of a store other than AWS
 * @param pathStyle whether the bucket is named in the path of URLs instead of the host
 * @param accessKey access key; when empty, credentials are searched like by the AWS tools: in the
 *     environment, in profile files, and from the role of the machine or container
 * @param secretKey secret key that belongs to the access key
 * @param sessionToken session token that belongs to temporary keys
 * @param encryption whether the store encrypts what is written, and with which keys
 * @param kmsKey id or ARN of the KMS key; when empty, the account's default
 * @param storageClass storage class of new objects, for example STANDARD_IA
 * @param partSize size of the first parts of an upload, at least 5MB; later parts are larger
 * @param maxConnections up to how many concurrent connections to the store; each transfer of a
 *     layer takes one
 * @param connectTimeout connect timeout
 * @param readTimeout how long the store may send nothing
 * @param callTimeout how long a call may take with all its attempts; a part of an upload may take a
 *     second more for each megabyte and attempt
 * @param attempts up to how many times a call is attempted when the store fails or does not answer
 * @param abandonedAfter age from which the parts of an incomplete upload are deleted, at the start
 *     of the registry and then once an hour; 0 means never
 * @param cloudfront a CloudFront distribution through which clients download layers
 */
@Validated
@ConfigurationProperties("registry.storage.s3")
public record S3StorageProperties(
    @DefaultValue("") @NotBlank(message = "must name the bucket that holds the store")
        String bucket,
    @DefaultValue("") String prefix,
    @DefaultValue("") String region,
    @DefaultValue("") String endpoint,
    @DefaultValue("false") boolean pathStyle,
    @DefaultValue("") String accessKey,
    @DefaultValue("") String secretKey,
    @DefaultValue("") String sessionToken,
    @DefaultValue("none") Encryption encryption,
    @DefaultValue("") String kmsKey,
    @DefaultValue("") String storageClass,
    @DefaultValue("8MB") DataSize partSize,
    @DefaultValue("10000") @Min(1) @Max(65_536) int maxConnections,
    @DefaultValue("5s") Duration connectTimeout,
    @DefaultValue("30s") Duration readTimeout,
    @DefaultValue("60s") Duration callTimeout,
    @DefaultValue("4") @Min(1) @Max(20) int attempts,
    @DefaultValue("7d") Duration abandonedAfter,
    @DefaultValue @Valid Cloudfront cloudfront) {
  private static final DataSize MIN_PART = DataSize.ofMegabytes(5);
  private static final DataSize MAX_PART = DataSize.ofGigabytes(5);
  private static final Duration MIN_ABANDONED = Duration.ofHours(1);
  private static final Set<StorageClass> ARCHIVES =
      EnumSet.of(
          StorageClass.GLACIER, StorageClass.DEEP_ARCHIVE, StorageClass.UNKNOWN_TO_SDK_VERSION);
  private static final String PROPERTY = "registry.storage.s3.";

  /**
   * Validates settings that depend on each other, or on the store.
   *
   * @throws IllegalArgumentException when they are not valid; the message names the property and
   *     the allowed values
   */
  public S3StorageProperties {
    require(
        partSize.compareTo(MIN_PART) >= 0 && partSize.compareTo(MAX_PART) <= 0,
        "part-size must be at least 5MB and at most 5GB, not " + partSize);
    require(
        accessKey.isBlank() == secretKey.isBlank(),
        "access-key and secret-key must be given together");
    require(
        sessionToken.isBlank() || !accessKey.isBlank(),
        "session-token needs an access-key and a secret-key");
    require(
        kmsKey.isBlank() || encryption == Encryption.KMS,
        "kms-key needs registry.storage.s3.encryption to be kms");
    require(
        endpoint.isBlank() || isUrl(endpoint), "endpoint must be a URL without user and password");
    requirePositive(connectTimeout, "connect-timeout");
    requirePositive(readTimeout, "read-timeout");
    requirePositive(callTimeout, "call-timeout");
    require(
        abandonedAfter.isZero() || abandonedAfter.compareTo(MIN_ABANDONED) >= 0,
        "abandoned-after must be 0 or at least 1h, because other registries may be uploading, not "
            + abandonedAfter);
    require(
        storageClass.isBlank() || isReadable(storageClass),
        "storage-class must be one that can be read at once, such as STANDARD_IA, not "
            + storageClass);
  }

  /** How new objects are encrypted. */
  public enum Encryption {
    /** By the default of the bucket. */
    NONE,
    /** By the store with its own keys (SSE-S3), like the original's s3_encrypt. */
    S3,
    /** By the store with a key of the key management service (SSE-KMS). */
    KMS
  }

  /**
   * Settings of a CloudFront distribution in front of the bucket.
   *
   * @param base URL of the distribution; when empty, clients are redirected to the store itself
   * @param keyId id of the key pair that signs the URLs
   * @param privateKey private key that signs the URLs: a path to a PEM file, or its text
   */
  public record Cloudfront(
      @DefaultValue("") String base,
      @DefaultValue("") String keyId,
      @DefaultValue("") String privateKey) {

    /**
     * Validates that all or none of them are set.
     *
     * @throws IllegalArgumentException when one is missing
     */
    public Cloudfront {
      require(
          base.isBlank() == keyId.isBlank() && base.isBlank() == privateKey.isBlank(),
          "cloudfront.base, cloudfront.key-id and cloudfront.private-key must be given together");
      require(
          base.isBlank() || isUrl(base), "cloudfront.base must be a URL without user and password");
    }

    /** Whether a distribution is configured. */
    boolean isSet() {
      return !base.isBlank();
    }

    /** Omits the private key. */
    @Override
    public String toString() {
      return "Cloudfront[base=" + base + ", keyId=" + keyId + "]";
    }
  }

  /** Omits the keys. */
  @Override
  public String toString() {
    return "S3StorageProperties[bucket="
        + bucket
        + ", prefix="
        + prefix
        + ", region="
        + region
        + ", endpoint="
        + endpoint
        + "]";
  }

  private static void requirePositive(Duration duration, String name) {
    require(!duration.isNegative() && !duration.isZero(), name + " must be positive");
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(PROPERTY + message);
    }
  }

  private static boolean isReadable(String storageClass) {
    return !ARCHIVES.contains(StorageClass.fromValue(storageClass));
  }

  // A URL with user and password would reveal them in the log.
  private static boolean isUrl(String text) {
    try {
      URI url = new URI(text);
      return ("http".equals(url.getScheme()) || "https".equals(url.getScheme()))
          && url.getHost() != null
          && url.getUserInfo() == null;
    } catch (URISyntaxException e) {
      return false;
    }
  }
}
