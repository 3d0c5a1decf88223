package io.registry.storage;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Counts and times the operations of the store: see docs/observe.md. */
final class StorageMeters {
  private static final Duration[] BUCKETS = {
    Duration.ofMillis(1),
    Duration.ofMillis(10),
    Duration.ofMillis(100),
    Duration.ofSeconds(1),
    Duration.ofSeconds(10)
  };

  /** The operations of a store. */
  enum Operation {
    /** Open a blob. */
    OPEN,
    /** Read a small blob. */
    READ,
    /** Read the metadata of a blob. */
    STAT,
    /** Write a blob. */
    WRITE,
    /** Delete blobs. */
    DELETE,
    /** List below a prefix. */
    LIST,
    /** Check that the store answers. */
    PROBE,
    /** Transfer the bytes of an opened blob. */
    TRANSFER;

    private final String traced = "storage " + tag(this);

    /** The name in traces. */
    String traced() {
      return traced;
    }
  }

  /** The outcome of an operation: failures by their {@link StorageException.Reason}. */
  enum Outcome {
    OK,
    NOT_FOUND,
    FULL,
    DENIED,
    READ_ONLY,
    UNAVAILABLE,
    BROKEN;

    static Outcome of(Throwable failure) {
      return failure instanceof StorageException broken
          ? valueOf(broken.reason().name())
          : failure instanceof UnsatisfiableRangeException ? OK : BROKEN;
    }
  }

  // Created in advance: looking up a timer by its tags takes longer than using it, and a series
  // that begins with the first failure would show no increase.
  private final Map<Operation, Map<Outcome, Timer>> timers = new EnumMap<>(Operation.class);

  StorageMeters(MeterRegistry registry) {
    for (Operation operation : Operation.values()) {
      Map<Outcome, Timer> outcomes = new EnumMap<>(Outcome.class);
      for (Outcome outcome : Outcome.values()) {
        outcomes.put(
            outcome,
            Timer.builder("registry.storage.calls")
                .tags("operation", tag(operation), "outcome", tag(outcome))
                .serviceLevelObjectives(BUCKETS)
                .register(registry));
      }
      timers.put(operation, outcomes);
    }
  }

  private static String tag(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Records an operation. */
  void called(Operation operation, Outcome outcome, long nanos) {
    Map<Outcome, Timer> outcomes = timers.getOrDefault(operation, Map.of());
    Timer timer = outcomes.get(outcome);
    if (timer != null) {
      timer.record(nanos, TimeUnit.NANOSECONDS);
    }
  }
}
