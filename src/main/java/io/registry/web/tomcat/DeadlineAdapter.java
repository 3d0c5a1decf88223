package io.registry.web.tomcat;

import io.registry.web.http.ReadDeadline;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.Consumer;
import org.apache.coyote.Adapter;
import org.apache.coyote.Request;
import org.apache.coyote.Response;
import org.apache.tomcat.util.net.ApplicationBufferHandler;
import org.apache.tomcat.util.net.SocketEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Wraps Tomcat's adapter to the servlets: lets a servlet set how long it waits for the bytes of a
 * body, and bounds how long the rest of an unread body is read; Tomcat would read it for as long as
 * the client keeps sending.
 */
final class DeadlineAdapter implements Adapter {
  /**
   * The longest time for reading the rest of a body, because it occupies a thread that no limit
   * counts.
   */
  private static final Duration MOST = Duration.ofSeconds(5);

  /** Of a request line that Tomcat cannot read, the status says so. */
  private static final int FIRST_ERROR = 400;

  private static final Logger log = LoggerFactory.getLogger(DeadlineAdapter.class);

  private final Adapter servlets;
  private final RegistryProcessor connection;
  private final Consumer<Duration> waiting;

  DeadlineAdapter(Adapter servlets, RegistryProcessor connection) {
    this.servlets = servlets;
    this.connection = connection;
    this.waiting = connection::waitAtMost;
  }

  @Override
  public void service(Request request, Response response) throws Exception {
    boolean isWithoutVersion = request.protocol().isNull() || request.protocol().equals("");
    if (isWithoutVersion && response.getStatus() < FIRST_ERROR) {
      // HTTP/0.9 has no status: the client could not tell an error from a layer.
      log.info("{}: a request without a version of HTTP: refused", request.remoteAddr());
      connection.hangUp(new IOException("HTTP/0.9"));
      return;
    }
    request.setAttribute(ReadDeadline.WAITING, waiting);
    servlets.service(request, response);
    if (!connection.isOver(request) && hasBody(request)) {
      discard(request);
    }
  }

  private static boolean hasBody(Request request) {
    return request.getContentLengthLong() > 0 || request.getHeader("Transfer-Encoding") != null;
  }

  private void discard(Request request) {
    Sink sink = new Sink();
    Duration set = connection.bodyTime();
    Duration most = set.compareTo(MOST) < 0 ? set : MOST;
    long began = System.nanoTime();
    long count = 0;
    try {
      int read = 0;
      while (read >= 0) {
        Duration left = most.minusNanos(System.nanoTime() - began);
        if (left.isNegative() || count > connection.maxSwallowed()) {
          throw new IOException("the rest of the body is too much");
        }
        connection.waitAtMost(left);
        read = request.doRead(sink);
        count += Math.max(read, 0);
      }
    } catch (IOException e) {
      connection.hangUp(e);
    }
  }

  /** Receives the bytes from Tomcat and ignores them. */
  private static final class Sink implements ApplicationBufferHandler {
    private ByteBuffer buffer = ByteBuffer.allocate(0);

    @Override
    public void setByteBuffer(ByteBuffer bytes) {
      buffer = bytes;
    }

    @Override
    public ByteBuffer getByteBuffer() {
      return buffer;
    }

    @Override
    public void expand(int size) {}
  }

  @Override
  public boolean prepare(Request request, Response response) throws Exception {
    return servlets.prepare(request, response);
  }

  @Override
  public boolean asyncDispatch(Request request, Response response, SocketEvent event)
      throws Exception {
    return servlets.asyncDispatch(request, response, event);
  }

  @Override
  public void log(Request request, Response response, long time) {
    servlets.log(request, response, time);
  }

  @Override
  public void checkRecycled(Request request, Response response) {
    servlets.checkRecycled(request, response);
  }

  @Override
  public String getDomain() {
    return servlets.getDomain();
  }
}
