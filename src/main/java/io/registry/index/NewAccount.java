package io.registry.index;

/**
 * An account that is to be made.
 *
 * @param name the name
 * @param password the password, at least 8 characters and at most 72 bytes
 * @param email the address; empty when it is not known
 * @param admin whether the user may do everything
 */
public record NewAccount(String name, String password, String email, boolean admin) {

  /** Without the password. */
  @Override
  public String toString() {
    return "NewAccount[" + name + ", " + email + ", admin=" + admin + "]";
  }
}
