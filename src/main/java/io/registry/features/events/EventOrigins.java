package io.registry.features.events;

import java.util.Optional;

/** Provides the request that causes an event. */
@FunctionalInterface
public interface EventOrigins {

  /** The request that the current thread handles; empty when there is none. */
  Optional<EventOrigin> current();
}
