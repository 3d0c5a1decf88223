package io.registry.web.tomcat;

import java.io.IOException;
import java.util.function.Supplier;
import org.apache.coyote.InputBuffer;
import org.apache.tomcat.util.net.ApplicationBufferHandler;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the bodies of a connection, and bounds each read by the connection's read timeout. Tomcat
 * starts its timeout again with each byte of chunk extensions and trailers, of which one read may
 * consume thousands.
 */
final class TimedReads implements InputBuffer {
  private static final Logger log = LoggerFactory.getLogger(TimedReads.class);

  private final InputBuffer bodies;
  private final Supplier<@Nullable SocketWrapperBase<?>> connections;
  private @Nullable SocketWrapperBase<?> waitedFor;
  private long began;
  private long mostNanos;

  /**
   * Creates the reader.
   *
   * @param bodies reads the bodies
   * @param connections supplies the current connection
   */
  TimedReads(InputBuffer bodies, Supplier<@Nullable SocketWrapperBase<?>> connections) {
    this.bodies = bodies;
    this.connections = connections;
  }

  @Override
  public int doRead(ApplicationBufferHandler handler) throws IOException {
    begin();
    try {
      return bodies.doRead(handler);
    } finally {
      end();
    }
  }

  @Override
  public int available() {
    return bodies.available();
  }

  private synchronized void begin() {
    SocketWrapperBase<?> connection = connections.get();
    if (connection != null && connection.getReadTimeout() > 0) {
      began = System.nanoTime();
      mostNanos = connection.getReadTimeout() * 1_000_000;
      waitedFor = connection;
    }
  }

  private synchronized void end() {
    waitedFor = null;
  }

  /**
   * Aborts a read that takes too long: the reader sees the end of the stream. Only the input is
   * shut down: closing the connection would not wake the reader, and is left to it.
   */
  synchronized void giveUp() {
    if (waitedFor == null || System.nanoTime() - began <= mostNanos) {
      return;
    }
    log.info("{} sends a body too slowly: aborted", waitedFor.getRemoteAddr());
    try {
      if (waitedFor.getSocket() instanceof NioChannel channel) {
        channel.getIOChannel().shutdownInput();
      }
    } catch (IOException e) {
      log.debug("The connection was closed already", e);
    }
    waitedFor = null;
  }
}
