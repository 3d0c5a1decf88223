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
 * Reads the bodies of a connection, and lets each read take no longer than the connection's time
 * for bytes. Tomcat counts that time anew with each byte of what stands around a body, the
 * extensions of chunks and the trailer, of which one read may see thousands.
 */
final class TimedReads implements InputBuffer {
  private static final Logger log = LoggerFactory.getLogger(TimedReads.class);

  private final InputBuffer bodies;
  private final Supplier<@Nullable SocketWrapperBase<?>> connections;
  private @Nullable SocketWrapperBase<?> waitedFor;
  private long began;
  private long mostNanos;

  /**
   * Reads.
   *
   * @param bodies where the bodies are
   * @param connections tells the connection that is looked after
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
   * Ends a read that takes too long: who reads sees that the body breaks off. The connection is his
   * to close, who would otherwise not be woken.
   */
  synchronized void giveUp() {
    if (waitedFor == null || System.nanoTime() - began <= mostNanos) {
      return;
    }
    log.info("{} does not get on with a body: given up", waitedFor.getRemoteAddr());
    try {
      if (waitedFor.getSocket() instanceof NioChannel channel) {
        channel.getIOChannel().shutdownInput();
      }
    } catch (IOException e) {
      log.debug("The connection was over already", e);
    }
    waitedFor = null;
  }
}
