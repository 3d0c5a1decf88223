package io.registry.operations.health;

import io.registry.storage.BlobStorage;
import io.registry.storage.StorageException;
import io.registry.storage.StorageException.Reason;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * Health of the store, for load balancers: what the registry needs of it works, which is to list,
 * and, unless it is read-only, to write, read and delete. Each call lists. What was written and
 * read back counts for ten seconds, because the health is asked often; after a failure each call
 * tries again.
 *
 * <p>A full store is degraded and not down: all pulls work. The log says why a store does not work,
 * and what to do about it, once for each reason.
 */
public final class StorageHealth implements HealthIndicator {
  private static final Logger log = LoggerFactory.getLogger(StorageHealth.class);
  private static final Duration EVERY = Duration.ofSeconds(10);
  private static final String WELL = "";

  private final BlobStorage storage;
  private final StorageCheck check;
  private final Clock clock;

  /** When a write was last tried with success, or is tried by one of several callers. */
  private final AtomicReference<Instant> written = new AtomicReference<>(Instant.EPOCH);

  /** The failure that the log has; empty while the store works. */
  private final AtomicReference<String> logged = new AtomicReference<>(WELL);

  /**
   * Creates a health indicator.
   *
   * @param storage the store to probe
   * @param clock the time
   */
  public StorageHealth(BlobStorage storage, Clock clock) {
    this.storage = storage;
    this.check = new StorageCheck(storage);
    this.clock = clock;
  }

  @Override
  public Health health() {
    return tryOut().withDetail("storage", storage.describe()).build();
  }

  private Health.Builder tryOut() {
    try {
      storage.probe();
      tryToWrite();
    } catch (StorageException e) {
      note(e.reason().name(), explain(e));
      Health.Builder health =
          e.reason() == Reason.FULL ? Health.status(RedisHealth.DEGRADED) : Health.down(e);
      return health.withDetail("reason", e.reason());
    } catch (StorageCheck.LostWriteException e) {
      note(e.toString(), e.toString());
      return Health.down(e);
    }
    if (!logged.getAndSet(WELL).equals(WELL)) {
      log.info("The store works again");
    }
    return Health.up();
  }

  private void tryToWrite() {
    Instant before = written.get();
    Instant now = clock.instant();
    if (storage.isReadOnly()
        || now.isBefore(before.plus(EVERY))
        || !written.compareAndSet(before, now)) {
      return;
    }
    boolean works = false;
    try {
      check.run();
      works = true;
    } finally {
      if (!works) {
        written.set(Instant.EPOCH);
      }
    }
  }

  private String explain(StorageException failure) {
    return failure.getMessage()
        + storage.remedy(failure.reason()).map(remedy -> ". " + remedy).orElse("");
  }

  private void note(String failure, String text) {
    if (!logged.getAndSet(failure).equals(failure)) {
      log.error("The store does not work: {}", text);
    }
  }
}
