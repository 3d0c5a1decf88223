package io.registry.features.search;

import io.registry.access.auth.ReadScope;
import io.registry.content.repository.RepositoryName;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Finds repositories by a part of their names or descriptions. There are no wildcards, and case is
 * ignored.
 */
public final class RepositorySearch {
  private final Catalogue catalogue;

  RepositorySearch(Catalogue catalogue) {
    this.catalogue = catalogue;
  }

  /**
   * Finds repositories: those of that name first, then those whose names begin with the term, then
   * those whose names contain it, then those whose descriptions contain it; each group in the order
   * of names.
   *
   * @param term the search term; empty for all repositories
   * @param scope the repositories that may be found
   * @param from how many results to skip
   * @param limit up to how many are returned
   * @throws io.registry.platform.problem.RegistryException {@code UNAVAILABLE} when the database
   *     cannot be read
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

  /** The repositories among the given ones that are in the index. */
  public Set<RepositoryName> known(Collection<RepositoryName> repositories) {
    Snapshot now = catalogue.current();
    return repositories.stream().filter(now::contains).collect(Collectors.toSet());
  }

  /** Whether any repository is in the scope. */
  public boolean hasAny(ReadScope scope) {
    return catalogue.current().hasAny(scope);
  }
}
