package io.registry.storage.gcs;

import com.google.api.client.http.HttpRequest;
import com.google.api.client.http.HttpResponseException;
import io.registry.platform.problem.SetupException;
import io.registry.storage.ObjectNames;
import io.registry.storage.StorageException.Reason;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Checks at the start that the store can be used, by listing a single name. */
final class BucketCheck {
  static final Duration PROBE = Duration.ofSeconds(3);

  private static final Logger log = LoggerFactory.getLogger(BucketCheck.class);
  private static final Duration START = Duration.ofSeconds(5);
  private static final String BUCKET = "registry.storage.gcs.bucket";
  private static final String CREDENTIALS = "registry.storage.gcs.credentials-file";

  private final GcsClient client;
  private final ObjectNames names;

  BucketCheck(GcsClient client, ObjectNames names) {
    this.client = client;
    this.names = names;
  }

  /**
   * Throws when the store cannot work as configured. If it is only unavailable at the moment, the
   * registry starts all the same.
   */
  void atStart(GcsStorageProperties gcs) {
    try {
      run(START);
    } catch (IOException e) {
      Reason reason = GcsFailures.reason(e);
      if (reason == Reason.UNAVAILABLE || reason == Reason.FULL) {
        log.warn(
            "Google Cloud Storage does not answer for the bucket {}, starting all the same: {}",
            gcs.bucket(),
            text(e));
        return;
      }
      throw refusal(gcs, e);
    }
  }

  /**
   * Runs the check once.
   *
   * @param limit the timeout
   * @throws IOException when the store does not answer, or refuses
   */
  void run(Duration limit) throws IOException {
    FutureTask<Boolean> task = new FutureTask<>(() -> ask(limit));
    // Authentication takes time of its own, which only a separate thread can bound.
    Thread thread = new Thread(task, "gcs-check");
    thread.setDaemon(true);
    thread.start();
    try {
      task.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      throw new IOException("the check failed", e.getCause());
    } catch (TimeoutException e) {
      throw timeout(limit, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      InterruptedIOException interrupted = new InterruptedIOException("interrupted");
      interrupted.initCause(e);
      throw interrupted;
    } finally {
      task.cancel(true);
    }
  }

  private static SocketTimeoutException timeout(Duration limit, TimeoutException cause) {
    SocketTimeoutException timeout =
        new SocketTimeoutException("no answer within " + limit.toSeconds() + " s");
    timeout.initCause(cause);
    return timeout;
  }

  private Boolean ask(Duration limit) throws IOException {
    HttpRequest request =
        client.list(names.prefix()).setMaxResults(1L).setFields("items(name)").buildHttpRequest();
    // A little shorter, so that the request has ended when the caller continues.
    Duration timeout = limit.minusMillis(500);
    GcsClient.setTimeouts(request, timeout, timeout);
    request.execute().ignore();
    return true;
  }

  private static SetupException refusal(GcsStorageProperties gcs, IOException cause) {
    if (!(cause instanceof HttpResponseException answer)) {
      return new SetupException(
          CREDENTIALS
              + ": Google refuses the credentials with which the registry asks for the"
              + " bucket "
              + gcs.bucket()
              + ": "
              + text(cause),
          "Let it name a JSON key of a service account that exists and is not disabled, and set the"
              + " clock of this machine.",
          cause);
    }
    if (GcsFailures.isMissingBucket(cause)) {
      return new SetupException(
          BUCKET + ": there is no bucket " + gcs.bucket(),
          "Create it, or correct the name.",
          cause);
    }
    String problem = BUCKET + ": the bucket " + gcs.bucket() + " cannot be used: " + text(answer);
    return new SetupException(
        problem,
        GcsFailures.reason(cause) == Reason.DENIED
            ? "Grant the service account the role Storage Object User (roles/storage.objectUser) on"
                + " the bucket, or set "
                + CREDENTIALS
                + " to the key of one that has it."
            : "Correct the name, or registry.storage.gcs.endpoint.",
        cause);
  }

  private static String text(IOException failure) {
    return failure instanceof HttpResponseException answer
        ? answer.getStatusCode() + " " + GcsFailures.message(answer)
        : failure.toString();
  }
}
