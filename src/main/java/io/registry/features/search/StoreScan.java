package io.registry.features.search;

import io.registry.content.repository.Repositories;
import io.registry.content.repository.RepositoryName;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Scans the whole store and makes the index agree with it. Concurrent changes are left to the
 * {@link IndexUpdater}, and a row is only removed after the repository was checked once more.
 */
final class StoreScan {
  private static final Logger log = LoggerFactory.getLogger(StoreScan.class);
  private static final int AT_ONCE = 64;

  private final Repositories repositories;
  private final StoreReader looks;
  private final IndexRows rows;
  private final ChangedRepositories changed;
  private final long number;

  /** Called after each step; decides whether the scan goes on. */
  private final Steps steps;

  private final List<ChangedRepositories.Hint> found = new ArrayList<>();
  private long scanned;
  private long failed;

  /** Receives the progress of a scan. */
  @FunctionalInterface
  interface Steps {
    /** Whether to go on after the given number of repositories. */
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
   * Runs the scan.
   *
   * @return whether it is complete
   */
  boolean run() {
    long before = rows.progress().revision();
    try (Stream<RepositoryName> names = repositories.names()) {
      // An iterator would load all names of a namespace at once.
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

  // A repository that cannot be read must not keep the others from being found.
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
      log.warn("{} repositories could not be read so far: {}", failed, why.getMessage());
    }
    return findings;
  }
}
