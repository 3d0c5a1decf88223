package io.registry.access.index;

import io.registry.access.auth.Caller;
import io.registry.access.auth.SignIn;
import java.util.Optional;

/** Signs in users and robots. A robot has a plus sign in its name, a user has none. */
final class AccountSignIn implements SignIn {
  private final AccountRows accounts;
  private final Robots robots;
  private final Permissions permissions;
  private final PasswordCheck passwords;

  AccountSignIn(
      AccountRows accounts, Robots robots, Permissions permissions, PasswordCheck passwords) {
    this.accounts = accounts;
    this.robots = robots;
    this.permissions = permissions;
    this.passwords = passwords;
  }

  @Override
  public Result signIn(String name, String password) {
    if (password.isEmpty()) {
      // A directory may treat an empty password as an anonymous bind, and accept it.
      return new Result.Refused();
    }
    return RobotName.find(name)
        .map(robot -> robot(robot, password))
        .orElseGet(() -> user(name, password));
  }

  @Override
  public Optional<Caller.Account> current(String name) {
    Optional<RobotName> robot = RobotName.find(name);
    return robot.isPresent()
        ? robot
            .filter(known -> permissions.role(name, known.namespace()).isPresent())
            .map(known -> new Caller.Account(name, false))
        : accounts
            .find(name)
            .map(AccountRows.Row::account)
            .filter(account -> account.active() && !account.mustChangePassword())
            .map(account -> new Caller.Account(name, account.admin()));
  }

  private Result robot(RobotName robot, String secret) {
    return robot.isValid() && robots.accepts(robot, secret)
        ? new Result.SignedIn(new Caller.Account(robot.login(), false))
        : new Result.Refused();
  }

  private Result user(String name, String password) {
    Optional<AccountRows.Row> stored =
        AccountNames.isAccount(name) ? accounts.find(name) : Optional.empty();
    return passwords
        .check(name, password, stored)
        .map(AccountSignIn::result)
        .orElseGet(Result.Refused::new);
  }

  private static Result result(Account account) {
    Caller.Account caller = new Caller.Account(account.name(), account.admin());
    if (!account.active()) {
      return new Result.Inactive();
    }
    return account.mustChangePassword()
        ? new Result.MustChangePassword(caller)
        : new Result.SignedIn(caller);
  }
}
