package io.registry.operations.control;

/** The pushes that clients have begun and not ended: each takes many requests. */
public interface BegunPushes {

  /** From now on, only clients with a begun push are served. */
  void closeToOthers();

  /** How many there are. A client that has been silent for a while has given up. */
  int count();
}
