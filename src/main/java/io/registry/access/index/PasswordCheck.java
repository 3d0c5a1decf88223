package io.registry.access.index;

import io.registry.platform.problem.RegistryException;
import java.util.Optional;

/** Checks passwords of users. */
interface PasswordCheck {

  /**
   * Checks a password.
   *
   * @param name the name that the client claims
   * @param password the password that the client sent, which is not empty
   * @param stored the account, if there is one
   * @return the account; empty when the password is wrong
   * @throws RegistryException {@code UNAVAILABLE} when the check is not possible at the moment
   */
  Optional<Account> check(String name, String password, Optional<AccountRows.Row> stored);
}
