package io.registry.operations.health;

/** Checks a service that the registry depends on. */
public interface ServiceCheck {

  /** The name of the service, in one word. */
  String name();

  /** Whether the registry cannot work without it. */
  default boolean isEssential() {
    return true;
  }

  /**
   * Uses the service once, in the way the registry does.
   *
   * @throws RuntimeException when it does not work; the message says what failed
   */
  void run();
}
