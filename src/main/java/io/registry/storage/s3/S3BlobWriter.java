package io.registry.storage.s3;

import io.registry.storage.BlobKey;
import io.registry.storage.BlobPart;
import io.registry.storage.PartSizes;
import io.registry.storage.PartedBlobWriter;
import io.registry.storage.StorageException;
import io.registry.storage.StorageException.Reason;
import io.registry.storage.SystemErrors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Writes an object to the bucket; in several parts, by a multipart upload. */
final class S3BlobWriter extends PartedBlobWriter {
  private final S3Uploads uploads;
  private final S3Failures failures;
  private final Publication publication;
  private final BlobKey key;
  private final String name;
  private final String writer = UUID.randomUUID().toString();
  private final List<CompletedPart> parts = new ArrayList<>();
  private @Nullable String upload;

  /** How an existing object is treated. */
  enum Publication {
    /** Replaces any existing object. */
    REPLACE,
    /** Writes only if there is none; the store guarantees that. */
    IF_ABSENT,
    /** The same, but like {@link #LOOK_AND_REPLACE} for objects in parts. */
    IF_ABSENT_LOOKING_FOR_PARTS,
    /** Writes only if a check right before finds none; replaces one that was written between. */
    LOOK_AND_REPLACE
  }

  S3BlobWriter(
      S3Uploads uploads,
      S3Failures failures,
      Publication publication,
      BlobKey key,
      String name,
      PartSizes sizes,
      Path folder) {
    super(key, sizes, folder);
    this.uploads = uploads;
    this.failures = failures;
    this.publication = publication;
    this.key = key;
    this.name = name;
  }

  @Override
  protected boolean sendWhole(BlobPart whole) {
    return switch (publication) {
      case REPLACE -> publish(() -> uploads.put(name, whole));
      case IF_ABSENT, IF_ABSENT_LOOKING_FOR_PARTS ->
          publish(() -> uploads.putIfAbsent(name, whole, writer));
      case LOOK_AND_REPLACE -> isAbsent() && publish(() -> uploads.put(name, whole));
    };
  }

  @Override
  protected void sendPart(int number, long offset, BlobPart part) {
    try {
      send(number, part);
    } catch (SdkException e) {
      throw failures.failure("write", key, e);
    }
  }

  @Override
  protected boolean sendLastPart(int number, long offset, BlobPart part) {
    String current;
    try {
      current = send(number, part);
    } catch (SdkException e) {
      throw failures.failure("write", key, e);
    }
    long size = offset + part.size();
    return switch (publication) {
      case REPLACE -> publish(() -> uploads.complete(name, current, parts, size, false));
      case IF_ABSENT -> publish(() -> uploads.complete(name, current, parts, size, true));
      case IF_ABSENT_LOOKING_FOR_PARTS, LOOK_AND_REPLACE ->
          isAbsent() && publish(() -> uploads.complete(name, current, parts, size, false));
    };
  }

  private boolean isAbsent() {
    try {
      return uploads.find(name).isEmpty();
    } catch (SdkException e) {
      throw failures.failure("write", key, e);
    }
  }

  // The refusal may be due to an earlier attempt of the same request, whose response was lost.
  private boolean publish(Runnable call) {
    try {
      S3Attempts.whileContended(call);
      return true;
    } catch (S3Exception e) {
      boolean isThere = publication != Publication.REPLACE && ConditionalWrites.isThere(e);
      if (isThere || S3Failures.isFinishedUpload(e)) {
        boolean own = isOwn();
        if (own || isThere) {
          return own;
        }
      }
      throw failures.failure("write", key, e);
    } catch (SdkException e) {
      throw failures.failure("write", key, e);
    }
  }

  private boolean isOwn() {
    try {
      return uploads.isBy(name, writer);
    } catch (SdkException e) {
      throw failures.failure("write", key, e);
    }
  }

  private String send(int number, BlobPart part) {
    String current = upload;
    if (current == null) {
      current = uploads.begin(name, writer);
      upload = current;
    }
    String begun = current;
    parts.add(S3Attempts.whileDamaged(() -> uploads.send(name, begun, number, part)));
    return current;
  }

  @Override
  protected void discard() {
    if (upload != null) {
      uploads.abort(name, upload);
    }
  }

  @Override
  protected StorageException localFailure(BlobKey failed, IOException cause) {
    Reason reason = SystemErrors.isFull(cause) ? Reason.FULL : Reason.BROKEN;
    return new StorageException(reason, S3Failures.DRIVER, "buffer", failed, cause);
  }
}
