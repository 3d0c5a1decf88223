package io.registry.storage.gcs;

import io.registry.storage.BlobKey;
import io.registry.storage.BlobPart;
import io.registry.storage.PartSizes;
import io.registry.storage.PartedBlobWriter;
import io.registry.storage.StorageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Writes a blob to the bucket: in one request, or by a resumable upload. */
final class GcsBlobWriter extends PartedBlobWriter {
  private final BlobKey key;
  private final String name;
  private final GcsUploads uploads;
  private final boolean ifAbsent;
  private final String writer = UUID.randomUUID().toString();
  private @Nullable ResumableUpload upload;
  private boolean isThere;

  /**
   * Creates a writer.
   *
   * @param ifAbsent whether the blob must not exist
   */
  GcsBlobWriter(BlobKey key, String name, PartSizes sizes, GcsUploads uploads, boolean ifAbsent) {
    super(key, sizes, Path.of(System.getProperty("java.io.tmpdir")));
    this.key = key;
    this.name = name;
    this.uploads = uploads;
    this.ifAbsent = ifAbsent;
  }

  @Override
  protected boolean sendWhole(BlobPart whole) {
    try {
      if (ifAbsent) {
        return uploads.writeIfAbsent(name, whole, writer);
      }
      uploads.write(name, whole);
      return true;
    } catch (IOException e) {
      throw GcsFailures.of("write", key, e);
    }
  }

  // The service may refuse at the beginning that the object exists. Then the rest of the bytes is
  // useless, but the caller keeps writing until the commit.
  @Override
  protected void sendPart(int number, long offset, BlobPart part) {
    if (isThere) {
      return;
    }
    try {
      started().send(offset, part);
    } catch (IOException e) {
      if (!ifAbsent || !GcsFailures.isPreconditionFailed(e)) {
        throw GcsFailures.of("write", key, e);
      }
      isThere = true;
    }
  }

  @Override
  protected boolean sendLastPart(int number, long offset, BlobPart part) {
    if (isThere) {
      return false;
    }
    try {
      started().finish(offset, part);
      return true;
    } catch (IOException e) {
      if (!ifAbsent || !GcsFailures.isPreconditionFailed(e)) {
        throw GcsFailures.of("write", key, e);
      }
      return isOwn();
    }
  }

  // The refusal may be due to an earlier attempt of the last request, whose response was lost.
  private boolean isOwn() {
    try {
      return uploads.isBy(name, writer);
    } catch (IOException e) {
      throw GcsFailures.of("write", key, e);
    }
  }

  @Override
  protected void discard() {
    if (upload != null) {
      upload.cancel();
    }
  }

  @Override
  protected StorageException localFailure(BlobKey failed, IOException cause) {
    return GcsFailures.local(failed, cause);
  }

  private ResumableUpload started() throws IOException {
    ResumableUpload current = upload;
    if (current == null) {
      current = ifAbsent ? uploads.startIfAbsent(name, writer) : uploads.start(name);
      upload = current;
    }
    return current;
  }
}
