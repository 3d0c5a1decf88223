package io.registry.index;

import io.registry.database.Database;
import io.registry.problem.Problem;
import io.registry.problem.RegistryException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Whose a namespace is, and who else may do what in it. One that nobody was given is its
 * namesake's, if there is an account of that name; else only admins may do something there.
 *
 * <p>Refuses with {@code NOT_FOUND} when there is no such namespace, account or team, {@code
 * CONFLICT} when the namespace is somebody's already, {@code INVALID} when a name cannot be one.
 */
public final class Namespaces {
  private static final String OF_AN_ACCOUNT =
      """
      select name, owner_account, owner_team from (
        select n.name, n.owner_account, n.owner_team from namespace n
          where n.owner_account = :account
          or n.owner_team in (select team from team_member where account = :account)
          or exists (select 1 from namespace_member m where m.namespace = n.name
            and (m.account = :account
              or m.team in (select team from team_member where account = :account)))
        union all
        select a.name, a.name, null from account a where a.name = :account
          and not exists (select 1 from namespace where namespace.name = :account)
      ) known where name > :after order by name limit :limit""";

  private final Database database;

  Namespaces(Database database) {
    this.database = database;
  }

  /** Gives a namespace to somebody, though there may be an account of that name. */
  public void create(String name, Owner owner) {
    String checked = Names.namespace(name);
    int rows =
        known(
            () ->
                database.run(
                    client ->
                        client
                            .sql(
                                """
                                insert into namespace (name, owner_account, owner_team)
                                values (:name, :account, :team) on conflict do nothing""")
                            .param("name", checked)
                            .param("account", nameOf(PartyKind.ACCOUNT, owner.kind(), owner.name()))
                            .param("team", nameOf(PartyKind.TEAM, owner.kind(), owner.name()))
                            .update()));
    if (rows == 0) {
      throw new RegistryException(Problem.CONFLICT, "Namespace already exists");
    }
  }

  /** The namespace, if it is somebody's. */
  public Optional<Namespace> find(String name) {
    return database.run(
        client ->
            client
                .sql(
                    """
                    select name, owner_account, owner_team from namespace where name = :name
                    union all
                    select name, name, null from account where name = :name
                      and not exists (select 1 from namespace where namespace.name = :name)""")
                .param("name", name)
                .query(Namespaces::namespace)
                .optional());
  }

  /**
   * Lists, in the order of their names, namespaces that were given to somebody or that have members
   * or robots.
   *
   * @param after the name after which to begin; empty for the first
   * @param limit so many at most
   */
  public List<Namespace> list(String after, int limit) {
    return database.run(
        client ->
            client
                .sql("select * from namespace where name > :after order by name limit :limit")
                .param("after", after)
                .param("limit", limit)
                .query(Namespaces::namespace)
                .list());
  }

  /**
   * Lists, in the order of their names, the namespaces in which an account has a role: the one of
   * its own name included, if that was not given to somebody else.
   *
   * @param account the account
   * @param after the name after which to begin; empty for the first
   * @param limit so many at most
   */
  public List<Namespace> listOf(String account, String after, int limit) {
    return database.run(
        client ->
            client
                .sql(OF_AN_ACCOUNT)
                .param("account", account)
                .param("after", after)
                .param("limit", limit)
                .query(Namespaces::namespace)
                .list());
  }

  /** Gives a namespace to somebody else. Its members stay, and who owned it is none of them. */
  public void setOwner(String name, Owner owner) {
    int rows =
        known(
            () ->
                database.together(
                    client -> {
                      own(client, name);
                      return client
                          .sql(
                              """
                              update namespace set owner_account = :account, owner_team = :team
                              where name = :name""")
                          .param("name", name)
                          .param("account", nameOf(PartyKind.ACCOUNT, owner.kind(), owner.name()))
                          .param("team", nameOf(PartyKind.TEAM, owner.kind(), owner.name()))
                          .update();
                    }));
    found(rows);
  }

