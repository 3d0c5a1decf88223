package io.registry.storage.s3;

import io.registry.storage.BlobKey;
import io.registry.storage.BlobPart;
import io.registry.storage.PartSizes;
import io.registry.storage.PartedBlobWriter;
import io.registry.storage.StorageException;
import io.registry.storage.StorageException.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** An object on its way into the bucket; in several parts, a multipart upload. */
final class S3BlobWriter extends PartedBlobWriter {
  private final S3Uploads uploads;
  private final S3Failures failures;
  private final Publication publication;
  private final BlobKey key;
  private final String name;
  private final String writer = UUID.randomUUID().toString();
  private final List<CompletedPart> parts = new ArrayList<>();
  private @Nullable String upload;

  /** How an object gets its name. */
  enum Publication {
    /** In place of any that is there. */
    REPLACE,
    /** Only when there is none, which the store decides. */
    IF_ABSENT,
    /** The same, but for objects in parts as {@link #LOOK_AND_REPLACE}. */
    IF_ABSENT_LOOKING_FOR_PARTS,
    /** Only when none is found right before it, in place of one that came a moment ago. */
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
      String unused = send(number, part);
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

  // A refusal may be about an earlier attempt of the same call, of which the answer got lost.
  private boolean publish(Runnable call) {
    try {
      Attempts.whileContended(call);
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
    parts.add(Attempts.whileDamaged(() -> uploads.send(name, begun, number, part)));
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
    return new StorageException(Reason.BROKEN, S3Failures.DRIVER, "buffer", failed, cause);
  }
}
