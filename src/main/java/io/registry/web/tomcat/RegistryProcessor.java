package io.registry.web.tomcat;

import io.registry.web.LimitProperties;
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
 * Looks after one connection as Tomcat does, and keeps its deadlines: Tomcat's own time-outs begin
 * anew with each byte, so that a client that sends one now and then is waited for without end.
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
    // A server that stops would cut the file that has just begun to be sent.
    if (state == SocketState.CLOSED && protocol.isSending(connection)) {
      return SocketState.SENDFILE;
    }
    return request.getStartTimeNanos() < 0 ? state : untilDeadline(state, connection);
  }

  // A part of a head has come, or empty lines before it, after which Tomcat would forget when.
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

  /** Ends a read that takes too long. Called by another thread than the one that reads. */
  void giveUpSlowRead() {
    reads.giveUp();
  }

  /** Waits at most that long for the next bytes of this request's body. */
  void waitAtMost(Duration time) {
    SocketWrapperBase<?> connection = getSocketWrapper();
    if (connection != null) {
      connection.setReadTimeout(Math.max(1, time.toMillis()));
    }
  }

  /** Whether what comes of the body does not matter any more. */
  boolean isOver(Request served) {
    return isAsync() || getErrorState().isError() || isRefusedUnsent(served);
  }

  // Tomcat closes then; after a good answer it would read for as long as the client likes.
  private boolean isRefusedUnsent(Request served) {
    return served.hasExpectation() && (response.getStatus() < 200 || response.getStatus() > 299);
  }

  /** Ends the connection with this request, without reading more of it. */
  void hangUp(IOException reason) {
    setErrorState(ErrorState.CLOSE_CONNECTION_NOW, reason);
  }

  /** So long the rest of a body that nobody wants is waited for. */
  Duration bodyTime() {
    return protocol
        .limits()
        .map(LimitProperties::jsonTimeout)
        .orElse(Duration.ofMillis(protocol.getConnectionTimeout()));
  }

  /** So many bytes of a body that nobody wants are read. */
  long maxSwallowed() {
    int most = protocol.getMaxSwallowSize();
    return most < 0 ? Long.MAX_VALUE : most;
  }
}
