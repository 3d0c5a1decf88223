package io.registry.access.index;

import io.registry.content.repository.NamePattern;
import io.registry.content.repository.RepositoryName;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the users of an htpasswd file may do beside their roles: by the rules of the settings, or
 * everything when there are none.
 */
final class SharedAccess {
  private final HtpasswdFile users;
  private final List<SharedAccessProperties.Rule> rules;

  SharedAccess(HtpasswdFile users, List<SharedAccessProperties.Rule> rules) {
    this.users = users;
    this.rules =
        rules.isEmpty()
            ? List.of(new SharedAccessProperties.Rule("*", List.of(), Role.ADMIN))
            : rules;
  }

  /** Whether a user is in the file now. */
  boolean knows(String user) {
    return users.contains(user);
  }

  /** The highest right of a user in a repository, which need not exist. */
  Optional<Role> role(String user, RepositoryName repository) {
    return knows(user)
        ? rules.stream()
            .filter(rule -> rule.isAbout(user) && rule.pattern().matches(repository.toString()))
            .map(SharedAccessProperties.Rule::rights)
            .max(Comparator.naturalOrder())
        : Optional.empty();
  }

  /** The patterns of the repositories that a user may read. */
  Set<NamePattern> readable(String user) {
    return knows(user)
        ? rules.stream()
            .filter(rule -> rule.isAbout(user))
            .map(SharedAccessProperties.Rule::pattern)
            .collect(Collectors.toUnmodifiableSet())
        : Set.of();
  }
}
