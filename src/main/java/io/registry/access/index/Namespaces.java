package io.registry.access.index;

import io.registry.platform.database.Database;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
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
 * Manages the owners and members of namespaces. A namespace without a recorded owner belongs to the
 * account of the same name, if there is one; otherwise only admins have access.
 *
 * <p>Throws a {@link RegistryException} of the kind {@code NOT_FOUND} when there is no such
 * namespace, account or team, {@code CONFLICT} when the namespace has an owner already, {@code
 * INVALID} when a name is not valid.
 */
public final class Namespaces {
  private static final String KNOWN =
      """
      select k.name, coalesce(n.owner_account, a.name) as owner_account, n.owner_team,
        t.name is not null as trusted
      from (%s) k left join namespace n on n.name = k.name
        left join account a on a.name = k.name and n.name is null
        left join trusted_namespace t on t.name = k.name
      where k.name > :after order by k.name limit :limit""";
  private static final String ONE =
      KNOWN.formatted(
          """
          select name from namespace where name = :name
          union select name from account where name = :name
          union select name from trusted_namespace where name = :name""");
  private static final String ALL =
      KNOWN.formatted("select name from namespace union select name from trusted_namespace");
  private static final String OF_AN_ACCOUNT =
      KNOWN.formatted(
          """
          select n.name from namespace n
            where n.owner_account = :account
            or n.owner_team in (select team from team_member where account = :account)
            or exists (select 1 from namespace_member m where m.namespace = n.name
              and (m.account = :account
                or m.team in (select team from team_member where account = :account)))
          union select name from account where name = :account
            and not exists (select 1 from namespace where namespace.name = :account)""");

  private final Database database;

  Namespaces(Database database) {
    this.database = database;
  }

  /** Gives a namespace to an owner, even if there is an account of its name. */
  public void create(String name, Owner owner) {
    String checked = AccountNames.namespace(name);
    int rows =
        known(
            () ->
                database
                    .sql(
                        """
                                insert into namespace (name, owner_account, owner_team)
                                values (:name, :account, :team) on conflict do nothing""")
                    .param("name", checked)
                    .param("account", nameOf(PartyKind.ACCOUNT, owner.kind(), owner.name()))
                    .param("team", nameOf(PartyKind.TEAM, owner.kind(), owner.name()))
                    .update());
    if (rows == 0) {
      throw new RegistryException(Problem.CONFLICT, "Namespace already exists");
    }
  }

  /** The namespace, if it has an owner or is trusted. */
  public Optional<Namespace> find(String name) {
    return database
        .sql(ONE)
        .param("after", "")
        .param("limit", 1)
        .param("name", name)
        .query(Namespaces::namespace)
        .optional();
  }

  /**
   * Lists, in the order of their names, the namespaces that have a recorded owner, members or
   * robots, or that are trusted.
   *
   * @param after the name after which to begin; empty for the first
   * @param limit up to how many are returned
   */
  public List<Namespace> list(String after, int limit) {
    return database
        .sql(ALL)
        .param("after", after)
        .param("limit", limit)
        .query(Namespaces::namespace)
        .list();
  }

  /**
   * Lists, in the order of their names, the namespaces in which an account has a role, including
   * the one of its own name, unless that has another owner.
   *
   * @param account the account
   * @param after the name after which to begin; empty for the first
   * @param limit up to how many are returned
   */
  public List<Namespace> listOf(String account, String after, int limit) {
    return database
        .sql(OF_AN_ACCOUNT)
        .param("account", account)
        .param("after", after)
        .param("limit", limit)
        .query(Namespaces::namespace)
        .list();
  }

  /**
   * Gives a namespace to another owner. Its members stay; the former owner does not become a
   * member.
   */
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

  /**
   * Sets whether each account that may read images of the namespace may also use them as parents.
   */
  public void setTrusted(String name, boolean trusted) {
    String checked = AccountNames.namespace(name);
    String statement =
        trusted
            ? "insert into trusted_namespace (name) values (:name) on conflict do nothing"
            : "delete from trusted_namespace where name = :name";
    database.sql(statement).param("name", checked).update();
  }

  /** Gives a member a role in a namespace, in place of any earlier role. */
  public void setMember(String namespace, Member member, Role role) {
    // If another process inserts the row at the same time, the update below finds it.
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

  /** Removes a member. */
  public void removeMember(String namespace, Member member) {
    found(
        database
            .sql(
                "delete from namespace_member where namespace = :namespace and %s = :member"
                    .formatted(column(member)))
            .param("namespace", namespace)
            .param("member", member.name())
            .update());
  }

  /** The members of a namespace and their roles, in the order of their names; without the owner. */
  public Map<Member, Role> members(String namespace) {
    Map<Member, Role> members = new LinkedHashMap<>();
    database
        .sql(
            """
            select account, team, role from namespace_member where namespace = :namespace
            order by account, team""")
        .param("namespace", namespace)
        .query(
            row -> {
              members.put(member(row), Role.valueOf(row.getString("role")));
            });
    return Collections.unmodifiableMap(members);
  }

  /**
   * Removes the owner, the members and the robots of a namespace, and its trust. Its repositories
   * stay. The namespace may belong to the account of its name again.
   */
  public void remove(String name) {
    found(database.sql("delete from namespace where name = :name").param("name", name).update());
    setTrusted(name, false);
  }

  /**
   * Records the account of the same name as the owner, so that other rows can refer to the
   * namespace.
   */
  static void own(JdbcClient client, String name) {
    client
        .sql(
            """
                insert into namespace (name, owner_account)
                select name, name from account where name = :name on conflict do nothing""")
        .param("name", name)
        .update();
  }

  /** A change that may name a namespace, account or team that does not exist. */
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
    Optional<Owner> account =
        Optional.ofNullable(row.getString("owner_account"))
            .map(name -> new Owner(PartyKind.ACCOUNT, name));
    Optional<Owner> team =
        Optional.ofNullable(row.getString("owner_team"))
            .map(name -> new Owner(PartyKind.TEAM, name));
    return new Namespace(row.getString("name"), account.or(() -> team), row.getBoolean("trusted"));
  }

  private static Member member(ResultSet row) throws SQLException {
    String account = row.getString("account");
    return account == null
        ? new Member(PartyKind.TEAM, row.getString("team"))
        : new Member(PartyKind.ACCOUNT, account);
  }
}
