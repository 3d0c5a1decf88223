package io.registry.storage.gcs;

import io.registry.storage.BlobKey;
import io.registry.storage.ResumingInputStream;
import io.registry.storage.StorageException;
import java.io.IOException;
import java.io.InputStream;

/**
 * Resumes an interrupted download of one generation of an object.
 *
 * @param client sends the requests
 * @param key the blob
 * @param name the name of the object
 * @param download the interrupted download
 */
record Remainder(GcsClient client, BlobKey key, String name, Download download)
    implements ResumingInputStream.Source {

  @Override
  public InputStream openFrom(long position) throws IOException {
    long first = download.offset() + position;
    long last = download.offset() + download.length() - 1;
    try {
      return Download.resume(client, name, download.version(), first, last);
    } catch (IOException e) {
      if (GcsFailures.isTransient(e)) {
        throw e;
      }
      throw failure(e);
    }
  }

  @Override
  public StorageException failure(IOException cause) {
    return GcsFailures.of("read", key, cause);
  }
}