  /** Gives somebody a role in a namespace, in place of the one that it may have there. */
  public void setMember(String namespace, Member member, Role role) {
    // Somebody else may be adding the same member: then it is there to be changed.
    int rows =
        known(
            () ->
                database.together(
                    client -> {
                      own(client, namespace);
                      int changed = change(client, namespace, member, role);
                      changed += changed > 0 ? 0 : add(client, namespace, member, role);
                      return changed > 0 ? changed : change(client, namespace, member, role);
                    }));
    found(rows);
  }

  private static int change(JdbcClient client, String namespace, Member member, Role role) {
    return client
        .sql(
            "update namespace_member set role = :role where namespace = :namespace and %s = :member"
                .formatted(column(member)))
        .param("namespace", namespace)
        .param("member", member.name())
        .param("role", role.name())
        .update();
  }

  private static int add(JdbcClient client, String namespace, Member member, Role role) {
    return client
        .sql(
            """
            insert into namespace_member (namespace, account, team, role)
            values (:namespace, :account, :team, :role) on conflict do nothing""")
        .param("namespace", namespace)
        .param("account", nameOf(PartyKind.ACCOUNT, member.kind(), member.name()))
        .param("team", nameOf(PartyKind.TEAM, member.kind(), member.name()))
        .param("role", role.name())
        .update();
  }

  /** Takes away what somebody was given. */
  public void removeMember(String namespace, Member member) {
    found(
        database.run(
            client ->
                client
                    .sql(
                        "delete from namespace_member where namespace = :namespace and %s = :member"
                            .formatted(column(member)))
                    .param("namespace", namespace)
                    .param("member", member.name())
                    .update()));
  }

  /** Who was given which role in a namespace, in the order of their names; without the owner. */
  public Map<Member, Role> members(String namespace) {
    Map<Member, Role> members = new LinkedHashMap<>();
    database.run(
        client -> {
          client
              .sql(
                  """
                  select account, team, role from namespace_member where namespace = :namespace
                  order by account, team""")
              .param("namespace", namespace)
              .query(
                  row -> {
                    members.put(member(row), Role.valueOf(row.getString("role")));
                  });
          return members;
        });
    return Collections.unmodifiableMap(members);
  }

  /**
   * Takes a namespace from everybody, its robots included. Its repositories stay. It may be its
   * namesake's again.
   */
  public void remove(String name) {
    found(
        database.run(
            client ->
                client
                    .sql("delete from namespace where name = :name")
                    .param("name", name)
                    .update()));
  }

  /** Writes down that a namespace is its namesake's, so that more can be noted of it. */
  static void own(JdbcClient client, String name) {
    int unused =
        client
            .sql(
                """
                insert into namespace (name, owner_account)
                select name, name from account where name = :name on conflict do nothing""")
            .param("name", name)
            .update();
  }

  /** What may name a namespace, account or team that is not there. */
  interface Change {
    int rows();
  }

  static int known(Change change) {
    try {
      return change.rows();
    } catch (DataIntegrityViolationException e) {
      throw new RegistryException(Problem.NOT_FOUND, "No such namespace, user or team", e);
    }
  }

  private static void found(int rows) {
    if (rows == 0) {
      throw new RegistryException(Problem.NOT_FOUND, "No such namespace or member");
    }
  }

  private static @Nullable String nameOf(PartyKind wanted, PartyKind kind, String name) {
    return kind == wanted ? name : null;
  }

  private static String column(Member member) {
    return switch (member.kind()) {
      case ACCOUNT -> "account";
      case TEAM -> "team";
    };
  }

  private static Namespace namespace(ResultSet row, int number) throws SQLException {
    String account = row.getString("owner_account");
    Owner owner =
        account == null
            ? new Owner(PartyKind.TEAM, row.getString("owner_team"))
            : new Owner(PartyKind.ACCOUNT, account);
    return new Namespace(row.getString("name"), owner);
  }

  private static Member member(ResultSet row) throws SQLException {
    String account = row.getString("account");
    return account == null
        ? new Member(PartyKind.TEAM, row.getString("team"))
        : new Member(PartyKind.ACCOUNT, account);
  }
}
