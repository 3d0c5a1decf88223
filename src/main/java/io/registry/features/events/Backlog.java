package io.registry.features.events;

import java.time.Instant;
import java.util.Optional;

/**
 * The events that have not been delivered to a webhook.
 *
 * @param waiting how many wait to be delivered
 * @param dead how many were given up
 * @param oldest when the oldest waiting event happened
 */
record Backlog(long waiting, long dead, Optional<Instant> oldest) {
  static final Backlog NONE = new Backlog(0, 0, Optional.empty());
}
