package io.registry.storage.s3;

import io.registry.storage.Backoff;
import java.util.function.Predicate;
import java.util.function.Supplier;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Retries failures that the client library considers permanent although they are not. */
final class S3Attempts {
  private static final int MOST = 6;
  private static final Backoff BACKOFF = new Backoff(50);

  private S3Attempts() {}

  /** Retries while another writer is writing the same object. */
  static void whileContended(Runnable call) {
    run(
        () -> {
          call.run();
          return true;
        },
        e -> ConditionalWrites.isContended(e) || S3Failures.isDamage(e));
  }

  /** Retries while the bytes are damaged in transfer. */
  static <T> T whileDamaged(Supplier<T> call) {
    return run(call, S3Failures::isDamage);
  }

  private static <T> T run(Supplier<T> call, Predicate<S3Exception> passing) {
    for (int attempt = 1; ; attempt++) {
      try {
        return call.get();
      } catch (S3Exception e) {
        if (attempt == MOST || !passing.test(e)) {
          throw e;
        }
        pause(attempt);
      }
    }
  }

  private static void pause(int attempt) {
    try {
      Thread.sleep(BACKOFF.millis(attempt));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw AbortedException.builder().message("interrupted while waiting for S3").cause(e).build();
    }
  }
}
