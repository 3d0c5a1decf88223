package io.registry.access.auth;

import io.registry.platform.problem.RegistryException;
import java.util.Optional;

/** Checks names and passwords. */
public interface SignIn {

  /**
   * Checks a name and a password.
   *
   * @param name the name of a user or robot
   * @param password the password that the client sent
   * @return the outcome
   * @throws RegistryException {@code UNAVAILABLE} when the check is not possible at the moment
   */
  Result signIn(String name, String password);

  /**
   * Finds an account that signed in before.
   *
   * @param name the name of a user or robot
   * @return the account as it is now; nothing when it may no longer sign in
   * @throws RegistryException {@code UNAVAILABLE} when the accounts cannot be read now
   */
  Optional<Caller.Account> current(String name);

  /** The outcome of a sign-in. */
  sealed interface Result {
    /**
     * The password is right.
     *
     * @param account the account
     */
    record SignedIn(Caller.Account account) implements Result {}

    /** The password is wrong, or there is no such account. */
    record Refused() implements Result {}

    /**
     * The password is right, but is only good for choosing another one.
     *
     * @param account the account
     */
    record MustChangePassword(Caller.Account account) implements Result {}

    /** The password is right, but the account is disabled. */
    record Inactive() implements Result {}
  }
}
