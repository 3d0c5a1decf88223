package io.registry.storage.s3;

import io.registry.storage.BlobKey;
import io.registry.storage.Part;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** An object on its way into the bucket; in several parts, a multipart upload. */
final class S3BlobWriter extends PartedBlobWriter {
  private static final Logger log = LoggerFactory.getLogger(S3BlobWriter.class);

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
    /** Only when there is none. */
    IF_ABSENT
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
  protected boolean sendWhole(Part whole) {
    return publish(
        () -> {
          if (publication == Publication.IF_ABSENT) {
            uploads.putIfAbsent(name, whole, writer);
          } else {
            uploads.put(name, whole);
          }
        });
  }

  @Override
  protected void sendPart(int number, long offset, Part part) {
    try {
      String unused = send(number, part);
    } catch (SdkException e) {
      throw failures.failure("write", key, e);
    }
  }

  @Override
  protected boolean sendLastPart(int number, long offset, Part part) {
    String current;
    try {
      current = send(number, part);
    } catch (SdkException e) {
      throw failures.failure("write", key, e);
    }
    return publish(
        () ->
            uploads.complete(
                name, current, parts, offset + part.size(), publication == Publication.IF_ABSENT));
  }

  // A refusal may be about an earlier attempt of the same call, of which the answer got lost.
  private boolean publish(Runnable call) {
    try {
      Attempts.whileContended(call);
      return true;
    } catch (S3Exception e) {
      boolean isThere = publication == Publication.IF_ABSENT && ConditionalWrites.isThere(e);
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

  private String send(int number, Part part) {
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
    if (upload == null) {
      return;
    }
    try {
      uploads.abort(name, upload);
    } catch (S3Exception e) {
      if (!S3Failures.isFinishedUpload(e)) {
        warn(e);
      }
    } catch (SdkException e) {
      warn(e);
    }
  }

  // Not worth failing a request for: a later start of the registry removes it.
  private void warn(SdkException e) {
    log.warn("Could not remove the parts of an unfinished upload of {}: {}", key, e.toString());
  }

  @Override
  protected StorageException localFailure(BlobKey failed, IOException cause) {
    return new StorageException(Reason.BROKEN, S3Failures.DRIVER, "buffer", failed, cause);
  }
}
