package io.registry.operations.collect;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * The result of a collection, as it is kept in the store.
 *
 * @param number the number of the collection; 0 for one that only looked
 * @param begun when it began
 * @param ended when it ended
 * @param removed how many things were removed, by kind; of one that only looked, how many would be
 *     condemned
 * @param rescued how many things stayed because a client was told that they are there
 * @param kept how many things stayed because something keeps them alive again
 * @param bytes the sizes of all removed files
 * @param problems what could not be read, so that what it may lead to stayed: up to 100
 */
public record CollectReport(
    long number,
    Instant begun,
    Instant ended,
    Map<String, Long> removed,
    long rescued,
    long kept,
    long bytes,
    List<String> problems) {
  /** Copies the collections. */
  public CollectReport {
    removed = Map.copyOf(removed);
    problems = List.copyOf(problems);
  }
}
