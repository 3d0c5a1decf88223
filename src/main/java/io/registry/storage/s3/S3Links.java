package io.registry.storage.s3;

import io.registry.storage.StorageProperties;
import java.net.URI;
import java.time.Clock;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;
import software.amazon.awssdk.utils.http.SdkHttpUtils;

/**
 * Signs the URLs at which clients download objects without the registry; signing needs no request
 * to the store.
 */
final class S3Links implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(S3Links.class);

  private final S3Presigner presigner;
  private final String bucket;
  private final StorageProperties storage;
  private final Optional<CloudfrontSigner> cloudfront;

  S3Links(S3Presigner presigner, S3StorageProperties settings, StorageProperties storage) {
    this.presigner = presigner;
    this.bucket = settings.bucket();
    this.storage = storage;
    if (settings.cloudfront().isSet() && !storage.redirect()) {
      log.warn("registry.storage.s3.cloudfront has no effect without registry.storage.redirect");
    }
    this.cloudfront =
        settings.cloudfront().isSet()
            ? Optional.of(CloudfrontSigner.of(settings.cloudfront(), Clock.systemUTC()))
            : Optional.empty();
  }

  /** A URL for the object of that name; empty when clients are not to be redirected. */
  Optional<URI> to(String name) {
    if (!storage.redirect()) {
      return Optional.empty();
    }
    return cloudfront
        .map(
            signer ->
                signer.sign(SdkHttpUtils.urlEncodeIgnoreSlashes(name), storage.redirectLifetime()))
        .or(() -> Optional.of(presign(name)));
  }

  private URI presign(String name) {
    return URI.create(
        presigner
            .presignGetObject(
                request ->
                    request
                        .signatureDuration(storage.redirectLifetime())
                        .getObjectRequest(object -> object.bucket(bucket).key(name)))
            .url()
            .toString());
  }

  @Override
  public void close() {
    presigner.close();
  }
}
