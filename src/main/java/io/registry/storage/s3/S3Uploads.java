package io.registry.storage.s3;

import io.registry.storage.BlobPart;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.CopyPartResult;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;

/**
 * Sends the requests that write objects. Each contains the MD5 of its body, so that the store
 * refuses damaged bytes: this is the only checksum that AWS and all compatible stores verify.
 */
final class S3Uploads {
  private static final Logger log = LoggerFactory.getLogger(S3Uploads.class);
  private static final String CONTENT_TYPE = "application/octet-stream";
  private static final String WRITER = "registry-writer";
  private static final long MIB = 1024 * 1024;

  /** With 10,000 such parts any object can be copied, and each part takes a few seconds. */
  private static final long MAX_COPIED_PART = 1024 * MIB;

  /** AWS may take several minutes to assemble the parts of a large object. */
  private static final Duration FINISHING = Duration.ofMinutes(15);

  private final S3Client client;
  private final S3StorageProperties settings;

  // The SDK omits null values from a request.
  private final @Nullable ServerSideEncryption encryption;
  private final @Nullable String kmsKey;
  private final @Nullable String storageClass;

  S3Uploads(S3Client client, S3StorageProperties settings) {
    this.client = client;
    this.settings = settings;
    this.encryption =
        switch (settings.encryption()) {
          case NONE -> null;
          case S3 -> ServerSideEncryption.AES256;
          case KMS -> ServerSideEncryption.AWS_KMS;
        };
    this.kmsKey = settings.kmsKey().isBlank() ? null : settings.kmsKey();
    this.storageClass = settings.storageClass().isBlank() ? null : settings.storageClass();
  }

  void put(String name, BlobPart whole) {
    client.putObject(object(name, whole).build(), body(whole));
  }

  /**
   * Writes an object that must not exist. Fails with status 412 when it exists, perhaps by an
   * earlier attempt of this call, and with 409 when another writer is active.
   *
   * @param writer an id that is stored with the object, for {@link #isBy}
   */
  void putIfAbsent(String name, BlobPart whole, String writer) {
    client.putObject(
        object(name, whole).ifNoneMatch("*").metadata(Map.of(WRITER, writer)).build(), body(whole));
  }

  /** Whether the existing object was written by this writer. */
  boolean isBy(String name, String writer) {
    return find(name).filter(found -> writer.equals(found.metadata().get(WRITER))).isPresent();
  }

