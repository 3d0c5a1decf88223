package io.registry.storage.s3;

import io.registry.storage.BlobPart;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Determines whether the store supports writes with the condition {@code If-None-Match: *}. AWS
 * does. Of the compatible stores some do, some refuse the header, some ignore it, and some support
 * it only for objects that are sent in one request, so they are tested once.
 */
final class ConditionalWrites {
  private static final Logger log = LoggerFactory.getLogger(ConditionalWrites.class);

  private final S3Uploads uploads;
  private final Path folder;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile @Nullable Kept kept;

  /** The writes for which the store supports the condition. */
  enum Kept {
    FOR_ALL,
    /** An object that is sent in parts replaces one that another writer has written meanwhile. */
    FOR_WHOLE_OBJECTS,
    FOR_NONE
  }

  /**
   * Creates the test, which has not run yet.
   *
   * @param uploads writes the test object
   * @param isAws whether the store is AWS itself
   * @param folder for a temporary file
   */
  ConditionalWrites(S3Uploads uploads, boolean isAws, Path folder) {
    this.uploads = uploads;
    this.folder = folder;
    this.kept = isAws ? Kept.FOR_ALL : null;
  }

  /** Whether the status means that the object exists. */
  static boolean isThere(S3Exception refusal) {
    return refusal.statusCode() == 412;
  }

  /** Whether another writer of the object is active at this moment. */
  static boolean isContended(S3Exception refusal) {
    return refusal.statusCode() == 409;
  }

  /**
   * Returns the result; runs the test at the first call.
   *
   * @param prefix prefix of the test object's name; the caller deletes what is below it
   * @param remover deletes the test object
   * @throws SdkException when the store cannot be reached
   */
  Kept kept(String prefix, Remover remover) {
    Kept known = kept;
    if (known != null) {
      return known;
    }
    lock.lock();
    try {
      known = kept;
      if (known == null) {
        known = tryOut(prefix + "_conditional_" + UUID.randomUUID(), remover);
        kept = known;
      }
      return known;
    } finally {
      lock.unlock();
    }
  }

  /** Deletes an object. */
  interface Remover {
    void remove(String name);
  }

  private Kept tryOut(String name, Remover remover) {
    try {
      if (!isRefused(() -> putTwice(name))) {
        log.warn(
            "The store does not support If-None-Match: run only one registry that writes to it");
        return Kept.FOR_NONE;
      }
      if (!isRefused(() -> sendInParts(name))) {
        log.warn(
            "The store does not support If-None-Match for uploads in parts: an object that"
                + " exists before an upload ends is not replaced, but of two uploads that end at"
                + " the same instant the later one stays");
        return Kept.FOR_WHOLE_OBJECTS;
      }
      return Kept.FOR_ALL;
    } finally {
      remover.remove(name);
    }
  }

  private static boolean isRefused(Runnable write) {
    try {
      write.run();
      return false;
    } catch (S3Exception e) {
      if (isThere(e) || isContended(e)) {
        return true;
      }
      if (e.statusCode() == 501 || e.statusCode() == 400) {
        return false;
      }
      throw e;
    }
  }

  private void putTwice(String name) {
    uploads.putIfAbsent(name, BlobPart.empty(), "first");
    uploads.putIfAbsent(name, BlobPart.empty(), "second");
  }

  // With one byte, because not every store accepts an empty part.
  private void sendInParts(String name) {
    String upload = uploads.begin(name, "third");
    boolean ended = false;
    try (BlobPart part = new BlobPart(folder)) {
      part.write(new byte[1], 0, 1);
      CompletedPart sent = uploads.send(name, upload, 1, part);
      uploads.complete(name, upload, List.of(sent), part.size(), true);
      ended = true;
    } catch (IOException e) {
      throw SdkClientException.create("no temporary file could be written: " + e, e);
    } finally {
      if (!ended) {
        uploads.abort(name, upload);
      }
    }
  }
}
