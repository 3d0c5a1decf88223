package io.registry.storage;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Measures the time that the store takes to deliver the bytes of a blob, without the pauses of the
 * reader.
 */
final class MeasuredBlob implements Blob {
  private final Blob blob;
  private final Supplier<MeasuredCall> transfers;
  private @Nullable MeasuredCall transfer;

  MeasuredBlob(Blob blob, Supplier<MeasuredCall> transfers) {
    this.blob = blob;
    this.transfers = transfers;
  }

  @Override
  public InputStream body() {
    MeasuredCall begun = transfers.get();
    transfer = begun;
    return new Body(blob.body(), begun);
  }

  @Override
  public long size() {
    return blob.size();
  }

  @Override
  public long offset() {
    return blob.offset();
  }

  @Override
  public long length() {
    return blob.length();
  }

  @Override
  public String version() {
    return blob.version();
  }

  @Override
  public Optional<Path> file() {
    return blob.file();
  }

  @Override
  public void close() {
    try {
      blob.close();
    } finally {
      if (transfer != null) {
        transfer.giveUp();
      }
    }
  }

  private static final class Body extends FilterInputStream {
    private final MeasuredCall call;

    Body(InputStream body, MeasuredCall call) {
      super(body);
      this.call = call;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      long start = System.nanoTime();
      try {
        int read = in.read(bytes, offset, length);
        call.add(start);
        if (read < 0) {
          call.end();
        }
        return read;
      } catch (IOException | RuntimeException e) {
        call.addFailure(start, e);
        call.end();
        throw e;
      }
    }

    @Override
    public void close() throws IOException {
      try {
        in.close();
      } finally {
        call.giveUp();
      }
    }
  }
}
