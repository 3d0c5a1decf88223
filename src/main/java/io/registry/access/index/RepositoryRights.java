package io.registry.access.index;

import io.registry.access.auth.AccessProperties;
import io.registry.access.auth.Action;
import io.registry.access.auth.Caller;
import io.registry.access.auth.IndexMode;
import io.registry.access.auth.ReadScope;
import io.registry.content.repository.NamePattern;
import io.registry.content.repository.RepositoryName;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Computes what callers may do with repositories, by the current roles in the database. */
final class RepositoryRights {
  private final Accounts accounts;
  private final Permissions permissions;
  private final RepositoryVisibilities visibilities;
  private final AccessProperties settings;
  private final Optional<SharedAccess> shared;

  RepositoryRights(
      Accounts accounts,
      Permissions permissions,
      RepositoryVisibilities visibilities,
      AccessProperties settings,
      Optional<SharedAccess> shared) {
    this.accounts = accounts;
    this.permissions = permissions;
    this.visibilities = visibilities;
    this.settings = settings;
    this.shared = shared;
  }

  /**
   * The account behind a caller.
   *
   * @param name of the user or robot; empty for an anonymous caller
   * @param admin whether the account may do everything
   */
  record Party(Optional<String> name, boolean admin) {
    static final Party NOBODY = new Party(Optional.empty(), false);
  }

  /**
   * The account behind a caller. A token is worth no more than its user: a disabled user counts as
   * anonymous.
   */
  Party party(Caller caller) {
    if (caller instanceof Caller.Account account) {
      return new Party(Optional.of(account.name()), account.admin());
    }
    if (caller instanceof Caller.Bearer bearer) {
      return party(bearer.grant().user());
    }
    return Party.NOBODY;
  }

  private Party party(String user) {
    Optional<RobotName> robot = RobotName.find(user);
    if (robot.isPresent()) {
      return permissions.role(user, robot.get().namespace()).isPresent()
          ? new Party(Optional.of(user), false)
          : Party.NOBODY;
    }
    return accounts
        .find(user)
        .filter(account -> account.active() && !account.mustChangePassword())
        // A token is worth nothing any more when its user was removed from the file.
        .filter(account -> shared.map(file -> file.knows(user)).orElse(true))
        .map(account -> new Party(Optional.of(user), account.admin()))
        .orElse(Party.NOBODY);
  }

  /** Whether a party may do the action with a repository, which need not exist. */
  boolean may(Party party, RepositoryName repository, Action action) {
    if (party.admin()) {
      return true;
    }
    if (action == Action.READ
        && mayReadWhatIsPublic(party)
        && !visibilities.isPrivate(repository)) {
      return true;
    }
    return party
        .name()
        .filter(
            name ->
                Stream.concat(
                        shared.flatMap(file -> file.role(name, repository)).stream(),
                        permissions.role(name, repository.namespace()).stream())
                    .anyMatch(role -> role.covers(needed(action))))
        .isPresent();
  }

  /** The repositories that a party may read. */
  ReadScope scope(Party party) {
    if (party.admin()) {
      return ReadScope.EVERYTHING;
    }
    if (!mayReadWhatIsPublic(party)) {
      return ReadScope.NOTHING;
    }
    Set<NamePattern> patterns =
        shared.flatMap(file -> party.name().map(file::readable)).orElse(Set.of());
    return ReadScope.of(party.name().map(permissions::namespaces).orElse(Set.of())).with(patterns);
  }

  private boolean mayReadWhatIsPublic(Party party) {
    return party.name().isPresent() || settings.isReadByAnonymous(IndexMode.EMBEDDED);
  }

  private static Role needed(Action action) {
    return switch (action) {
      case READ -> Role.READ;
      case WRITE, DELETE_TAG -> Role.WRITE;
      case DELETE_REPOSITORY, ADMINISTER -> Role.ADMIN;
    };
  }
}
