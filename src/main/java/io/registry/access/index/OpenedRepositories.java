package io.registry.access.index;

import io.registry.content.repository.RepositoryName;
import io.registry.platform.database.Database;
import io.registry.platform.database.SqlTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Records which repositories an account has opened to pull them. The records are in the database,
 * shared by all processes; up to 1,000 are kept for each account, the latest.
 */
final class OpenedRepositories {
  private static final int MAX_PER_ACCOUNT = 1_000;

  /** A record that is used is refreshed when this fraction (one tenth) of its time has passed. */
  private static final int PARTS = 10;

  private final Database database;
  private final Clock clock;
  private final Duration time;

  /**
   * Creates the records of a database.
   *
   * @param time how long a record is valid after its last use
   */
  OpenedRepositories(Database database, Clock clock, Duration time) {
    this.database = database;
    this.clock = clock;
    this.time = time;
  }

  /** Records that an account has opened a repository. */
  void note(String account, RepositoryName repository) {
    Instant now = clock.instant();
    JdbcClient client = database.statements();
    if (renew(client, account, repository, now) == 0
        && insert(client, account, repository, now) > 0) {
      forgetOthers(client, account, now);
    }
  }

  /**
   * Refreshes a record that was used.
   *
   * @param until the end of the record as it was read
   */
  void used(String account, RepositoryName repository, Instant until) {
    if (until.isBefore(due(clock.instant()))) {
      note(account, repository);
    }
  }

  private Instant due(Instant now) {
    return now.plus(time).minus(time.dividedBy(PARTS));
  }

  private int renew(JdbcClient client, String account, RepositoryName repository, Instant now) {
    return client
        .sql(
            """
            update opened_repository set expires_at = :until where account = :account
              and namespace = :namespace and repository = :repository and expires_at < :due""")
        .param("until", SqlTime.of(now.plus(time)))
        .param("account", account)
        .param("namespace", repository.namespace())
        .param("repository", repository.name())
        .param("due", SqlTime.of(due(now)))
        .update();
  }

  private int insert(JdbcClient client, String account, RepositoryName repository, Instant now) {
    return client
        .sql(
            """
            insert into opened_repository (account, namespace, repository, expires_at)
            values (:account, :namespace, :repository, :until) on conflict do nothing""")
        .param("account", account)
        .param("namespace", repository.namespace())
        .param("repository", repository.name())
        .param("until", SqlTime.of(now.plus(time)))
        .update();
  }

  private static int forgetOthers(JdbcClient client, String account, Instant now) {
    Instant oldest =
        client
            .sql(
                """
                select expires_at from opened_repository where account = :account
                order by expires_at desc limit 1 offset :others""")
            .param("account", account)
            .param("others", MAX_PER_ACCOUNT - 1)
            .query((row, number) -> SqlTime.get(row, "expires_at"))
            .optional()
            .orElse(now);
    return client
        .sql(
            """
            delete from opened_repository where account = :account
              and (expires_at <= :now or expires_at < :oldest)""")
        .param("account", account)
        .param("now", SqlTime.of(now))
        .param("oldest", SqlTime.of(oldest))
        .update();
  }
}
