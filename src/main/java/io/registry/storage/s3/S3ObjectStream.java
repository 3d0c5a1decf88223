package io.registry.storage.s3;

import java.io.FilterInputStream;
import java.io.IOException;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/**
 * The bytes of an object. At the end the connection is reused; when the stream is closed before,
 * the connection is closed, instead of reading the rest of a layer for nothing.
 */
final class S3ObjectStream extends FilterInputStream {
  private final ResponseInputStream<GetObjectResponse> response;
  private long left;

  S3ObjectStream(ResponseInputStream<GetObjectResponse> response, long length) {
    super(response);
    this.response = response;
    this.left = length;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    try {
      int count = super.read(bytes, offset, length);
      left -= Math.max(count, 0);
      return count;
    } catch (SdkException e) {
      throw new IOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    if (left > 0) {
      response.abort();
    } else {
      super.close();
    }
  }
}
