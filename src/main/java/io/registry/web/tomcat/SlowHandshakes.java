package io.registry.web.tomcat;

import io.registry.web.http.LimitProperties;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.NioEndpoint.NioSocketWrapper;
import org.apache.tomcat.util.net.SecureNioChannel;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Closes connections whose TLS handshake takes longer than the head of a request may. */
final class SlowHandshakes {
  private static final Logger log = LoggerFactory.getLogger(SlowHandshakes.class);

  private Map<NioChannel, Long> known = new HashMap<>();

  /**
   * Checks all connections. Called by one thread at a time.
   *
   * @param connections the open connections
   * @param limits define what is too slow
   */
  synchronized void giveUp(
      Collection<? extends SocketWrapperBase<?>> connections, LimitProperties limits) {
    Map<NioChannel, Long> seen = new HashMap<>();
    long now = System.nanoTime();
    for (SocketWrapperBase<?> connection : connections) {
      if (connection instanceof NioSocketWrapper socket
          && socket.getSocket() instanceof SecureNioChannel channel
          && !channel.isHandshakeComplete()) {
        long since = known.getOrDefault(channel, now);
        seen.put(channel, since);
        if (now - since > limits.headTimeout().toNanos()) {
          log.debug("{} does not finish its handshake: aborted", socket.getRemoteAddr());
          socket.close();
        }
      }
    }
    known = seen;
  }
}
