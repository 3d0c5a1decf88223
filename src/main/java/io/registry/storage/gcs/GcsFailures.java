package io.registry.storage.gcs;

import com.google.api.client.googleapis.json.GoogleJsonError;
import com.google.api.client.http.HttpHeaders;
import com.google.api.client.http.HttpResponse;
import com.google.api.client.http.HttpResponseException;
import com.google.auth.Retryable;
import io.registry.storage.BlobKey;
import io.registry.storage.StorageException;
import io.registry.storage.StorageException.Reason;
import io.registry.storage.SystemErrors;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Translates the errors of the service and its client libraries. */
final class GcsFailures {
  static final String DRIVER = "gcs";

  private static final int BAD_REQUEST = 400;
  private static final int UNAUTHORIZED = 401;
  private static final int FORBIDDEN = 403;
  private static final int NOT_FOUND = 404;
  private static final int REQUEST_TIMEOUT = 408;
  private static final int PRECONDITION_FAILED = 412;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int SERVER_ERROR = 500;
  private static final int INSUFFICIENT_STORAGE = 507;

  /** The text of an error in the service's JSON document. */
  private static final Pattern MESSAGE = Pattern.compile("\"message\"\\s*:\\s*\"([^\"]{1,300})");

  /** The status in the service's JSON document, which only the service writes. */
  private static final Pattern NOT_FOUND_CODE = Pattern.compile("\"code\"\\s*:\\s*404\\b");

  private static final Pattern NO_BUCKET =
      Pattern.compile("specified bucket|\"bucket [^\"/]+ does not exist");

  private static final int MAX_TEXT = 300;

  private GcsFailures() {}

  /** The exception that the driver throws. */
  static StorageException of(String operation, BlobKey key, IOException cause) {
    return new StorageException(reason(cause), DRIVER, operation, key, shortened(cause));
  }

  /** The reason of a failure. */
  static Reason reason(IOException failure) {
    if (failure instanceof BrokenAnswerException) {
      return Reason.BROKEN;
    }
    Optional<Boolean> signIn = signInMayWorkLater(failure);
    if (signIn.isPresent()) {
      return signIn.get() ? Reason.UNAVAILABLE : Reason.DENIED;
    }
    if (failure instanceof HttpResponseException answer) {
      return reason(answer);
    }
    return SystemErrors.isFull(failure) ? Reason.FULL : Reason.UNAVAILABLE;
  }

  /** Whether the same request may succeed a moment later. */
  static boolean isTransient(IOException failure) {
    return reason(failure) == Reason.UNAVAILABLE;
  }

  /** The failure of a write to the local disk. */
  static StorageException local(BlobKey key, IOException cause) {
    Reason reason = SystemErrors.isFull(cause) ? Reason.FULL : Reason.BROKEN;
    return new StorageException(reason, DRIVER, "spool", key, cause);
  }

  /**
   * Whether the failure means that the blob does not exist. A missing bucket is a failure, and so
   * is a 404 from a proxy in between that knows nothing of objects.
   */
  static boolean isAbsence(IOException failure) {
    if (!(failure instanceof HttpResponseException answer)
        || answer.getStatusCode() != NOT_FOUND
        || isMissingBucket(answer)) {
      return false;
    }
    String text = text(answer);
    return text.contains("no such object")
        || text.contains("notfound")
        || NOT_FOUND_CODE.matcher(text).find();
  }

  /**
   * Whether the failure is a 404 that does not say what is missing: a download may be answered
   * without a JSON document.
   */
  static boolean isUnclear(IOException failure) {
    return failure instanceof HttpResponseException answer
        && answer.getStatusCode() == NOT_FOUND
        && !isAbsence(failure)
        && !isMissingBucket(failure);
  }

  static boolean isMissingBucket(IOException failure) {
    // Only the text distinguishes it from a missing object.
    return failure instanceof HttpResponseException answer
        && answer.getStatusCode() == NOT_FOUND
        && NO_BUCKET.matcher(text(answer)).find();
  }

  static boolean isPreconditionFailed(IOException failure) {
    return failure instanceof HttpResponseException answer
        && answer.getStatusCode() == PRECONDITION_FAILED;
  }

  /**
   * The error of a response, without the URL of the request, because the URL of an upload is a
   * secret.
   */
  static HttpResponseException answered(HttpResponse response) throws IOException {
    String content = response.parseAsString();
    return answered(response.getStatusCode(), content == null ? "" : content);
  }

  static HttpResponseException answered(int status, String content) {
    return new HttpResponseException.Builder(status, "", new HttpHeaders())
        .setContent(content)
        .setMessage("the service answered " + status)
        .build();
  }

  /** The error of a part of a batch, which the service answers in JSON only. */
  static HttpResponseException answered(GoogleJsonError error) {
    return answered(error.getCode(), "{\"code\": " + error.getCode() + "} " + error);
  }

  private static Reason reason(HttpResponseException answer) {
    int status = answer.getStatusCode();
    String text = text(answer);
    if (status == FORBIDDEN && text.contains("ratelimitexceeded")) {
      return Reason.UNAVAILABLE;
    }
    if (status == INSUFFICIENT_STORAGE || (status == FORBIDDEN && text.contains("quotaexceeded"))) {
      return Reason.FULL;
    }
    if (status == UNAUTHORIZED || status == FORBIDDEN || isMissingBucket(answer)) {
      return Reason.DENIED;
    }
    if (status == REQUEST_TIMEOUT || status == TOO_MANY_REQUESTS || status >= SERVER_ERROR) {
      return Reason.UNAVAILABLE;
    }
    return Reason.BROKEN;
  }

  // Errors of the token service are wrapped. Empty when the failure is not one of these.
  private static Optional<Boolean> signInMayWorkLater(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (String.valueOf(cause.getMessage()).contains("invalid_grant")) {
        return Optional.of(false);
      }
      if (cause instanceof Retryable retryable) {
        return Optional.of(retryable.isRetryable() || !isRefusal(cause));
      }
    }
    return Optional.empty();
  }

  private static boolean isRefusal(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof HttpResponseException answer) {
        return answer.getStatusCode() >= BAD_REQUEST && answer.getStatusCode() < SERVER_ERROR;
      }
    }
    return false;
  }

  private static String text(HttpResponseException answer) {
    return String.valueOf(answer.getContent()).toLowerCase(Locale.ROOT);
  }

  // The library's messages are documents of many lines.
  private static IOException shortened(IOException failure) {
    if (!(failure instanceof HttpResponseException answer)) {
      return failure;
    }
    return new IOException(
        "the service answered " + answer.getStatusCode() + ": " + message(answer), failure);
  }

  /** The service's error message in one line. */
  static String message(HttpResponseException answer) {
    String content = String.valueOf(answer.getContent());
    Matcher message = MESSAGE.matcher(content);
    String text = message.find() ? message.group(1) : content;
    return text.substring(0, Math.min(MAX_TEXT, text.length())).replaceAll("\\s+", " ").trim();
  }

  /** The service's response is not valid: a retry would not help. */
  static final class BrokenAnswerException extends IOException {
    private static final long serialVersionUID = 1L;

    BrokenAnswerException(String problem) {
      super(problem);
    }
  }
}
