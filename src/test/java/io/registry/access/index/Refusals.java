package io.registry.access.index;

import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import java.util.Optional;

/** What the index refuses. */
final class Refusals {
  private Refusals() {}

  /** The kind of the refusal that this ends with; it has to end with one. */
  static Problem refused(Runnable action) {
    return find(action).orElseThrow(() -> new AssertionError("was not refused"));
  }

  /** The kind of the refusal that this ends with, if it does. */
  static Optional<Problem> find(Runnable action) {
    try {
      action.run();
      return Optional.empty();
    } catch (RegistryException e) {
      return Optional.of(e.problem());
    }
  }
}
