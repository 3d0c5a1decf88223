package io.registry.storage;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Counts and times what the store is asked: see docs/observe.md. */
final class StorageMeters {
  private static final Duration[] BUCKETS = {
    Duration.ofMillis(1),
    Duration.ofMillis(10),
    Duration.ofMillis(100),
    Duration.ofSeconds(1),
    Duration.ofSeconds(10)
  };

  /** What a store is asked. */
  enum Operation {
    /** To open a blob. */
    OPEN,
    /** For a small blob, whole. */
    READ,
    /** What it knows of a blob. */
    STAT,
    /** To take in a blob. */
    WRITE,
    /** To remove blobs. */
    DELETE,
    /** What is below a prefix. */
    LIST,
    /** Whether it answers. */
    PROBE,
    /** For the bytes of a blob that was opened. */
    TRANSFER;

    private final String traced = "storage " + tag(this);

    /** What it is called in traces. */
    String traced() {
      return traced;
    }
  }

  /** How that ended: a failure by its {@link StorageException.Reason}. */
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

  // Made beforehand: to find a timer by its tags takes longer than to use it, and a series that
  // begins with the first failure is not seen to rise.
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

  /** Counts a call that took so long. */
  void called(Operation operation, Outcome outcome, long nanos) {
    Map<Outcome, Timer> outcomes = timers.getOrDefault(operation, Map.of());
    Timer timer = outcomes.get(outcome);
    if (timer != null) {
      timer.record(nanos, TimeUnit.NANOSECONDS);
    }
  }
}
