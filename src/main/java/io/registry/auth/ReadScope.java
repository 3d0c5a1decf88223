package io.registry.auth;

import io.registry.repository.RepositoryName;
import java.util.Set;

/**
 * Which repositories somebody sees in a list, told beforehand: to ask of each whether it may be
 * read would take too long. It is as old as the list; whoever tells a name asks once more.
 *
 * @param all whether it is all of them
 * @param publicOnes whether it is those that are not private
 * @param namespaces it is all repositories of these
 * @param repositories it is these
 */
public record ReadScope(
    boolean all, boolean publicOnes, Set<String> namespaces, Set<RepositoryName> repositories) {
  /** Of those who see everything. */
  public static final ReadScope EVERYTHING = new ReadScope(true, true, Set.of(), Set.of());

  /** Of those who see nothing. */
  public static final ReadScope NOTHING = new ReadScope(false, false, Set.of(), Set.of());

  /** Of those who see what is public and nothing else. */
  public static final ReadScope PUBLIC = new ReadScope(false, true, Set.of(), Set.of());

  /** Keeps copies. */
  public ReadScope {
    namespaces = Set.copyOf(namespaces);
    repositories = Set.copyOf(repositories);
  }

  /** Of those who see one repository. */
  public static ReadScope of(RepositoryName repository) {
    return new ReadScope(false, false, Set.of(), Set.of(repository));
  }

  /** Of those who see what is public and everything in these namespaces. */
  public static ReadScope of(Set<String> namespaces) {
    return new ReadScope(false, true, namespaces, Set.of());
  }

  /** Whether a repository is among them. */
  public boolean includes(RepositoryName repository, boolean isPrivate) {
    return all
        || (publicOnes && !isPrivate)
        || namespaces.contains(repository.namespace())
        || repositories.contains(repository);
  }
}
