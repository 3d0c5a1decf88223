package io.registry.control;

import java.util.Optional;

/**
 * A part of the settings that can change while the registry runs (HUP). All parts are prepared
 * before one of them changes, so that settings with a mistake change nothing.
 */
public interface Reload {

  /** Whether a setting belongs to this part. */
  boolean covers(String property);

  /**
   * Reads what is set, and all that it names, without changing anything.
   *
   * @param settings what is set now
   * @return how it is taken over; nothing when it is as before
   * @throws RuntimeException when it cannot be taken over; the message says why, without secrets
   */
  Optional<Change> prepare(Settings settings);

  /** A change that has been prepared. */
  interface Change {

    /** Takes it over. Returns what has changed, in a few words without secrets. */
    String apply();
  }
}
