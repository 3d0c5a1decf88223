package io.registry.storage.s3;

import io.registry.platform.problem.SetupException;
import io.registry.storage.BlobKey;
import io.registry.storage.StorageException;
import io.registry.storage.StorageException.Reason;
import java.io.IOException;
import java.util.Set;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.S3Error;

/** Translates errors of S3 and its client to {@link StorageException}; only this class does. */
final class S3Failures {
  static final String DRIVER = "s3";

  private static final int NOT_FOUND = 404;
  private static final String NO_BUCKET = "NoSuchBucket";
  private static final String NO_KEY = "NoSuchKey";
  private static final Set<String> DAMAGE =
      Set.of("BadDigest", "XAmzContentSHA256Mismatch", "IncompleteBody");

  /** The codes with which a store says that something other than the object is missing. */
  private static final Set<String> DOCUMENTED = Set.of(NO_BUCKET, "NoSuchUpload");

  private static final String CLOCK = "RequestTimeTooSkewed";
  private static final Set<String> WRONG_KEY =
      Set.of("InvalidAccessKeyId", "InvalidToken", "ExpiredToken", "TokenRefreshRequired");
  private static final Set<String> WRONG_REGION =
      Set.of(
          "PermanentRedirect",
          "TemporaryRedirect",
          "AuthorizationHeaderMalformed",
          "IllegalLocationConstraintException");
  private static final Set<String> FULL =
      Set.of("QuotaExceeded", "XMinioStorageFull", "InsufficientCapacity", "NoSpaceLeft");
  private static final Set<String> BUSY =
      Set.of(
          "SlowDown",
          "RequestTimeout",
          "Throttling",
          "ThrottlingException",
          "RequestLimitExceeded");

  private final String bucket;
  private final String target;

  /**
   * Creates the translation for a bucket.
   *
   * @param bucket its name
   * @param target its name, prefix and endpoint, for messages
   */
  S3Failures(String bucket, String target) {
    this.bucket = bucket;
    this.target = target;
  }

  /** The failure of a request. */
  StorageException failure(String operation, BlobKey key, Throwable cause) {
    return new StorageException(reason(cause), DRIVER, operation, key, cause);
  }

  /** The failure to delete one of many objects. */
  StorageException failure(S3Error error) {
    return new StorageException(
        reason(0, String.valueOf(error.code())),
        DRIVER,
        "delete",
        BlobKey.of("images"),
        new IOException(error.key() + ": " + error.code() + " " + error.message()));
  }

  /**
   * Whether the failure means that the object does not exist. A proxy in between may answer 404,
   * too, without knowing of objects: a response with a body must name the error code, one without
   * (to HEAD) must contain a request id, as nearly all stores send it.
   */
  static boolean isAbsence(AwsServiceException failure) {
    if (!isNotFound(failure)) {
      return false;
    }
    return isWithoutBody(failure) ? failure.requestId() != null : code(failure).equals(NO_KEY);
  }

  /** Whether the response is a 404, from the store or from a proxy in between. */
  static boolean isNotFound(AwsServiceException failure) {
    return failure.statusCode() == NOT_FOUND;
  }

  /**
   * Whether the response is a 404 that does not say what is missing: its document was cut, or is
   * not one of a store.
   */
  static boolean isUnclear(AwsServiceException failure) {
    return isNotFound(failure) && !isAbsence(failure) && !DOCUMENTED.contains(code(failure));
  }

  // The client makes up a code and a message where the store sends none.
  private static boolean isWithoutBody(AwsServiceException failure) {
    AwsErrorDetails details = failure.awsErrorDetails();
    return details == null
        || details.rawResponse() == null
        || details.rawResponse().asByteArrayUnsafe().length == 0;
  }

  /** Whether a multipart upload has ended: completed, perhaps by an earlier attempt, or aborted. */
  static boolean isFinishedUpload(AwsServiceException failure) {
    return failure.statusCode() == NOT_FOUND && code(failure).equals("NoSuchUpload");
  }

  /** Whether the store has received other bytes than were sent. */
  static boolean isDamage(AwsServiceException failure) {
    return DAMAGE.contains(code(failure));
  }

