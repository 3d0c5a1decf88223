package io.registry.access.index;

import io.registry.platform.database.Database;
import io.registry.platform.database.SqlTime;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Manages the accounts for programs. A robot has any number of secrets, so that each can be
 * replaced in turn; without a valid secret, a robot can do nothing.
 *
 * <p>Throws a {@link RegistryException} of the kind {@code NOT_FOUND} when there is no such
 * namespace, robot or credential, {@code CONFLICT} when a name is taken, {@code INVALID} when a
 * name or time is not valid.
 */
public final class Robots {
  private final Database database;
  private final Clock clock;

  Robots(Database database, Clock clock) {
    this.database = database;
    this.clock = clock;
  }

  /** Creates a robot, which has no secret yet, in a namespace that has an owner. */
  public Robot create(String namespace, String name, Role role) {
    Robot robot =
        new Robot(
            AccountNames.namespace(namespace), AccountNames.robot(name), role, clock.instant());
    int rows =
        Namespaces.known(
            () ->
                database.together(
                    client -> {
                      Namespaces.own(client, namespace);
                      return client
                          .sql(
                              """
                              insert into robot (namespace, name, role, created_at)
                              values (:namespace, :name, :role, :now) on conflict do nothing""")
                          .param("namespace", robot.namespace())
                          .param("name", robot.name())
                          .param("role", role.name())
                          .param("now", SqlTime.of(robot.created()))
                          .update();
                    }));
    if (rows == 0) {
      throw new RegistryException(Problem.CONFLICT, "Robot already exists");
    }
    return robot;
  }

  /** The robots of a namespace, in the order of their names. */
  public List<Robot> list(String namespace) {
    return database
        .sql("select * from robot where namespace = :namespace order by name")
        .param("namespace", namespace)
        .query(Robots::robot)
        .list();
  }

  /** Finds a robot. */
  public Optional<Robot> find(String namespace, String name) {
    return database
        .sql("select * from robot where namespace = :namespace and name = :name")
        .param("namespace", namespace)
        .param("name", name)
        .query(Robots::robot)
        .optional();
  }

  /** Removes a robot with its secrets. */
  public void remove(String namespace, String name) {
    int rows =
        database
            .sql("delete from robot where namespace = :namespace and name = :name")
            .param("namespace", namespace)
            .param("name", name)
            .update();
    found(rows);
  }

  /**
   * Issues a secret for a robot.
   *
   * @param expires when it expires; empty for never
   */
  public IssuedCredential issue(String namespace, String name, Optional<Instant> expires) {
    Instant now = clock.instant();
    if (expires.filter(end -> !end.isAfter(now)).isPresent()) {
      throw new RegistryException(Problem.INVALID, "It would have expired already");
    }
    IssuedCredential credential =
        new IssuedCredential(UUID.randomUUID().toString(), Secrets.random());
    Namespaces.known(
        () ->
            database
                .sql(
                    """
                                insert into robot_credential (id, namespace, robot, secret_hash,
                                  created_at, expires_at, revoked)
                                values (:id, :namespace, :robot, :hash, :now, :expires, false)""")
                .param("id", credential.id())
                .param("namespace", namespace)
                .param("robot", name)
                .param("hash", Secrets.sha256(credential.secret()))
                .param("now", SqlTime.of(now))
                .param("expires", orNull(expires))
                .update());
    return credential;
  }

  /** The metadata of a robot's secrets, the oldest first. */
  public List<RobotCredential> credentials(String namespace, String name) {
    return database
        .sql(
            """
                    select * from robot_credential where namespace = :namespace and robot = :robot
                    order by created_at, id""")
        .param("namespace", namespace)
        .param("robot", name)
        .query(Robots::credential)
        .list();
  }

  /**
   * Revokes a secret at once.
   *
   * @param namespace the namespace of the robot
   * @param name the name of the robot, which must own the credential
   * @param id the id of the credential
   */
  public void revoke(String namespace, String name, String id) {
    int rows =
        database
            .sql(
                """
                        update robot_credential set revoked = true
                        where id = :id and namespace = :namespace and robot = :robot""")
            .param("id", id)
            .param("namespace", namespace)
            .param("robot", name)
            .update();
    found(rows);
  }

  /** Whether a secret is a valid credential of the robot. */
  boolean accepts(RobotName robot, String secret) {
    byte[] given = Secrets.sha256(secret).getBytes(StandardCharsets.US_ASCII);
    return database
        .sql(
            """
                        select secret_hash from robot_credential
                        where namespace = :namespace and robot = :robot and not revoked
                          and (expires_at is null or expires_at > :now)""")
        .param("namespace", robot.namespace())
        .param("robot", robot.name())
        .param("now", SqlTime.of(clock.instant()))
        .query(String.class)
        .list()
        .stream()
        .map(hash -> hash.getBytes(StandardCharsets.US_ASCII))
        .anyMatch(hash -> MessageDigest.isEqual(hash, given));
  }

  private static void found(int rows) {
    if (rows == 0) {
      throw new RegistryException(Problem.NOT_FOUND, "No such robot or credential");
    }
  }

  private static @Nullable OffsetDateTime orNull(Optional<Instant> time) {
    return time.isPresent() ? SqlTime.of(time.get()) : null;
  }

  private static Robot robot(ResultSet row, int number) throws SQLException {
    return new Robot(
        row.getString("namespace"),
        row.getString("name"),
        Role.valueOf(row.getString("role")),
        SqlTime.get(row, "created_at"));
  }

  private static RobotCredential credential(ResultSet row, int number) throws SQLException {
    return new RobotCredential(
        row.getString("id"),
        SqlTime.get(row, "created_at"),
        SqlTime.find(row, "expires_at"),
        row.getBoolean("revoked"));
  }
}
