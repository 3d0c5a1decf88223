package io.registry.search;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Brings the index after what was heard of. What is heard only says where to look, so that the
 * order in which it is heard does not matter.
 */
final class Follower {
  private static final int AT_ONCE = 64;

  private final Hints hints;
  private final StoreLooks looks;
  private final IndexRows rows;
  private final BooleanSupplier goesOn;

  Follower(Hints hints, StoreLooks looks, IndexRows rows, BooleanSupplier goesOn) {
    this.hints = hints;
    this.looks = looks;
    this.rows = rows;
    this.goesOn = goesOn;
  }

  /**
   * Looks wherever something was heard of. What could not be looked at, or not be written, is as if
   * it had been heard just now.
   *
   * @return why not all could be looked at
   */
  Optional<RuntimeException> catchUp() {
    List<Hints.Hint> later = new ArrayList<>();
    Optional<RuntimeException> failure = Optional.empty();
    List<Hints.Hint> some = hints.take(AT_ONCE);
    try {
      while (!some.isEmpty() && goesOn.getAsBoolean()) {
        Optional<RuntimeException> failed = follow(some, later);
        failure = failure.or(() -> failed);
        some = hints.take(AT_ONCE);
      }
      return failure;
    } finally {
      some.forEach(hints::note);
      later.forEach(hints::note);
    }
  }

  private Optional<RuntimeException> follow(List<Hints.Hint> some, List<Hints.Hint> later) {
    long base = rows.progress().revision();
    List<StoreLooks.Look> looked = looks.at(some);
    List<Finding> findings = looked.stream().flatMap(look -> look.finding().stream()).toList();
    rows.write(base, 0, findings).stream()
        .map(stayed -> new Hints.Hint(stayed.repository(), stayed.wasRemoved()))
        .forEach(hints::note);
    looked.stream()
        .filter(look -> look.finding().isEmpty())
        .map(StoreLooks.Look::hint)
        .forEach(later::add);
    return looked.stream().flatMap(look -> look.failure().stream()).findFirst();
  }
}
