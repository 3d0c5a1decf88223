package io.registry.auth;

import io.registry.problem.RegistryException;
import java.util.Optional;

/** Checks names and passwords. */
public interface SignIn {

  /**
   * Checks a name and a password.
   *
   * @param name the name of a user or robot
   * @param password what was given as the password
   * @return whether they belong together
   * @throws RegistryException {@code UNAVAILABLE} when that cannot be found out now
   */
  Result signIn(String name, String password);

  /**
   * An account that has signed in before, as it is now.
   *
   * @param name the name of a user or robot
   * @return nothing when it may not be used any more
   * @throws RegistryException {@code UNAVAILABLE} when that cannot be found out now
   */
  Optional<Caller.Account> current(String name);

  /** How a sign-in ended. */
  sealed interface Result {
    /**
     * Name and password belong together.
     *
     * @param account whose they are
     */
    record SignedIn(Caller.Account account) implements Result {}

    /** They do not, or there is no such account. */
    record Refused() implements Result {}

    /**
     * They do, but the password is one that is good for choosing another, and for nothing else.
     *
     * @param account whose they are
     */
    record MustChangePassword(Caller.Account account) implements Result {}

    /** They do, but the account is disabled. */
    record Inactive() implements Result {}
  }
}