  /** Reads the metadata of an object. */
  Optional<HeadObjectResponse> find(String name) {
    try {
      return Optional.of(client.headObject(request -> request.bucket(settings.bucket()).key(name)));
    } catch (S3Exception e) {
      if (S3Failures.isAbsence(e)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /**
   * Lets the store copy an object, replacing any existing one.
   *
   * @param largest the largest number of bytes to copy with one request; a larger object is copied
   *     in parts
   * @return false when the source does not exist
   */
  boolean copy(String from, String to, long largest) {
    Optional<HeadObjectResponse> found = find(from);
    if (found.isEmpty()) {
      return false;
    }
    long size = found.get().contentLength();
    try {
      if (size <= largest) {
        copyWhole(from, to, found.get().eTag());
      } else {
        copyInParts(from, to, found.get().eTag(), size, Math.min(largest, MAX_COPIED_PART));
      }
      return true;
    } catch (S3Exception e) {
      // It may have been deleted meanwhile; and the 404 may be about something else.
      if (S3Failures.isAbsence(e) && find(from).isEmpty()) {
        return false;
      }
      throw e;
    }
  }

  private void copyWhole(String from, String to, String etag) {
    client.copyObject(
        request ->
            request
                .sourceBucket(settings.bucket())
                .sourceKey(from)
                .copySourceIfMatch(etag)
                .destinationBucket(settings.bucket())
                .destinationKey(to)
                .serverSideEncryption(encryption)
                .ssekmsKeyId(kmsKey)
                .storageClass(storageClass)
                .overrideConfiguration(config -> config.apiCallTimeout(FINISHING)));
  }

  private void copyInParts(String from, String to, String etag, long size, long partSize) {
    String upload = begin(to, UUID.randomUUID().toString());
    boolean ended = false;
    try {
      List<CompletedPart> parts = new ArrayList<>();
      for (long offset = 0; offset < size; offset += partSize) {
        String range = "bytes=" + offset + "-" + (Math.min(offset + partSize, size) - 1);
        int number = parts.size() + 1;
        CopyPartResult copied =
            client
                .uploadPartCopy(
                    request ->
                        request
                            .sourceBucket(settings.bucket())
                            .sourceKey(from)
                            .copySourceIfMatch(etag)
                            .copySourceRange(range)
                            .destinationBucket(settings.bucket())
                            .destinationKey(to)
                            .uploadId(upload)
                            .partNumber(number)
                            .overrideConfiguration(config -> config.apiCallTimeout(FINISHING)))
                .copyPartResult();
        parts.add(CompletedPart.builder().partNumber(number).eTag(copied.eTag()).build());
      }
      complete(to, upload, parts, size, false);
      ended = true;
    } finally {
      if (!ended) {
        abort(to, upload);
      }
    }
  }

  /** Starts a multipart upload, and returns its id. */
  String begin(String name, String writer) {
    return client
        .createMultipartUpload(
            request ->
                request
                    .bucket(settings.bucket())
                    .key(name)
                    .contentType(CONTENT_TYPE)
                    .metadata(Map.of(WRITER, writer))
                    .serverSideEncryption(encryption)
                    .ssekmsKeyId(kmsKey)
                    .storageClass(storageClass))
        .uploadId();
  }

  CompletedPart send(String name, String upload, int number, BlobPart part) {
    String etag =
        client
            .uploadPart(
                request ->
                    request
                        .bucket(settings.bucket())
                        .key(name)
                        .uploadId(upload)
                        .partNumber(number)
                        .contentMD5(base64(part.md5()))
                        .overrideConfiguration(timeout(part)),
                body(part))
            .eTag();
    return CompletedPart.builder().partNumber(number).eTag(etag).build();
  }

  /**
   * Completes a multipart upload with the given parts and size.
   *
   * @param absent whether the object must not exist, as with {@link #putIfAbsent}
   */
  void complete(String name, String upload, List<CompletedPart> parts, long size, boolean absent) {
    client.completeMultipartUpload(
        request -> {
          request
              .bucket(settings.bucket())
              .key(name)
              .uploadId(upload)
              .multipartUpload(all -> all.parts(parts))
              .overrideConfiguration(config -> config.apiCallTimeout(FINISHING));
          if (absent) {
            request.ifNoneMatch("*");
          }
          // Stores other than AWS may refuse an unknown header.
          if (settings.endpoint().isBlank()) {
            request.mpuObjectSize(size);
          }
        });
  }

  /**
   * Deletes the parts of an upload. Best effort: otherwise a later sweep of the registry does it.
   */
  void abort(String name, String upload) {
    try {
      client.abortMultipartUpload(
          request -> request.bucket(settings.bucket()).key(name).uploadId(upload));
    } catch (S3Exception e) {
      if (!S3Failures.isFinishedUpload(e)) {
        warn(name, e);
      }
    } catch (SdkException e) {
      warn(name, e);
    }
  }

  private static void warn(String name, SdkException e) {
    log.warn("Could not remove the parts of an unfinished upload of {}: {}", name, e.toString());
  }

  private PutObjectRequest.Builder object(String name, BlobPart whole) {
    return PutObjectRequest.builder()
        .contentMD5(base64(whole.md5()))
        .overrideConfiguration(timeout(whole))
        .bucket(settings.bucket())
        .key(name)
        .contentType(CONTENT_TYPE)
        .serverSideEncryption(encryption)
        .ssekmsKeyId(kmsKey)
        .storageClass(storageClass);
  }

  private static RequestBody body(BlobPart part) {
    return RequestBody.fromContentProvider(part::open, part.size(), CONTENT_TYPE);
  }

  // Uploading a part takes time that the call timeout for requests without a body does not include.
  private AwsRequestOverrideConfiguration timeout(BlobPart part) {
    Duration sending = Duration.ofSeconds(part.size() / MIB * settings.attempts());
    return AwsRequestOverrideConfiguration.builder()
        .apiCallTimeout(settings.callTimeout().plus(sending))
        .build();
  }

  private static String base64(byte[] digest) {
    return Base64.getEncoder().encodeToString(digest);
  }
}
