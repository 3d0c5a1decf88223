package io.registry.access.index;

import io.registry.platform.database.Database;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Manages the accounts of users. There is always an active admin: the last one can be neither
 * disabled nor demoted nor removed.
 *
 * <p>Throws a {@link RegistryException} of the kind {@code NOT_FOUND} when there is no such
 * account, {@code CONFLICT} when the current state forbids the change, {@code INVALID} when a name,
 * password or address is not valid.
 */
public final class Accounts {
  private static final int LONGEST_EMAIL = 254;
  private static final Pattern EMAIL = Pattern.compile("[^\\s\\p{Cntrl}@]+@[^\\s\\p{Cntrl}@]+");

  private final AccountRows rows;
  private final Database database;
  private final PasswordHashes passwords;
  private final Clock clock;
  private final boolean passwordsAreElsewhere;

  Accounts(
      Database database, PasswordHashes passwords, Clock clock, boolean passwordsAreElsewhere) {
    this.passwordsAreElsewhere = passwordsAreElsewhere;
    this.rows = new AccountRows(database);
    this.database = database;
    this.passwords = passwords;
    this.clock = clock;
  }

  /**
   * Creates an account. It owns the namespace of its name, unless that namespace was given to
   * another owner. The name of a namespace that has repositories but no owner is refused, so that
   * the first user to register the name does not take over the repositories.
   */
  public Account create(NewAccount account) {
    String name = AccountNames.account(account.name());
    String email = email(account.email());
    String hash = passwords.hash(account.password());
    if (rows.hasAbandonedRepositories(name)
        || !rows.insert(name, email, Optional.of(hash), account.admin(), false, clock.instant())) {
      throw new RegistryException(Problem.CONFLICT, "Username already exists");
    }
    return known(name);
  }

  /** Finds an account by name. */
  public Optional<Account> find(String name) {
    return AccountNames.isAccount(name)
        ? rows.find(name).map(AccountRows.Row::account)
        : Optional.empty();
  }

  /**
   * Lists accounts in the order of their names.
   *
   * @param after the name after which to begin; empty for the first
   * @param limit up to how many are returned
   */
  public List<Account> list(String after, int limit) {
    return rows.list(after, limit);
  }

  /** Sets a password that the user need not change. */
  public void setPassword(String name, String password) {
    String hash = hash(password);
    found(changePassword(database.statements(), name, hash));
  }

  private String hash(String password) {
    if (passwordsAreElsewhere) {
      throw new RegistryException(
          Problem.CONFLICT, "Passwords are kept in a directory: change it there");
    }
    return passwords.hash(password);
  }

  private static int changePassword(JdbcClient client, String name, String hash) {
    return client
        .sql(
            """
            update account set password_hash = :hash, must_change_password = false,
              version = version + 1 where name = :name""")
        .param("hash", hash)
        .param("name", name)
        .update();
  }

  /** Changes the password, the address, or both; neither when one of them is refused. */
  public void update(String name, Optional<String> password, Optional<String> email) {
    Optional<String> hash = password.map(this::hash);
    Optional<String> checked = email.map(Accounts::email);
    found(
        database.together(
            client -> {
              hash.ifPresent(value -> found(changePassword(client, name, value)));
              checked.ifPresent(value -> found(changeEmail(client, name, value)));
              return count(client, name);
            }));
  }

  /** Changes the e-mail address. */
  public void setEmail(String name, String email) {
    String checked = email(email);
    found(changeEmail(database.statements(), name, checked));
  }

  private static int changeEmail(JdbcClient client, String name, String email) {
    return client
        .sql("update account set email = :email where name = :name")
        .param("email", email)
        .param("name", name)
        .update();
  }

  /** Allows or forbids a user to sign in. */
  public void setActive(String name, boolean active) {
    setFlag(name, "active", active);
  }

  /** Makes a user an admin, or ends that. */
  public void setAdmin(String name, boolean admin) {
    setFlag(name, "admin", admin);
  }

  private void setFlag(String name, String column, boolean value) {
    found(
        database.together(
            client -> {
              if (!value) {
                leaveAnAdmin(client, name);
              }
              return client
                      .sql(
                          """
                          update account set %1$s = :value, version = version + 1
                          where name = :name and %1$s <> :value"""
                              .formatted(column))
                      .param("value", value)
                      .param("name", name)
                      .update()
                  + count(client, name);
            }));
  }

  /** Applies several changes to an account in one transaction. */
  public Account change(String name, AccountChange change) {
    return database.together(
        client -> {
          change.email().ifPresent(email -> setEmail(name, email));
          change.active().ifPresent(active -> setActive(name, active));
          change.admin().ifPresent(admin -> setAdmin(name, admin));
          return known(name);
        });
  }

  /**
   * Removes an account, its memberships, and the data of the namespace of its name, if the account
   * owned that. Other namespaces that it owns must be given to another owner first.
   */
  public void remove(String name) {
    try {
      found(
          database.together(
              client -> {
                leaveAnAdmin(client, name);
                client
                    .sql("delete from namespace where name = :name and owner_account = :name")
                    .param("name", name)
                    .update();
                return client
                    .sql("delete from account where name = :name")
                    .param("name", name)
                    .update();
              }));
    } catch (DataIntegrityViolationException e) {
      throw new RegistryException(Problem.CONFLICT, "The user still owns a namespace", e);
    }
  }

  /** Locks all active admins, so that two concurrent requests cannot remove the last two. */
  private static void leaveAnAdmin(JdbcClient client, String leaving) {
    List<String> admins =
        client
            .sql("select name from account where admin and active order by name for update")
            .query((row, number) -> row.getString("name"))
            .list();
    if (admins.equals(List.of(leaving))) {
      throw new RegistryException(Problem.CONFLICT, "There would be no active admin any more");
    }
  }

  private static int count(JdbcClient client, String name) {
    return client
        .sql("select count(*) from account where name = :name")
        .param("name", name)
        .query(Integer.class)
        .single();
  }

  private Account known(String name) {
    return find(name).orElseThrow(Accounts::unknown);
  }

  private static void found(int rows) {
    if (rows == 0) {
      throw unknown();
    }
  }

  private static RegistryException unknown() {
    return new RegistryException(Problem.NOT_FOUND, "User not found");
  }

  private static String email(String email) {
    if (!email.isEmpty() && (email.length() > LONGEST_EMAIL || !EMAIL.matcher(email).matches())) {
      throw new RegistryException(Problem.INVALID, "Invalid e-mail address");
    }
    return email;
  }
}
