package io.registry.storage.gcs;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.apache.http.HttpConnection;
import org.apache.http.HttpEntity;
import org.apache.http.HttpResponse;
import org.apache.http.HttpResponseInterceptor;
import org.apache.http.entity.HttpEntityWrapper;
import org.apache.http.protocol.HttpContext;
import org.apache.http.protocol.HttpCoreContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes the connection when a response with much unread data is closed. The HTTP client would read
 * all of it in order to reuse the connection.
 */
final class CutOnClose implements HttpResponseInterceptor {
  private static final Logger log = LoggerFactory.getLogger(CutOnClose.class);

  /** The number of bytes that take less time to read than opening a new connection. */
  private static final int WORTH_READING = 64 * 1024;

  @Override
  public void process(HttpResponse response, HttpContext context) {
    HttpEntity entity = response.getEntity();
    HttpConnection connection = HttpCoreContext.adapt(context).getConnection();
    if (entity != null && connection != null) {
      response.setEntity(new Entity(entity, connection));
    }
  }

  private static final class Entity extends HttpEntityWrapper {
    private final HttpConnection connection;
    private @Nullable InputStream content;

    Entity(HttpEntity entity, HttpConnection connection) {
      super(entity);
      this.connection = connection;
    }

    @Override
    public InputStream getContent() throws IOException {
      InputStream current = content;
      if (current == null) {
        current = new Content(super.getContent(), getContentLength(), connection);
        content = current;
      }
      return current;
    }
  }

  private static final class Content extends FilterInputStream {
    private final long length;
    private final HttpConnection connection;
    private long count;
    private boolean ended;
    private boolean closed;

    /** The bytes of a response; the length is negative when the service does not tell it. */
    Content(InputStream in, long length, HttpConnection connection) {
      super(in);
      this.length = length;
      this.connection = connection;
    }

    @Override
    public int read() throws IOException {
      int next = super.read();
      add(next < 0 ? -1 : 1);
      return next;
    }

    @Override
    public int read(byte[] bytes, int offset, int wanted) throws IOException {
      int read = super.read(bytes, offset, wanted);
      add(read);
      return read;
    }

    private void add(int read) {
      if (read < 0) {
        ended = true;
      } else {
        count += read;
      }
    }

    @Override
    public void close() throws IOException {
      if (closed) {
        return;
      }
      closed = true;
      if (!isMuchLeft()) {
        super.close();
        return;
      }
      connection.shutdown();
      try {
        // Returns the connection to the pool, which discards it.
        super.close();
      } catch (IOException e) {
        log.trace("A connection was cut", e);
      }
    }

    private boolean isMuchLeft() throws IOException {
      if (ended || length >= 0) {
        return !ended && length - count > WORTH_READING;
      }
      readNBytes(WORTH_READING);
      return !ended && read() >= 0;
    }
  }
}
