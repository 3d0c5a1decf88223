package io.registry.features.search;

/**
 * The state of the index, as this process sees it.
 *
 * @param state whether the index is reliable
 * @param repositories the number of repositories in the index
 * @param scanned how many repositories this process has read in the current or last scan
 * @param waiting how many changed repositories wait to be read
 */
public record SearchStatus(State state, int repositories, long scanned, int waiting) {

  /** Whether the index is reliable. */
  public enum State {
    /** This process or another one scans the store; results may be incomplete but are not wrong. */
    FILLING,
    /** The index agrees with the store. */
    READY,
    /** The store or the database fails; the registry tries again by itself. */
    FAILED
  }
}
