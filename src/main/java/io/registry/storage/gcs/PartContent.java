package io.registry.storage.gcs;

import com.google.api.client.http.AbstractInputStreamContent;
import io.registry.storage.BlobPart;
import java.io.IOException;
import java.io.InputStream;

/** The body of a request with a part, from some byte on, that may have to be sent again. */
final class PartContent extends AbstractInputStreamContent {
  static final String TYPE = "application/octet-stream";

  private final BlobPart part;
  private final long skipped;

  PartContent(BlobPart part, long skipped) {
    super(TYPE);
    this.part = part;
    this.skipped = skipped;
  }

  @Override
  public InputStream getInputStream() throws IOException {
    InputStream bytes = part.open();
    bytes.skipNBytes(skipped);
    return bytes;
  }

  @Override
  public long getLength() {
    return part.size() - skipped;
  }

  @Override
  public boolean retrySupported() {
    return true;
  }
}
