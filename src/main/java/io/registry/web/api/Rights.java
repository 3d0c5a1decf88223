package io.registry.web.api;

import io.registry.access.auth.Caller;
import io.registry.access.auth.ConditionalOnIndexMode;
import io.registry.access.auth.IndexMode;
import io.registry.access.index.Namespace;
import io.registry.access.index.Namespaces;
import io.registry.access.index.Permissions;
import io.registry.access.index.Role;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * Checks permissions of the API. An object that the caller may not know of is {@code NOT_FOUND},
 * whether or not it exists; an action on a known object that is not allowed is {@code FORBIDDEN}.
 */
@Component
@ConditionalOnIndexMode(IndexMode.EMBEDDED)
class Rights {
  private final Permissions permissions;
  private final Namespaces namespaces;

  Rights(Permissions permissions, Namespaces namespaces) {
    this.permissions = permissions;
    this.namespaces = namespaces;
  }

  /** Requires an admin of the registry. */
  void requireAdmin(Caller.Account caller) {
    if (!caller.admin()) {
      throw new RegistryException(Problem.FORBIDDEN, "Only admins of the registry may do that");
    }
  }

  /**
   * Requires a role, or a higher one, in a namespace that has an owner. Admins of the registry have
   * every role.
   */
  void requireRole(Caller.Account caller, String namespace, Role needed) {
    Optional<Role> role =
        caller.admin()
            ? namespaces.find(namespace).flatMap(Namespace::owner).map(owner -> Role.ADMIN)
            : permissions.role(caller.name(), namespace);
    if (role.isEmpty()) {
      throw new RegistryException(Problem.NOT_FOUND, "Namespace not found");
    }
    if (!role.get().covers(needed)) {
      throw new RegistryException(
          Problem.FORBIDDEN, "Only owners and admins of the namespace may do that");
    }
  }

  /** Whether the caller has a role in a namespace, or is an admin. */
  boolean hasRole(Caller.Account caller, String namespace) {
    return caller.admin() || permissions.role(caller.name(), namespace).isPresent();
  }

  /** Requires that the caller may see a user: the user, or an admin of the registry. */
  void requireSight(Caller.Account caller, String user) {
    if (!caller.admin() && !caller.name().equals(user)) {
      throw new RegistryException(Problem.NOT_FOUND, "User not found");
    }
  }
}
