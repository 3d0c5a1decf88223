package io.registry.events;

/** Takes what happened, in the thread of the request that made it happen. */
@FunctionalInterface
interface EventSink {

  /** Takes it; must not take long. */
  void take(EventRecord event);
}
