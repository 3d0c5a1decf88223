package io.registry.access.index;

import io.registry.platform.database.Database;
import io.registry.platform.database.SqlTime;
import java.time.Clock;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;

/**
 * Computes what an account or robot may do in namespaces. Each method sends one query to the
 * database.
 */
public final class Permissions {
  private static final String ROLES_OF_A_USER =
      """
      select r.role from (
        select 'ADMIN' as role, name as account from account
          where name = :namespace
          and not exists (select 1 from namespace where namespace.name = :namespace)
        union all
        select 'ADMIN', owner_account from namespace where name = :namespace
        union all
        select 'ADMIN', m.account from namespace n join team_member m on m.team = n.owner_team
          where n.name = :namespace
        union all
        select role, account from namespace_member where namespace = :namespace
        union all
        select n.role, m.account from namespace_member n join team_member m on m.team = n.team
          where n.namespace = :namespace
      ) r join account a on a.name = r.account
      where a.name = :account and a.active""";

  /** The inverse query: every role includes read access. */
  private static final String NAMESPACES_OF_A_USER =
      """
      select r.namespace from (
        select name as namespace, name as account from account
          where name = :account
          and not exists (select 1 from namespace where namespace.name = :account)
        union all
        select name, owner_account from namespace where owner_account = :account
        union all
        select n.name, m.account from team_member m join namespace n on n.owner_team = m.team
          where m.account = :account
        union all
        select namespace, account from namespace_member where account = :account
        union all
        select n.namespace, m.account from team_member m join namespace_member n on n.team = m.team
          where m.account = :account
      ) r join account a on a.name = r.account
      where a.active""";

  private static final String ROLE_OF_A_ROBOT =
      """
      select r.role from robot r where r.namespace = :namespace and r.name = :robot
        and exists (select 1 from robot_credential c
          where c.namespace = r.namespace and c.robot = r.name and not c.revoked
          and (c.expires_at is null or c.expires_at > :now))""";

  private final Database database;
  private final Clock clock;

  Permissions(Database database, Clock clock) {
    this.database = database;
    this.clock = clock;
  }

  /**
   * The highest role of a user or robot in a namespace: as its owner, as a member, or through a
   * team. The rights of admins are not included.
   *
   * @param account the name of a user or robot
   * @param namespace the namespace, which may have no owner
   * @return the role; empty for accounts without a role, disabled accounts, and robots without a
   *     valid credential
   */
  public Optional<Role> role(String account, String namespace) {
    return RobotName.find(account)
        .map(robot -> roleOfRobot(robot, namespace))
        .orElseGet(() -> roleOfUser(account, namespace));
  }

  /**
   * The namespaces in which a user or robot has a role. The rights of admins are not included.
   *
   * @param account the name of a user or robot
   */
  public Set<String> namespaces(String account) {
    Optional<RobotName> robot = RobotName.find(account);
    if (robot.isPresent()) {
      String own = robot.get().namespace();
      return role(account, own).isPresent() ? Set.of(own) : Set.of();
    }
    return database
        .sql(NAMESPACES_OF_A_USER)
        .param("account", account)
        .query((row, number) -> row.getString(1))
        .set();
  }

  private Optional<Role> roleOfRobot(RobotName robot, String namespace) {
    return robot.namespace().equals(namespace)
        ? database
            .sql(ROLE_OF_A_ROBOT)
            .param("namespace", namespace)
            .param("robot", robot.name())
            .param("now", SqlTime.of(clock.instant()))
            .query(String.class)
            .optional()
            .map(Role::valueOf)
        : Optional.empty();
  }

  private Optional<Role> roleOfUser(String account, String namespace) {
    return database
        .sql(ROLES_OF_A_USER)
        .param("namespace", namespace)
        .param("account", account)
        .query((row, number) -> row.getString(1))
        .list()
        .stream()
        .map(Role::valueOf)
        .max(Comparator.naturalOrder());
  }
}
