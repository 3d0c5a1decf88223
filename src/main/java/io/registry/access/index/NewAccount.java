package io.registry.access.index;

/**
 * An account to be created.
 *
 * @param name the name
 * @param password the password, at least 8 characters and at most 72 bytes
 * @param email the e-mail address; empty when it is not known
 * @param admin whether the user may do everything
 */
public record NewAccount(String name, String password, String email, boolean admin) {

  /** Omits the password. */
  @Override
  public String toString() {
    return "NewAccount[" + name + ", " + email + ", admin=" + admin + "]";
  }
}
