package io.registry.events;

import java.util.Optional;

/** Knows by which request something happens. */
@FunctionalInterface
public interface EventOrigins {

  /** The request that this thread answers; nothing when it answers none. */
  Optional<EventOrigin> current();
}
