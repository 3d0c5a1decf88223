package io.registry.control;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.context.ApplicationContext;

/** Stops the process after the requests in progress have finished. */
final class Drain {
  private static final Logger log = LoggerFactory.getLogger(Drain.class);

  /** The exit status that shells report for a program that INT has ended. */
  private static final int INTERRUPTED = 130;

  private final ApplicationContext context;
  private final Duration delay;
  private final AtomicBoolean begun = new AtomicBoolean();

  Drain(ApplicationContext context, ShutdownProperties settings) {
    this.context = context;
    this.delay = settings.delay();
  }

  /** Starts the stop. Has no effect when it has started already. */
  void begin() {
    if (!begun.compareAndSet(false, true)) {
      log.info("Already stopping; INT stops at once");
      return;
    }
    log.info(
        "Stopping: not ready any more, and closed to new connections in {} s", delay.toSeconds());
    AvailabilityChangeEvent.publish(context, ReadinessState.REFUSING_TRAFFIC);
    try {
      Thread.sleep(delay.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    // Closes the context, which waits for requests in progress.
    System.exit(0);
  }

  /** Starts the stop, or ends the process at once when the stop has started already. */
  void hurry() {
    if (begun.get()) {
      log.warn("Stopped at once");
      Runtime.getRuntime().halt(INTERRUPTED);
    }
    begin();
  }
}
