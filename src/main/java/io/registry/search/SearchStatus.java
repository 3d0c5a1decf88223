package io.registry.search;

/**
 * How the index is doing, as this process sees it.
 *
 * @param state whether it can be relied on
 * @param repositories how many it knows of
 * @param scanned how many this process has looked at in the scan that runs, or ran last
 * @param waiting how many have changed and are to be looked at
 */
public record SearchStatus(State state, int repositories, long scanned, int waiting) {

  /** Whether the index can be relied on. */
  public enum State {
    /** The store is being scanned, by this process or another one; what is found is there. */
    FILLING,
    /** It says what the store says. */
    READY,
    /** Store or database cannot be used; it is tried again by itself. */
    FAILED
  }
}
