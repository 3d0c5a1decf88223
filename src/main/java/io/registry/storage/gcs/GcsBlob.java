package io.registry.storage.gcs;

import io.registry.storage.Blob;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An object of which bytes are arriving. */
final class GcsBlob implements Blob {
  private static final Logger log = LoggerFactory.getLogger(GcsBlob.class);

  private final Download download;
  private final InputStream body;

  GcsBlob(Download download, InputStream body) {
    this.download = download;
    this.body = body;
  }

  @Override
  public long size() {
    return download.size();
  }

  @Override
  public long offset() {
    return download.offset();
  }

  @Override
  public long length() {
    return download.length();
  }

  @Override
  public String version() {
    return download.version();
  }

  @Override
  public InputStream body() {
    return body;
  }

  @Override
  public Optional<Path> file() {
    return Optional.empty();
  }

  @Override
  public void close() {
    try {
      body.close();
    } catch (IOException e) {
      // The bytes that were wanted have been read, or nobody wants them any more.
      log.debug("A connection broke when it was closed: {}", e.toString());
    }
  }
}
