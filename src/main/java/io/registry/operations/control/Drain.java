package io.registry.operations.control;

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

  private static final long LOOK_EVERY_MILLIS = 50;

  private final ApplicationContext context;
  private final BegunPushes pushes;
  private final ShutdownProperties settings;
  private final AtomicBoolean begun = new AtomicBoolean();

  Drain(ApplicationContext context, BegunPushes pushes, ShutdownProperties settings) {
    this.context = context;
    this.pushes = pushes;
    this.settings = settings;
  }

  /** Starts the stop. Has no effect when it has started already. */
  void begin() {
    if (!begun.compareAndSet(false, true)) {
      log.info("Already stopping; INT stops at once");
      return;
    }
    log.info(
        "Stopping: not ready any more, and closed to new connections in {} s",
        settings.delay().toSeconds());
    AvailabilityChangeEvent.publish(context, ReadinessState.REFUSING_TRAFFIC);
    try {
      Thread.sleep(settings.delay().toMillis());
      awaitPushes();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    // Closes the context, which waits for requests in progress.
    System.exit(0);
  }

  private void awaitPushes() throws InterruptedException {
    pushes.closeToOthers();
    int count = pushes.count();
    if (count == 0 || settings.pushes().isZero()) {
      return;
    }
    log.info("Waiting up to {} s for {} begun pushes", settings.pushes().toSeconds(), count);
    long end = System.nanoTime() + settings.pushes().toNanos();
    while (pushes.count() > 0 && System.nanoTime() - end < 0) {
      Thread.sleep(LOOK_EVERY_MILLIS);
    }
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
