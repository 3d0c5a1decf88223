package io.registry.content.repository;

/** Publishes changes of repositories after they were made. */
@FunctionalInterface
public interface RepositoryEvents {
  /** Publishes nothing. */
  RepositoryEvents UNHEARD = event -> {};

  /**
   * Publishes an event. Never throws: a failed notification must not make a completed change fail.
   * Events of concurrent changes may be published in another order.
   *
   * @param event the event
   */
  void publish(RepositoryEvent event);
}
