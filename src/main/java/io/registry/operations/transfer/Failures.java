package io.registry.operations.transfer;

import io.registry.content.archive.DamagedContentException;
import io.registry.operations.transfer.ReportLine.Result;
import io.registry.platform.problem.RegistryException;
import io.registry.storage.StorageException;
import io.registry.storage.StorageException.Reason;
import java.io.IOException;
import java.util.Set;

/** Tells failures of one image, after which the others go on, from failures of everything. */
final class Failures {
  /** With these, the store fails for all images. */
  private static final Set<Reason> FATAL =
      Set.of(Reason.FULL, Reason.DENIED, Reason.READ_ONLY, Reason.UNAVAILABLE);

  private Failures() {}

  /** The failure of one image. */
  record Failure(Result result, String text) {}

  /**
   * What a failure means for the image.
   *
   * @throws IOException when it concerns all images
   */
  static Failure of(Exception failure) throws IOException {
    String text = failure.getMessage() == null ? failure.toString() : failure.getMessage();
    if (failure instanceof RefusedException) {
      return new Failure(Result.REFUSED, text);
    }
    if (failure instanceof RegistryException refusal) {
      return switch (refusal.problem()) {
        case NOT_FOUND, INVALID -> new Failure(Result.REFUSED, text);
        case CONFLICT -> new Failure(Result.CONFLICT, text);
        default -> new Failure(Result.FAILED, text);
      };
    }
    if (failure instanceof StorageException storage && !FATAL.contains(storage.reason())) {
      return new Failure(Result.FAILED, text);
    }
    if (failure instanceof DamagedContentException) {
      return new Failure(Result.FAILED, text);
    }
    if (failure instanceof IOException io) {
      throw io;
    }
    throw (RuntimeException) failure;
  }
}
