package io.registry.access.index;

import io.registry.platform.database.Database;
import io.registry.platform.database.SqlTime;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.springframework.dao.DataIntegrityViolationException;

/**
 * Manages teams: groups of accounts that can own a namespace or have a role together.
 *
 * <p>Throws a {@link RegistryException} of the kind {@code NOT_FOUND} when there is no such team or
 * account, {@code CONFLICT} when a name is taken or the team owns a namespace, {@code INVALID} when
 * a name is not valid.
 */
public final class Teams {
  private final Database database;
  private final Clock clock;

  Teams(Database database, Clock clock) {
    this.database = database;
    this.clock = clock;
  }

  /** Creates a team without members. */
  public void create(String name) {
    String checked = AccountNames.team(name);
    int rows =
        database
            .sql(
                """
                        insert into team (name, created_at) values (:name, :now)
                        on conflict do nothing""")
            .param("name", checked)
            .param("now", SqlTime.of(clock.instant()))
            .update();
    if (rows == 0) {
      throw new RegistryException(Problem.CONFLICT, "Team already exists");
    }
  }

  /** Whether there is a team of that name. */
  public boolean exists(String name) {
    return database
            .sql("select count(*) from team where name = :name")
            .param("name", name)
            .query(Integer.class)
            .single()
        > 0;
  }

  /**
   * Lists the names of teams in alphabetical order.
   *
   * @param after the name after which to begin; empty for the first
   * @param limit up to how many are returned
   */
  public List<String> list(String after, int limit) {
    return database
        .sql("select name from team where name > :after order by name limit :limit")
        .param("after", after)
        .param("limit", limit)
        .query((row, number) -> row.getString(1))
        .list();
  }

  /**
   * Lists the names of the teams of an account in alphabetical order.
   *
   * @param account the account
   * @param after the name after which to begin; empty for the first
   * @param limit up to how many are returned
   */
  public List<String> listOf(String account, String after, int limit) {
    return database
        .sql(
            """
                    select team from team_member where account = :account and team > :after
                    order by team limit :limit""")
        .param("account", account)
        .param("after", after)
        .param("limit", limit)
        .query((row, number) -> row.getString(1))
        .list();
  }

  /** Removes a team and its roles. Namespaces that it owns must be given to another owner first. */
  public void remove(String name) {
    try {
      found(database.sql("delete from team where name = :name").param("name", name).update());
    } catch (DataIntegrityViolationException e) {
      throw new RegistryException(Problem.CONFLICT, "The team still owns a namespace", e);
    }
  }

  /** Adds an account to a team, unless it is a member already. */
  public void addMember(String team, String account) {
    try {
      database
          .sql(
              """
                          insert into team_member (team, account) values (:team, :account)
                          on conflict do nothing""")
          .param("team", team)
          .param("account", account)
          .update();
    } catch (DataIntegrityViolationException e) {
      throw new RegistryException(Problem.NOT_FOUND, "No such team or user", e);
    }
  }

  /** Removes an account from a team. */
  public void removeMember(String team, String account) {
    found(
        database
            .sql("delete from team_member where team = :team and account = :account")
            .param("team", team)
            .param("account", account)
            .update());
  }

  /** The names of a team's members in alphabetical order; empty when there is no such team. */
  public Optional<List<String>> members(String team) {
    List<String> members =
        database
            .sql("select account from team_member where team = :team order by account")
            .param("team", team)
            .query((row, number) -> row.getString(1))
            .list();
    return members.isEmpty() && !exists(team) ? Optional.empty() : Optional.of(members);
  }

  private static void found(int rows) {
    if (rows == 0) {
      throw new RegistryException(Problem.NOT_FOUND, "No such team or member");
    }
  }
}
