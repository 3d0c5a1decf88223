package io.registry.access.index;

import io.registry.platform.problem.RegistryException;
import java.io.PrintStream;
import java.time.Clock;
import java.util.Optional;
import java.util.function.Supplier;
import org.springframework.beans.factory.SmartInitializingSingleton;

/**
 * Creates an admin when there is none, before the first request. When several processes start on an
 * empty database, one creates it, and only that one prints its password.
 */
final class FirstAdmin implements SmartInitializingSingleton {
  private final AccountRows accounts;
  private final PasswordHashes passwords;
  private final EmbeddedIndexProperties.Admin settings;
  private final boolean passwordsAreElsewhere;
  private final Clock clock;
  private final PrintStream out;

  /**
   * Creates the setup of the first admin.
   *
   * @param passwordsAreElsewhere whether a directory checks the passwords, so that a stored one
   *     would be useless
   * @param out where a generated password is printed
   */
  FirstAdmin(
      AccountRows accounts,
      PasswordHashes passwords,
      EmbeddedIndexProperties.Admin settings,
      boolean passwordsAreElsewhere,
      Clock clock,
      PrintStream out) {
    this.accounts = accounts;
    this.passwords = passwords;
    this.settings = settings;
    this.passwordsAreElsewhere = passwordsAreElsewhere;
    this.clock = clock;
    this.out = out;
  }

  @Override
  public void afterSingletonsInstantiated() {
    if (accounts.hasAdmin()) {
      return;
    }
    String name = setting("name", () -> AccountNames.account(settings.name()));
    if (passwordsAreElsewhere) {
      insert(name, Optional.empty(), false);
    } else if (settings.password().isEmpty()) {
      String password = Secrets.random();
      if (insert(name, Optional.of(passwords.hash(password)), true)) {
        out.printf(
            "There was no admin. The account \"%s\" was made, with a password that is shown only"
                + " here and has to be changed first:%n%n    %s%n%n",
            name, password);
        out.flush();
      }
    } else {
      String hash = setting("password", () -> passwords.hash(settings.password()));
      insert(name, Optional.of(hash), false);
    }
  }

  private static String setting(String name, Supplier<String> check) {
    try {
      return check.get();
    } catch (RegistryException e) {
      throw new IllegalStateException("registry.index.admin." + name + ": " + e.getMessage(), e);
    }
  }

  private boolean insert(String name, Optional<String> hash, boolean mustChangePassword) {
    return accounts.insert(name, "", hash, true, mustChangePassword, clock.instant());
  }
}
