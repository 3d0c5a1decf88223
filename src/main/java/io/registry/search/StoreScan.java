package io.registry.search;

import io.registry.repository.Repositories;
import io.registry.repository.RepositoryName;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Goes through the whole store and makes the index say the same. What is changed meanwhile is left
 * to the {@link Follower}s, and a row is removed only after another look.
 */
final class StoreScan {
  private static final Logger log = LoggerFactory.getLogger(StoreScan.class);
  private static final int AT_ONCE = 64;

  private final Repositories repositories;
  private final StoreReader looks;
  private final IndexRows rows;
  private final ChangedRepositories changed;
  private final long number;

  /** After each step, and whether there is to be another one. */
  private final Steps steps;

  private final List<ChangedRepositories.Hint> found = new ArrayList<>();
  private long scanned;
  private long failed;

  /** Is told how far a scan is. */
  @FunctionalInterface
  interface Steps {
    /** Whether to go on after so many repositories. */
    boolean goOn(long scanned);
  }

  StoreScan(
      Repositories repositories,
      StoreReader looks,
      IndexRows rows,
      ChangedRepositories changed,
      long number,
      Steps steps) {
    this.repositories = repositories;
    this.looks = looks;
    this.rows = rows;
    this.changed = changed;
    this.number = number;
    this.steps = steps;
  }

  /**
   * Does it.
   *
   * @return whether it came to its end
   */
  boolean run() {
    long before = rows.progress().revision();
    try (Stream<RepositoryName> names = repositories.names()) {
      // Not by an iterator, which would hold all names of a namespace at once.
      boolean all = names.allMatch(this::takeUp) && step();
      return all && removeWhatWasNotSeen(before);
    }
  }

  long scanned() {
    return scanned;
  }

  private boolean takeUp(RepositoryName name) {
    found.add(new ChangedRepositories.Hint(name, false));
    return found.size() < AT_ONCE || step();
  }

  private boolean step() {
    long base = rows.progress().revision();
    List<FoundRepository> present =
        look(List.copyOf(found)).stream().filter(FoundRepository::present).toList();
    lookAgain(rows.write(base, number, rows.see(number, present)));
    scanned += found.size();
    found.clear();
    return steps.goOn(scanned);
  }

  private boolean removeWhatWasNotSeen(long before) {
    long after = 0;
    while (true) {
      long base = rows.progress().revision();
      List<IndexRow> missing = rows.notSeen(number, after, before, AT_ONCE);
      if (missing.isEmpty()) {
        return true;
      }
      List<FoundRepository> gone =
          look(
                  missing.stream()
                      .map(row -> new ChangedRepositories.Hint(row.repository(), false))
                      .toList())
              .stream()
              .filter(finding -> !finding.present())
              .toList();
      lookAgain(rows.write(base, number, gone));
      after = missing.get(missing.size() - 1).revision();
      if (!steps.goOn(scanned)) {
        return false;
      }
    }
  }

  private void lookAgain(List<FoundRepository> stayed) {
    stayed.forEach(
        finding -> changed.note(new ChangedRepositories.Hint(finding.repository(), false)));
  }

  // One repository that cannot be read is no reason to find none of the others.
  private List<FoundRepository> look(List<ChangedRepositories.Hint> at) {
    List<StoreReader.Look> looked = looks.at(at);
    List<FoundRepository> findings =
        looked.stream().flatMap(look -> look.finding().stream()).toList();
    if (findings.size() < looked.size()) {
      RuntimeException why =
          looked.stream().flatMap(look -> look.failure().stream()).findFirst().orElseThrow();
      if (findings.isEmpty()) {
        throw why;
      }
      failed += looked.size() - findings.size();
      log.warn("{} repositories could not be looked at until now, as {}", failed, why.getMessage());
    }
    return findings;
  }
}
