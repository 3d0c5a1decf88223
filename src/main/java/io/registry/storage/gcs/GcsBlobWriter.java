package io.registry.storage.gcs;

import io.registry.storage.BlobKey;
import io.registry.storage.Part;
import io.registry.storage.PartSizes;
import io.registry.storage.PartedBlobWriter;
import io.registry.storage.StorageException;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A blob on its way to the bucket: in one request, or by a resumable upload. */
final class GcsBlobWriter extends PartedBlobWriter {
  private final BlobKey key;
  private final String name;
  private final GcsUploads uploads;
  private @Nullable ResumableUpload upload;

  GcsBlobWriter(BlobKey key, String name, PartSizes sizes, GcsUploads uploads) {
    super(key, sizes, Path.of(System.getProperty("java.io.tmpdir")));
    this.key = key;
    this.name = name;
    this.uploads = uploads;
  }

  @Override
  protected void sendWhole(Part whole) {
    try {
      uploads.write(name, whole);
    } catch (IOException e) {
      throw GcsFailures.of("write", key, e);
    }
  }

  @Override
  protected void sendPart(int number, long offset, Part part) {
    try {
      started().send(offset, part);
    } catch (IOException e) {
      throw GcsFailures.of("write", key, e);
    }
  }

  @Override
  protected void sendLastPart(int number, long offset, Part part) {
    try {
      started().finish(offset, part);
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
      current = uploads.start(name);
      upload = current;
    }
    return current;
  }
}
