package io.registry.ops;

/** Tries out something that the registry depends on. */
public interface ServiceCheck {

  /** What is tried out, in one word. */
  String name();

  /** Whether the registry cannot do without it. */
  default boolean isEssential() {
    return true;
  }

  /**
   * Does what the registry does all day, once.
   *
   * @throws RuntimeException when it does not work; the message says what failed
   */
  void run();
}
