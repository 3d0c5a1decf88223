package io.registry.access.auth;

import io.registry.content.repository.NamePattern;
import io.registry.content.repository.RepositoryName;
import java.util.Set;

/**
 * The repositories that a caller sees in a list, as one rule that is computed before the list is
 * read, because a check of each repository would take too long. The rule may be outdated once the
 * list is read: check a name again before telling it to the client.
 *
 * @param all whether the scope is all repositories
 * @param publicOnes whether it includes all public repositories
 * @param namespaces the namespaces of which it includes all repositories
 * @param repositories single repositories that it includes
 * @param patterns patterns of repositories that it includes
 */
public record ReadScope(
    boolean all,
    boolean publicOnes,
    Set<String> namespaces,
    Set<RepositoryName> repositories,
    Set<NamePattern> patterns) {
  /** The scope of a caller that sees everything. */
  public static final ReadScope EVERYTHING =
      new ReadScope(true, true, Set.of(), Set.of(), Set.of());

  /** The scope of a caller that sees nothing. */
  public static final ReadScope NOTHING = new ReadScope(false, false, Set.of(), Set.of(), Set.of());

  /** The scope of a caller that sees public repositories only. */
  public static final ReadScope PUBLIC = new ReadScope(false, true, Set.of(), Set.of(), Set.of());

  /** Makes defensive copies. */
  public ReadScope {
    namespaces = Set.copyOf(namespaces);
    repositories = Set.copyOf(repositories);
    patterns = Set.copyOf(patterns);
  }

  /** The scope of one repository. */
  public static ReadScope of(RepositoryName repository) {
    return new ReadScope(false, false, Set.of(), Set.of(repository), Set.of());
  }

  /** The scope of all public repositories and of all repositories in the given namespaces. */
  public static ReadScope of(Set<String> namespaces) {
    return new ReadScope(false, true, namespaces, Set.of(), Set.of());
  }

  /** This scope, and the repositories of some patterns. */
  public ReadScope with(Set<NamePattern> more) {
    return new ReadScope(all, publicOnes, namespaces, repositories, more);
  }

  /** Whether a repository is in the scope. */
  public boolean includes(RepositoryName repository, boolean isPrivate) {
    return all
        || (publicOnes && !isPrivate)
        || namespaces.contains(repository.namespace())
        || repositories.contains(repository)
        || (!patterns.isEmpty()
            && patterns.stream().anyMatch(each -> each.matches(repository.toString())));
  }
}
