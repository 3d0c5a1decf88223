package io.registry.access.index;

import io.registry.content.repository.RepositoryName;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import java.util.regex.Pattern;

/**
 * The rules for names of accounts, teams, robots and namespaces. Names of accounts are narrow: they
 * are namespaces too, for which clients have rules (protocol 9.8), and they are sent with a colon
 * after them.
 */
final class AccountNames {
  private static final int LONGEST = 255;
  private static final Pattern NARROW = Pattern.compile("[a-z0-9]+(?:[._-][a-z0-9]+)*");
  private static final Pattern NAMESPACE = Pattern.compile("(?!\\.{1,2}$)[A-Za-z0-9._-]+");

  private AccountNames() {}

  /** Whether a name is valid for an account. */
  static boolean isAccount(String name) {
    return name.length() >= 2
        && name.length() <= LONGEST
        && NARROW.matcher(name).matches()
        // The owner of the default namespace would own every name without a namespace.
        && !name.equals(RepositoryName.DEFAULT_NAMESPACE);
  }

  static String account(String name) {
    return checked(isAccount(name), name, "Invalid user name");
  }

  static String team(String name) {
    return checked(isNarrow(name), name, "Invalid team name");
  }

  static String robot(String name) {
    return checked(isNarrow(name), name, "Invalid robot name");
  }

  /** Wider than the rule for accounts, because an old store may contain such names. */
  static String namespace(String name) {
    return checked(isNamespace(name), name, "Invalid namespace");
  }

  static boolean isNamespace(String name) {
    return name.length() <= LONGEST && NAMESPACE.matcher(name).matches();
  }

  static boolean isNarrow(String name) {
    return name.length() <= LONGEST && NARROW.matcher(name).matches();
  }

  private static String checked(boolean valid, String name, String otherwise) {
    if (!valid) {
      throw new RegistryException(Problem.INVALID, otherwise);
    }
    return name;
  }
}
