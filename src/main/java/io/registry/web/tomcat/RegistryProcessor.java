package io.registry.web.tomcat;

import io.registry.web.http.LimitProperties;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.coyote.Adapter;
import org.apache.coyote.ErrorState;
import org.apache.coyote.Request;
import org.apache.coyote.http11.Http11Processor;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler.SocketState;
import org.apache.tomcat.util.net.SocketWrapperBase;

/**
 * Processes one connection like Tomcat, and enforces deadlines: Tomcat's own timeouts start again
 * with each byte, so that a client which sends a byte now and then could keep a connection for
 * ever.
 */
final class RegistryProcessor extends Http11Processor {
  private final RegistryProtocol protocol;
  private final Adapter deadlines;
  private final TimedReads reads;

  RegistryProcessor(RegistryProtocol protocol, Adapter adapter) {
    super(protocol, adapter);
    this.protocol = protocol;
    this.deadlines = new DeadlineAdapter(adapter, this);
    this.reads = new TimedReads(request.getInputBuffer(), this::getSocketWrapper);
    request.setInputBuffer(reads);
    PhrasedOutputBuffer.install(this, response, protocol.getMaxHttpResponseHeaderSize());
  }

  @Override
  public Adapter getAdapter() {
    return deadlines;
  }

  @Override
  public SocketState service(SocketWrapperBase<?> connection) throws IOException {
    SocketState state;
    protocol.begin(this);
    try {
      state = super.service(connection);
    } finally {
      protocol.end(this);
    }
    if (getErrorState().isError() || isAsync()) {
      return state;
    }
    // When the server stops, closing the connection now would cut a file that is being sent.
    if (state == SocketState.CLOSED && protocol.isSending(connection)) {
      return SocketState.SENDFILE;
    }
    return request.getStartTimeNanos() < 0 ? state : untilDeadline(state, connection);
  }

  // Part of a request head has arrived, or empty lines before it. Tomcat would start its timeout
  // again.
  private SocketState untilDeadline(SocketState state, SocketWrapperBase<?> connection) {
    if (state != SocketState.LONG && state != SocketState.OPEN) {
      return state;
    }
    long left =
        headMillis()
            - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - request.getStartTimeNanos());
    if (left <= 0) {
      return SocketState.CLOSED;
    }
    int pause = protocol.getConnectionTimeout();
    connection.setReadTimeout(pause > 0 ? Math.min(left, pause) : left);
    return SocketState.LONG;
  }

  private long headMillis() {
    return protocol
        .limits()
        .map(LimitProperties::headTimeout)
        .map(Duration::toMillis)
        .orElse((long) protocol.getConnectionTimeout());
  }

  /** Aborts a read that takes too long. Called by another thread than the reading one. */
  void giveUpSlowRead() {
    reads.giveUp();
  }

  /** Sets how long a read waits for the next bytes of this request's body. */
  void waitAtMost(Duration time) {
    SocketWrapperBase<?> connection = getSocketWrapper();
    if (connection != null) {
      connection.setReadTimeout(Math.max(1, time.toMillis()));
    }
  }

  /** Whether the rest of the body need not be read. */
  boolean isOver(Request served) {
    return isAsync() || getErrorState().isError() || isRefusedUnsent(served);
  }

  // Tomcat closes the connection in this case; after a successful answer it would read the body
  // without a time limit.
  private boolean isRefusedUnsent(Request served) {
    return served.hasExpectation() && (response.getStatus() < 200 || response.getStatus() > 299);
  }

  /** Closes the connection after this request, without reading more of it. */
  void hangUp(IOException reason) {
    setErrorState(ErrorState.CLOSE_CONNECTION_NOW, reason);
  }

  /** The longest time for reading the rest of a body that is discarded. */
  Duration bodyTime() {
    return protocol
        .limits()
        .map(LimitProperties::jsonTimeout)
        .orElse(Duration.ofMillis(protocol.getConnectionTimeout()));
  }

  /** The largest number of bytes of a body that are read and discarded. */
  long maxSwallowed() {
    int most = protocol.getMaxSwallowSize();
    return most < 0 ? Long.MAX_VALUE : most;
  }
}
