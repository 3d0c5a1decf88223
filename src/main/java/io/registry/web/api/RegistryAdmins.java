package io.registry.web.api;

import io.registry.access.auth.Caller;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;

/**
 * Determines the callers that may manage the registry as a whole: admin accounts, privileged keys,
 * and every caller in the mode without access control.
 */
final class RegistryAdmins {
  private RegistryAdmins() {}

  /** Requires such a caller. */
  static void require(Caller caller) {
    boolean may =
        caller instanceof Caller.Unchecked
            || caller instanceof Caller.Privileged
            || (caller instanceof Caller.Account account && account.admin());
    if (!may) {
      throw new RegistryException(Problem.FORBIDDEN, "Only admins of the registry may do that");
    }
  }
}
