package io.registry.search;

import io.registry.auth.VisibilityForgotten;
import io.registry.repository.RepositoryEvent;
import org.springframework.context.event.EventListener;

/** Hears in the threads of those who push where the index has to look. */
final class SearchListener {
  private final Hints hints;

  SearchListener(Hints hints) {
    this.hints = hints;
  }

  @EventListener
  void changed(RepositoryEvent event) {
    boolean removed = event instanceof RepositoryEvent.RepositoryRemoved;
    hints.note(new Hints.Hint(event.repository(), removed));
  }

  @EventListener
  void forgotten(VisibilityForgotten event) {
    hints.note(new Hints.Hint(event.repository(), false));
  }
}
