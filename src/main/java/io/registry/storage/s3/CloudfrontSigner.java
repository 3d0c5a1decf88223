package io.registry.storage.s3;

import io.registry.platform.problem.SetupException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import org.springframework.boot.ssl.pem.PemContent;

/**
 * Signs URLs of a CloudFront distribution with a canned policy, as its developer guide describes.
 * The SDK's library for this is larger than the rest of the driver.
 */
final class CloudfrontSigner {
  private static final String PROPERTY = "registry.storage.s3.cloudfront.private-key";

  private final String base;
  private final String keyId;
  private final PrivateKey privateKey;
  private final Clock clock;

  private CloudfrontSigner(String base, String keyId, PrivateKey privateKey, Clock clock) {
    this.base = base;
    this.keyId = keyId;
    this.privateKey = privateKey;
    this.clock = clock;
  }

  /**
   * Creates a signer.
   *
   * @param settings the settings, all of them set
   * @param clock determines when a URL expires
   * @throws SetupException when the settings name no private key
   */
  static CloudfrontSigner of(S3StorageProperties.Cloudfront settings, Clock clock) {
    String base = settings.base().replaceFirst("/+$", "");
    return new CloudfrontSigner(base, settings.keyId(), key(settings.privateKey()), clock);
  }

  /**
   * A URL for an object.
   *
   * @param path the object's name, percent-encoded
   * @param lifetime how long it is valid
   */
  URI sign(String path, Duration lifetime) {
    String url = base + "/" + path;
    long expires = clock.instant().plus(lifetime).getEpochSecond();
    String policy =
        "{\"Statement\":[{\"Resource\":\"%s\",\"Condition\":{\"DateLessThan\":{\"AWS:EpochTime\":%d}}}]}"
            .formatted(url, expires);
    return URI.create(
        "%s?Expires=%d&Signature=%s&Key-Pair-Id=%s".formatted(url, expires, sign(policy), keyId));
  }

  private String sign(String policy) {
    try {
      // CloudFront accepts no other digest.
      Signature signature = Signature.getInstance("SHA1withRSA");
      signature.initSign(privateKey);
      signature.update(policy.getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder()
          .encodeToString(signature.sign())
          .replace('+', '-')
          .replace('=', '_')
          .replace('/', '~');
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the private key was checked at the start", e);
    }
  }

  private static PrivateKey key(String pathOrText) {
    PrivateKey key;
    try {
      PemContent pem =
          PemContent.isPresentInText(pathOrText)
              ? PemContent.of(pathOrText)
              : PemContent.load(Path.of(pathOrText));
      key = pem.getPrivateKey();
    } catch (IOException | UncheckedIOException | IllegalStateException e) {
      throw unusable(e);
    }
    if (key == null || !key.getAlgorithm().equals("RSA")) {
      throw unusable(new IllegalArgumentException("it is not an RSA key"));
    }
    return key;
  }

  private static SetupException unusable(Exception cause) {
    return new SetupException(
        PROPERTY + ": there is no RSA private key in PEM form",
        "Name the file that holds the private key of the CloudFront key pair, or give its text",
        cause);
  }
}
