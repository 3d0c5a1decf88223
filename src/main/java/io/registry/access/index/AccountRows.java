package io.registry.access.index;

import io.registry.platform.database.Database;
import io.registry.platform.database.SqlTime;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The database rows of the accounts, with the hashes of their passwords. */
final class AccountRows {
  private final Database database;

  AccountRows(Database database) {
    this.database = database;
  }

  /**
   * An account with the hash of its password, if it has one.
   *
   * @param account the account
   * @param hash the hash; empty when a directory checks the password
   */
  record Row(Account account, Optional<String> hash) {

    /** Omits the hash. */
    @Override
    public String toString() {
      return account.toString();
    }
  }

  Optional<Row> find(String name) {
    return database
        .sql("select * from account where name = :name")
        .param("name", name)
        .query(AccountRows::row)
        .optional();
  }

  List<Account> list(String after, int limit) {
    return database
        .sql("select * from account where name > :after order by name limit :limit")
        .param("after", after)
        .param("limit", limit)
        .query((row, number) -> account(row))
        .list();
  }

  boolean hasAdmin() {
    return exists("select count(*) from account where admin", "");
  }

  /**
   * Whether there are repositories in the namespace of that name, and the namespace has no owner.
   */
  boolean hasAbandonedRepositories(String name) {
    return exists(
        """
        select count(*) from repository where namespace = :name
          and not exists (select 1 from namespace where namespace.name = :name)""",
        name);
  }

  private boolean exists(String count, String name) {
    return database.sql(count).param("name", name).query(Integer.class).single() > 0;
  }

  /**
   * Inserts an account.
   *
   * @return false when the name is taken
   */
  boolean insert(
      String name,
      String email,
      Optional<String> hash,
      boolean admin,
      boolean mustChangePassword,
      Instant now) {
    return database
            .sql(
                """
                        insert into account (name, email, password_hash, active, admin,
                          must_change_password, version, created_at)
                        values (:name, :email, :hash, true, :admin, :change, :version, :now)
                        on conflict do nothing""")
            .param("name", name)
            .param("email", email)
            .param("hash", orNull(hash))
            .param("admin", admin)
            .param("change", mustChangePassword)
            .param("version", Secrets.number())
            .param("now", SqlTime.of(now))
            .update()
        == 1;
  }

  private static @Nullable String orNull(Optional<String> text) {
    return text.isPresent() ? text.get() : null;
  }

  private static Row row(ResultSet row, int number) throws SQLException {
    return new Row(account(row), Optional.ofNullable(row.getString("password_hash")));
  }

  private static Account account(ResultSet row) throws SQLException {
    return new Account(
        row.getString("name"),
        row.getString("email"),
        row.getBoolean("active"),
        row.getBoolean("admin"),
        row.getBoolean("must_change_password"),
        SqlTime.get(row, "created_at"),
        row.getLong("version"));
  }
}
