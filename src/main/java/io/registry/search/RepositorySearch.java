package io.registry.search;

import io.registry.auth.ReadScope;
import io.registry.repository.RepositoryName;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Finds repositories by a part of their names or descriptions. All characters mean themselves, and
 * upper and lower case are the same.
 */
public final class RepositorySearch {
  private final Catalogue catalogue;

  RepositorySearch(Catalogue catalogue) {
    this.catalogue = catalogue;
  }

  /**
   * Finds repositories: those of that name first, then those whose names begin with it, then those
   * that have it in their names, then those that have it in their descriptions; each by name.
   *
   * @param term what is looked for; empty for all
   * @param scope which ones may be found
   * @param from so many of them are left out
   * @param limit so many are told at most
   * @throws io.registry.problem.RegistryException {@code UNAVAILABLE} when the database cannot be
   *     asked
   */
  public SearchResults find(String term, ReadScope scope, long from, int limit) {
    Snapshot.Hits hits =
        catalogue.current().find(term.toLowerCase(Locale.ROOT), scope, from, limit);
    List<SearchResult> some =
        hits.some().stream()
            .map(row -> new SearchResult(row.repository(), row.description()))
            .toList();
    return new SearchResults(hits.total(), some);
  }

  /** Which of these repositories are in the index. */
  public Set<RepositoryName> known(Collection<RepositoryName> repositories) {
    Snapshot now = catalogue.current();
    return repositories.stream().filter(now::contains).collect(Collectors.toSet());
  }

  /** Whether there is any repository that may be found. */
  public boolean hasAny(ReadScope scope) {
    return catalogue.current().hasAny(scope);
  }
}
