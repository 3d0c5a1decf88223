package io.registry.index;

import io.registry.problem.Problem;
import io.registry.problem.RegistryException;
import io.registry.repository.RepositoryName;
import java.util.regex.Pattern;

/**
 * What accounts, teams, robots and namespaces may be called. Names of accounts are narrow, because
 * they are namespaces, too, and clients have rules for those (protocol 9.8), and are sent with a
 * colon behind them.
 */
final class Names {
  private static final int LONGEST = 255;
  private static final Pattern NARROW = Pattern.compile("[a-z0-9]+(?:[._-][a-z0-9]+)*");
  private static final Pattern NAMESPACE = Pattern.compile("(?!\\.{1,2}$)[A-Za-z0-9._-]+");

  private Names() {}

  /** Whether an account could have that name. */
  static boolean isAccount(String name) {
    return name.length() >= 2
        && name.length() <= LONGEST
        && NARROW.matcher(name).matches()
        // Who owned it would own every name without a namespace.
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

  /** Wider than those of accounts, for what an old store may hold. */
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
