package io.registry.features.events;

import io.registry.platform.database.Database;
import io.registry.platform.database.SqlTime;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Lists the dead letters of webhooks, and lets an operator retry or remove them. */
public final class DeadLetters {
  private final Database database;
  private final Clock clock;
  private final Consumer<String> changed;

  DeadLetters(Database database, Clock clock, Consumer<String> changed) {
    this.database = database;
    this.clock = clock;
    this.changed = changed;
  }

  /**
   * Lists dead letters, the oldest first.
   *
   * @param after only those with a higher id
   * @param limit up to how many are returned
   */
  public List<DeadLetter> list(long after, int limit) {
    return database
        .sql(
            "select id, webhook, message, subject, created_at, attempts, failure from"
                + " event_delivery where dead = true and id > :after order by id"
                + " fetch first :limit rows only")
        .param("after", after)
        .param("limit", limit)
        .query((row, index) -> letter(row))
        .list();
  }

  private static DeadLetter letter(ResultSet row) throws SQLException {
    return new DeadLetter(
        row.getLong("id"),
        row.getString("webhook"),
        row.getString("message"),
        row.getString("subject"),
        SqlTime.get(row, "created_at"),
        row.getInt("attempts"),
        row.getString("failure"));
  }

  /**
   * Queues a dead letter for delivery again, as if it had just happened, but before all waiting
   * events.
   *
   * @return whether there is such a dead letter
   */
  public boolean retry(long id) {
    Optional<String> webhook = webhook(id);
    int found =
        database
            .sql(
                "update event_delivery set dead = false, attempts = 0, begun_at = :now,"
                    + " due_at = :now where id = :id and dead = true")
            .param("now", SqlTime.of(clock.instant()))
            .param("id", id)
            .update();
    webhook.ifPresent(changed);
    return found > 0;
  }

  /**
   * Removes a dead letter.
   *
   * @return whether there was such a dead letter
   */
  public boolean remove(long id) {
    Optional<String> webhook = webhook(id);
    int found =
        database
            .sql("delete from event_delivery where id = :id and dead = true")
            .param("id", id)
            .update();
    webhook.ifPresent(changed);
    return found > 0;
  }

  private Optional<String> webhook(long id) {
    return database
        .sql("select webhook from event_delivery where id = :id")
        .param("id", id)
        .query(String.class)
        .optional();
  }
}
