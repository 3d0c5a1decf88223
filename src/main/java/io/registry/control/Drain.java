package io.registry.control;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.context.ApplicationContext;

/** Ends the process when what is under way is finished. */
final class Drain {
  private static final Logger log = LoggerFactory.getLogger(Drain.class);

  /** As a shell tells of a program that ended by INT. */
  private static final int INTERRUPTED = 130;

  private final ApplicationContext context;
  private final Duration delay;
  private final AtomicBoolean begun = new AtomicBoolean();

  Drain(ApplicationContext context, ShutdownProperties settings) {
    this.context = context;
    this.delay = settings.delay();
  }

  /** Begins to end. Has no effect when that was begun before. */
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
    // Closes the context, which waits for requests under way.
    System.exit(0);
  }

  /** Begins to end, or ends at once when that was begun before. */
  void hurry() {
    if (begun.get()) {
      log.warn("Stopped at once");
      Runtime.getRuntime().halt(INTERRUPTED);
    }
    begin();
  }
}
