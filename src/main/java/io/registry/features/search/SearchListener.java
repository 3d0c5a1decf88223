package io.registry.features.search;

import io.registry.access.auth.VisibilityForgotten;
import io.registry.content.repository.RepositoryEvent;
import org.springframework.context.event.EventListener;

/** Queues changed repositories for the index, in the threads of the requests that change them. */
final class SearchListener {
  private final ChangedRepositories changed;

  SearchListener(ChangedRepositories changed) {
    this.changed = changed;
  }

  @EventListener
  void changed(RepositoryEvent event) {
    boolean removed = event instanceof RepositoryEvent.RepositoryRemoved;
    changed.note(new ChangedRepositories.Hint(event.repository(), removed));
  }

  @EventListener
  void forgotten(VisibilityForgotten event) {
    changed.note(new ChangedRepositories.Hint(event.repository(), false));
  }
}
