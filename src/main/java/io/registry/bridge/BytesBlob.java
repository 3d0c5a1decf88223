package io.registry.bridge;

import io.registry.content.manifest.Digest;
import io.registry.storage.Blob;
import io.registry.storage.ByteRange;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.commons.io.input.BoundedInputStream;
import org.jspecify.annotations.Nullable;

/** A part of bytes that are at hand, or are made while they are read. */
final class BytesBlob implements Blob {
  private final long size;
  private final long offset;
  private final long length;
  private final String version;
  private final InputStream body;
  private final @Nullable Blob source;

  private BytesBlob(
      long size, ByteRange range, Digest digest, InputStream body, @Nullable Blob source) {
    this.size = size;
    this.offset = range.offset(size);
    this.length = range.length(size);
    this.version = digest.hex();
    this.body = body;
    this.source = source;
  }

  /** Small bytes. */
  static Blob of(byte[] bytes, Digest digest, ByteRange range) {
    int offset = (int) range.offset(bytes.length);
    int length = (int) range.length(bytes.length);
    InputStream body = new ByteArrayInputStream(bytes, offset, length);
    return new BytesBlob(bytes.length, range, digest, body, null);
  }

  /**
   * Bytes that come out of a stream from the first on; those before the range are passed over.
   *
   * @param body all bytes
   * @param source closed with the blob
   */
  static Blob of(long size, Digest digest, ByteRange range, InputStream body, Blob source)
      throws IOException {
    body.skipNBytes(range.offset(size));
    return new BytesBlob(
        size,
        range,
        digest,
        BoundedInputStream.builder().setInputStream(body).setMaxCount(range.length(size)).get(),
        source);
  }

  @Override
  public long size() {
    return size;
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
    return version;
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
      throw new UncheckedIOException(e);
    } finally {
      if (source != null) {
        source.close();
      }
    }
  }
}
