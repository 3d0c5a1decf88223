package io.registry.features.search;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Updates the index for repositories that have changed. A notification only says which repository
 * to read again, so that the order of notifications does not matter.
 */
final class IndexUpdater {
  private static final int AT_ONCE = 64;

  private final ChangedRepositories changed;
  private final StoreReader looks;
  private final IndexRows rows;
  private final BooleanSupplier goesOn;

  IndexUpdater(
      ChangedRepositories changed, StoreReader looks, IndexRows rows, BooleanSupplier goesOn) {
    this.changed = changed;
    this.looks = looks;
    this.rows = rows;
    this.goesOn = goesOn;
  }

  /**
   * Reads all queued repositories and updates the index. What could not be read or written is
   * queued again.
   *
   * @return the failure, when not everything was updated
   */
  Optional<RuntimeException> catchUp() {
    List<ChangedRepositories.Hint> later = new ArrayList<>();
    Optional<RuntimeException> failure = Optional.empty();
    List<ChangedRepositories.Hint> some = changed.take(AT_ONCE);
    try {
      while (!some.isEmpty() && goesOn.getAsBoolean()) {
        Optional<RuntimeException> failed = follow(some, later);
        failure = failure.or(() -> failed);
        some = changed.take(AT_ONCE);
      }
      return failure;
    } finally {
      some.forEach(changed::note);
      later.forEach(changed::note);
    }
  }

  private Optional<RuntimeException> follow(
      List<ChangedRepositories.Hint> some, List<ChangedRepositories.Hint> later) {
    long base = rows.progress().revision();
    List<StoreReader.Look> looked = looks.at(some);
    List<FoundRepository> findings =
        looked.stream().flatMap(look -> look.finding().stream()).toList();
    rows.write(base, 0, findings).stream()
        .map(stayed -> new ChangedRepositories.Hint(stayed.repository(), stayed.wasRemoved()))
        .forEach(changed::note);
    looked.stream()
        .filter(look -> look.finding().isEmpty())
        .map(StoreReader.Look::hint)
        .forEach(later::add);
    return looked.stream().flatMap(look -> look.failure().stream()).findFirst();
  }
}
