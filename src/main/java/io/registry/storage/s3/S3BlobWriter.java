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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/** An object on its way into the bucket; in several parts, a multipart upload. */
final class S3BlobWriter extends PartedBlobWriter {
  private static final Logger log = LoggerFactory.getLogger(S3BlobWriter.class);

  private final S3Uploads uploads;
  private final S3Failures failures;
  private final BlobKey key;
  private final String name;
  private final List<CompletedPart> parts = new ArrayList<>();
  private @Nullable String upload;

  S3BlobWriter(
      S3Uploads uploads,
      S3Failures failures,
      BlobKey key,
      String name,
      PartSizes sizes,
      Path folder) {
    super(key, sizes, folder);
    this.uploads = uploads;
    this.failures = failures;
    this.key = key;
    this.name = name;
  }

  @Override
  protected void sendWhole(Part whole) {
    try {
      uploads.put(name, whole);
    } catch (SdkException e) {
      throw failures.failure("write", key, e);
    }
  }

  @Override
  protected void sendPart(int number, long offset, Part part) {
    try {
      send(number, part);
    } catch (SdkException e) {
      throw failures.failure("write", key, e);
    }
  }

  @Override
  protected void sendLastPart(int number, long offset, Part part) {
    try {
      String current = send(number, part);
      uploads.complete(name, current, parts, offset + part.size());
    } catch (SdkException e) {
      throw failures.failure("write", key, e);
    }
  }

  private String send(int number, Part part) {
    String current = upload;
    if (current == null) {
      current = uploads.begin(name);
      upload = current;
    }
    parts.add(uploads.send(name, current, number, part));
    return current;
  }

  @Override
  protected void discard() {
    if (upload == null) {
      return;
    }
    try {
      uploads.abort(name, upload);
    } catch (SdkException e) {
      // Not worth failing a request for: a later start of the registry removes it.
      log.warn("Could not remove the parts of an unfinished upload of {}: {}", key, e.toString());
    }
  }

  @Override
  protected StorageException localFailure(BlobKey key, IOException cause) {
    return new StorageException(Reason.BROKEN, S3Failures.DRIVER, "buffer", key, cause);
  }
}
