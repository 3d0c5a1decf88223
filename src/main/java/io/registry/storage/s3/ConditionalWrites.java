package io.registry.storage.s3;

import io.registry.storage.Part;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Whether the store keeps the condition {@code If-None-Match: *} of a write. AWS does; of the
 * compatible stores some do, some refuse it, and some ignore it, so these are tried out once.
 */
final class ConditionalWrites {
  private static final Logger log = LoggerFactory.getLogger(ConditionalWrites.class);

  private final S3Uploads uploads;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile @Nullable Boolean kept;

  /**
   * A finding that is still to be made.
   *
   * @param uploads writes the object with which the store is tried out
   * @param isAws whether the store is AWS itself
   */
  ConditionalWrites(S3Uploads uploads, boolean isAws) {
    this.uploads = uploads;
    this.kept = isAws ? Boolean.TRUE : null;
  }

  /** Whether an object already exists, as a status that the store answers to such a write. */
  static boolean isThere(S3Exception refusal) {
    return refusal.statusCode() == 412;
  }

  /** Whether another writer of the object is at work at this very moment. */
  static boolean isContended(S3Exception refusal) {
    return refusal.statusCode() == 409;
  }

  /**
   * Tells it, and finds it out when asked for the first time.
   *
   * @param prefix of the name of the object with which it is tried out; removed by the caller
   * @param remover removes that object
   * @throws SdkException when the store could not be asked
   */
  boolean areKept(String prefix, Remover remover) {
    Boolean known = kept;
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

  /** Removes an object. */
  interface Remover {
    void remove(String name);
  }

  private boolean tryOut(String name, Remover remover) {
    boolean found = false;
    try {
      uploads.putIfAbsent(name, Part.empty(), "first");
      uploads.putIfAbsent(name, Part.empty(), "second");
    } catch (S3Exception e) {
      if (isThere(e) || isContended(e)) {
        found = true;
      } else if (e.statusCode() != 501 && e.statusCode() != 400) {
        throw e;
      }
    } finally {
      remover.remove(name);
    }
    if (!found) {
      log.warn("The store does not keep If-None-Match: let no more than one registry write to it");
    }
    return found;
  }
}
