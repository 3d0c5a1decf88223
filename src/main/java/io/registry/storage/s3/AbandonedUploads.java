package io.registry.storage.s3;

import io.registry.storage.ObjectNames;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.scheduling.TaskScheduler;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Deletes the parts of uploads that were never completed, because a process died in the middle or
 * because the original did not clean up (protocol 5.4). Listings do not contain them, but they are
 * billed. It looks for them at the start and then from time to time, because the answer to the
 * begin or to the end of an upload can be lost while this process runs.
 */
final class AbandonedUploads implements ApplicationListener<ApplicationReadyEvent> {
  private static final Logger log = LoggerFactory.getLogger(AbandonedUploads.class);

  private final S3Client client;
  private final S3StorageProperties settings;
  private final Clock clock;
  private final TaskScheduler scheduler;
  private final Duration every;

  /**
   * Creates the sweep.
   *
   * @param scheduler runs it
   * @param every the time between two sweeps
   */
  AbandonedUploads(
      S3Client client,
      S3StorageProperties settings,
      Clock clock,
      TaskScheduler scheduler,
      Duration every) {
    this.client = client;
    this.settings = settings;
    this.clock = clock;
    this.scheduler = scheduler;
    this.every = every;
  }

  @Override
  public void onApplicationEvent(ApplicationReadyEvent event) {
    if (!settings.abandonedAfter().isZero()) {
      var unused = scheduler.scheduleWithFixedDelay(this::remove, every);
    }
  }

  // A failure only leaves the costs, so the next sweep tries again.
  private void remove() {
    try {
      int removed = removeOlderThan(clock.instant().minus(settings.abandonedAfter()));
      if (removed > 0) {
        log.info("Removed the parts of {} uploads that were never finished", removed);
      }
    } catch (SdkException e) {
      log.warn("Could not look for uploads that were never finished: {}", e.toString());
    }
  }

  int removeOlderThan(Instant limit) {
    int removed = 0;
    for (MultipartUpload upload :
        client
            .listMultipartUploadsPaginator(
                request ->
                    request
                        .bucket(settings.bucket())
                        .prefix(new ObjectNames(settings.prefix()).prefix()))
            .uploads()) {
      if (upload.initiated().isBefore(limit) && abort(upload)) {
        removed++;
      }
    }
    return removed;
  }

  // Another registry may be deleting the same ones.
  private boolean abort(MultipartUpload upload) {
    try {
      client.abortMultipartUpload(
          request ->
              request.bucket(settings.bucket()).key(upload.key()).uploadId(upload.uploadId()));
      return true;
    } catch (S3Exception e) {
      if (S3Failures.isFinishedUpload(e)) {
        return false;
      }
      throw e;
    }
  }
}
