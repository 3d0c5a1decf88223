package io.registry.features.events;

/** Receives events in the thread of the request that caused them. */
@FunctionalInterface
interface EventSink {

  /** Receives an event; must not block for long. */
  void take(EventRecord event);
}
