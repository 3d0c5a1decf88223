package io.registry.web.tomcat;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ApplicationListener;
import org.springframework.context.SmartLifecycle;

/**
 * Waits at the shutdown until every answer has been sent completely. Spring Boot's graceful
 * shutdown waits for servlets only, which return while Tomcat still sends a file.
 */
final class TransferDrain
    implements SmartLifecycle, ApplicationListener<AvailabilityChangeEvent<ReadinessState>> {
  private static final Logger log = LoggerFactory.getLogger(TransferDrain.class);
  private static final long LOOK_EVERY_MILLIS = 50;

  private final Connectors connectors;
  private volatile boolean running;

  TransferDrain(Connectors connectors) {
    this.connectors = connectors;
  }

  /** From now on, each answer closes its connection. */
  @Override
  public void onApplicationEvent(AvailabilityChangeEvent<ReadinessState> event) {
    if (event.getState() == ReadinessState.REFUSING_TRAFFIC) {
      connectors.protocols().forEach(protocol -> protocol.setMaxKeepAliveRequests(1));
    }
  }

  @Override
  public void start() {
    running = true;
  }

  @Override
  public void stop() {
    running = false;
  }

  /** Returns at once; Spring stops waiting after the timeout of a shutdown phase. */
  @Override
  public void stop(Runnable done) {
    Thread thread = new Thread(() -> await(done), "transfer-drain");
    thread.setDaemon(true);
    thread.start();
  }

  private void await(Runnable done) {
    try {
      int count = underWay();
      if (count > 0) {
        log.info("Waiting for {} requests under way", count);
      }
      while (connectors.protocols().stream().anyMatch(RegistryProtocol::isBusy)) {
        Thread.sleep(LOOK_EVERY_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      running = false;
      done.run();
    }
  }

  private int underWay() {
    return connectors.protocols().stream().mapToInt(RegistryProtocol::underWay).sum();
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  @Override
  public int getPhase() {
    return WebServerApplicationContext.GRACEFUL_SHUTDOWN_PHASE;
  }
}
