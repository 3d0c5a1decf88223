package io.registry.web.api;

import io.registry.auth.Caller;
import io.registry.auth.ConditionalOnIndexMode;
import io.registry.auth.IndexMode;
import io.registry.index.Namespace;
import io.registry.index.Namespaces;
import io.registry.index.Permissions;
import io.registry.index.Role;
import io.registry.problem.Problem;
import io.registry.problem.RegistryException;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * Who may do what here. What somebody may not even know of is {@code NOT_FOUND}, whether it is
 * there or not; what somebody knows of and may not do is {@code FORBIDDEN}.
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

  /** Lets admins of the registry through only. */
  void requireAdmin(Caller.Account caller) {
    if (!caller.admin()) {
      throw new RegistryException(Problem.FORBIDDEN, "Only admins of the registry may do that");
    }
  }

  /**
   * Lets through who has that role in a namespace that is somebody's, or a higher one. Admins of
   * the registry have every role.
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

  /** Whether somebody has a role in a namespace, or may do everything. */
  boolean hasRole(Caller.Account caller, String namespace) {
    return caller.admin() || permissions.role(caller.name(), namespace).isPresent();
  }

  /** Lets through who may know of a user: the user, and admins of the registry. */
  void requireSight(Caller.Account caller, String user) {
    if (!caller.admin() && !caller.name().equals(user)) {
      throw new RegistryException(Problem.NOT_FOUND, "User not found");
    }
  }
}
