package io.registry.storage;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A part of a blob that is read from a stream of a remote store. */
public final class StreamedBlob implements Blob {
  private static final Logger log = LoggerFactory.getLogger(StreamedBlob.class);

  private final BlobInfo info;
  private final long offset;
  private final long length;
  private final InputStream body;

  /**
   * Creates an open blob.
   *
   * @param info the metadata of the whole blob
   * @param range the part that was requested
   * @param body the bytes of that part; closed with the blob
   */
  public StreamedBlob(BlobInfo info, ByteRange range, InputStream body) {
    this.info = info;
    this.offset = range.offset(info.size());
    this.length = range.length(info.size());
    this.body = body;
  }

  @Override
  public long size() {
    return info.size();
  }

  @Override
  public long offset() {
    return offset;
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public String version() {
    return info.version();
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
      // All bytes have been read, or the reader has stopped: the failure does not matter.
      log.debug("A connection broke when it was closed: {}", e.toString());
    }
  }
}
