package io.registry.repository;

/** Is told what has happened to repositories, after it happened. */
@FunctionalInterface
public interface RepositoryEvents {
  /** For those of whom nobody wants to know. */
  RepositoryEvents UNHEARD = event -> {};

  /**
   * Tells it on. Never fails: that something was not told is no reason to refuse what was done.
   * What several clients change at the same time may be told in another order.
   *
   * @param event what happened
   */
  void publish(RepositoryEvent event);
}
