package io.registry.web.tomcat;

import io.registry.web.http.LimitProperties;
import io.registry.web.http.Pace;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.apache.tomcat.util.net.NioEndpoint.NioSocketWrapper;
import org.apache.tomcat.util.net.SendfileDataBase;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Closes connections on which a client reads a file too slowly. */
final class SlowDownloads {
  private static final Logger log = LoggerFactory.getLogger(SlowDownloads.class);

  private Map<SendfileDataBase, Pace> known = new HashMap<>();

  /**
   * Checks all connections. Called by one thread at a time.
   *
   * @param connections the open connections
   * @param limits define what is too slow
   */
  synchronized void giveUp(
      Collection<? extends SocketWrapperBase<?>> connections, LimitProperties limits) {
    if (limits.transferRate().toBytes() == 0) {
      known = new HashMap<>();
      return;
    }
    Map<SendfileDataBase, Pace> seen = new HashMap<>();
    long now = System.nanoTime();
    for (SocketWrapperBase<?> connection : connections) {
      if (connection instanceof NioSocketWrapper socket) {
        SendfileDataBase file = socket.getSendfileData();
        if (file != null) {
          Pace pace = known.computeIfAbsent(file, begun -> new Pace(limits, now, begun.pos));
          seen.put(file, pace);
          if (pace.isTooSlow(now, file.pos)) {
            log.info("{} reads a download too slowly: aborted", socket.getRemoteAddr());
            socket.close();
          }
        }
      }
    }
    known = seen;
  }
}
