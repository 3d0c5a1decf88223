package io.registry.web.api;

import io.registry.auth.Caller;
import io.registry.problem.Problem;
import io.registry.problem.RegistryException;

/**
 * Who may do what concerns the registry as a whole: admins among the accounts, privileged keys, and
 * everybody where nobody is asked who it is.
 */
final class RegistryAdmins {
  private RegistryAdmins() {}

  /** Lets one of them through only. */
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
