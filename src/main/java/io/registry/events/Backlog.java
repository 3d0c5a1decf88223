package io.registry.events;

import java.time.Instant;
import java.util.Optional;

/**
 * What a webhook has not been told.
 *
 * @param waiting how many events will be tried
 * @param dead how many were given up
 * @param oldest when the oldest of those that wait happened
 */
record Backlog(long waiting, long dead, Optional<Instant> oldest) {
  static final Backlog NONE = new Backlog(0, 0, Optional.empty());
}
