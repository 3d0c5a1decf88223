package io.registry.operations.control;

import java.util.Optional;

/**
 * A group of settings that can change while the registry runs (HUP). All groups are prepared before
 * any of them changes, so that invalid settings change nothing.
 */
public interface Reload {

  /** Whether a setting belongs to this group. */
  boolean covers(String property);

  /**
   * Reads the new settings, and the files that they name, without changing anything.
   *
   * @param settings the new settings
   * @return the change to apply; empty when nothing has changed
   * @throws RuntimeException when they cannot be applied; the message says why, without secrets
   */
  Optional<Change> prepare(Settings settings);

  /** A change that has been prepared. */
  interface Change {

    /** Applies the change. Returns a summary without secrets, for the log. */
    String apply();
  }
}