  /** The reason of a failure. */
  static Reason reason(Throwable failure) {
    if (failure instanceof AwsServiceException service) {
      return reason(service.statusCode(), code(service));
    }
    if (failure instanceof ApiCallTimeoutException
        || failure instanceof ApiCallAttemptTimeoutException
        || failure instanceof IOException) {
      return Reason.UNAVAILABLE;
    }
    if (lacksCredentials(failure)) {
      return Reason.DENIED;
    }
    return failure instanceof SdkException ? Reason.UNAVAILABLE : Reason.BROKEN;
  }

  private static Reason reason(int status, String code) {
    if (FULL.contains(code) || status == 507) {
      return Reason.FULL;
    }
    if (status == 401
        || status == 403
        || status == 301
        || status == 307
        || code.equals(NO_BUCKET)
        || code.equals("AccessDenied")
        || WRONG_KEY.contains(code)
        || WRONG_REGION.contains(code)) {
      return Reason.DENIED;
    }
    boolean unsupported = status == 501;
    if ((status >= 500 && !unsupported) || status == 429 || status == 408 || BUSY.contains(code)) {
      return Reason.UNAVAILABLE;
    }
    return Reason.BROKEN;
  }

  /**
   * What an operator has to change so that the store can be used.
   *
   * @param failure the failure of the first request, other than an unavailable store
   * @return names the property, the bucket and the remedy
   */
  SetupException setup(SdkException failure) {
    String code = failure instanceof AwsServiceException service ? code(service) : "";
    int status = failure instanceof AwsServiceException service ? service.statusCode() : 0;
    if (lacksCredentials(failure)) {
      return setup(
          failure,
          "access-key",
          "no credentials were found for",
          "Set registry.storage.s3.access-key and registry.storage.s3.secret-key, or provide"
              + " credentials in one of the ways that the AWS tools know");
    }
    if (code.equals(NO_BUCKET) || status == 404) {
      return setup(
          failure,
          "bucket",
          "there is no bucket " + bucket + " at",
          "Create the bucket, or correct registry.storage.s3.bucket,"
              + " registry.storage.s3.endpoint or registry.storage.s3.path-style");
    }
    if (code.equals("SignatureDoesNotMatch")) {
      return setup(
          failure,
          "secret-key",
          "the secret key is not the one of the access key, says",
          "Correct registry.storage.s3.secret-key or registry.storage.s3.access-key");
    }
    if (code.equals(CLOCK)) {
      return setup(
          failure,
          "endpoint",
          "the clock of this machine is too far from that of",
          "Set the clock of this machine, best by NTP");
    }
    if (WRONG_KEY.contains(code)) {
      return setup(
          failure,
          "access-key",
          "the access key or its session token is not known or has expired at",
          "Correct registry.storage.s3.access-key and registry.storage.s3.session-token");
    }
    if (WRONG_REGION.contains(code) || status == 301) {
      return setup(
          failure,
          "region",
          "another region has to be asked for",
          "Set registry.storage.s3.region to the region of the bucket");
    }
    if (status == 403) {
      return setup(
          failure,
          "bucket",
          "these credentials may not list",
          "Allow s3:ListBucket and s3:ListBucketMultipartUploads on bucket "
              + bucket
              + ", and s3:GetObject, s3:PutObject, s3:DeleteObject and s3:AbortMultipartUpload on"
              + " its objects");
    }
    return setup(
        failure,
        "bucket",
        "the store refused to list",
        "See what the store says, and correct the settings below registry.storage.s3");
  }

  private SetupException setup(
      SdkException failure, String property, String problem, String remedy) {
    return new SetupException(
        "registry.storage.s3."
            + property
            + ": "
            + problem
            + " "
            + target
            + ". The store says: "
            + failure.getMessage(),
        remedy,
        failure);
  }

  static String code(AwsServiceException failure) {
    AwsErrorDetails details = failure.awsErrorDetails();
    String code = details == null ? null : details.errorCode();
    return code == null ? "" : code;
  }

  // The client has no exception class for this.
  private static boolean lacksCredentials(Throwable failure) {
    return !(failure instanceof AwsServiceException)
        && String.valueOf(failure.getMessage()).contains("credentials from any of the providers");
  }
}
