package io.registry.operations.collect;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How far the collections of a store are.
 *
 * @param state what this process does, or waits for
 * @param condemned how many things the current collection has condemned
 * @param removableAt when the current collection removes them at the earliest
 * @param refusal why the last attempt did nothing; empty when it did something
 * @param last the last complete collections, the last one first
 */
public record CollectStatus(
    State state,
    int condemned,
    Optional<Instant> removableAt,
    String refusal,
    List<CollectReport> last) {
  /** What this process does, or waits for. */
  public enum State {
    /** The settings do not allow a removal. */
    OFF,
    /** There is no collection. */
    IDLE,
    /** This process looks for content that nothing keeps alive. */
    MARKING,
    /** Content is condemned, and waits for the end of the grace time. */
    WAITING,
    /** This process removes content. */
    REMOVING,
    /** An operator has paused all collections. */
    PAUSED
  }

  /** Copies the list. */
  public CollectStatus {
    last = List.copyOf(last);
  }
}
