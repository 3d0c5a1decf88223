package io.registry.index;

import io.registry.problem.RegistryException;
import java.util.Optional;

/** Checks passwords of users. */
interface PasswordCheck {

  /**
   * Checks a password.
   *
   * @param name what may be the name of an account
   * @param password what was given as the password, which is not empty
   * @param stored the account, if there is one
   * @return whose the password is; nothing when it does not belong to the name
   * @throws RegistryException {@code UNAVAILABLE} when that cannot be found out now
   */
  Optional<Account> check(String name, String password, Optional<AccountRows.Row> stored);
}
