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
 * @param bucket bucket that holds the store
 * @param prefix what the names of all objects begin with; the old registry's storage_path can be
 *     given as it is
 * @param region region of the bucket; when empty, the one that the environment names, or us-east-1
 *     when there is an endpoint
 * @param endpoint URL of a store other than AWS
 * @param pathStyle whether the bucket is named in the path of URLs instead of the host
 * @param accessKey access key; when empty, credentials are looked for as the AWS tools do: in the
 *     environment, in profile files, and from the role of the machine or container
 * @param secretKey secret key that belongs to the access key
 * @param sessionToken session token that belongs to temporary keys
 * @param encryption whether the store is asked to encrypt what is written, and with whose keys
 * @param kmsKey id or ARN of the KMS key; when empty, the one of the account
 * @param storageClass storage class of what is written, for example STANDARD_IA
 * @param partSize size of the first parts of an upload, at least 5MB; later parts are larger
 * @param maxConnections connections to the store at the same time; each layer on its way takes one
 * @param connectTimeout how long it may take to reach the store
 * @param readTimeout how long the store may be silent
 * @param callTimeout how long a call may take with all its attempts; a part of an upload may take a
 *     second more for each megabyte and attempt
 * @param attempts how often a call is tried when the store fails or does not answer
 * @param abandonedAfter age from which the parts of an upload that was never finished are removed,
 *     at the start of the registry; 0 means never
 * @param cloudfront a CloudFront distribution through which clients get their layers
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
   * Checks what depends on more than one setting, or on the store.
   *
   * @throws IllegalArgumentException when it makes no sense; says which property and what it may be
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

  /** Who encrypts what is written. */
  public enum Encryption {
    /** What the bucket is set to. */
    NONE,
    /** The store, with keys of its own (SSE-S3), as the original's s3_encrypt. */
    S3,
    /** The store, with a key of the key management service (SSE-KMS). */
    KMS
  }

  /**
   * Settings of a CloudFront distribution in front of the bucket.
   *
   * @param base URL of the distribution; when empty, links lead to the store itself
   * @param keyId id of the key pair that signs the links
   * @param privateKey private key that signs the links: a path to a PEM file, or its text
   */
  public record Cloudfront(
      @DefaultValue("") String base,
      @DefaultValue("") String keyId,
      @DefaultValue("") String privateKey) {

    /**
     * Checks that all or none of it is set.
     *
     * @throws IllegalArgumentException when a part is missing
     */
    public Cloudfront {
      require(
          base.isBlank() == keyId.isBlank() && base.isBlank() == privateKey.isBlank(),
          "cloudfront.base, cloudfront.key-id and cloudfront.private-key must be given together");
      require(
          base.isBlank() || isUrl(base), "cloudfront.base must be a URL without user and password");
    }

    /** Whether there is such a distribution. */
    boolean isSet() {
      return !base.isBlank();
    }

    /** Without the private key. */
    @Override
    public String toString() {
      return "Cloudfront[base=" + base + ", keyId=" + keyId + "]";
    }
  }

  /** Without the keys. */
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

  // With a user and a password in it, it would be in the log.
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
