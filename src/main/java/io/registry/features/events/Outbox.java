package io.registry.features.events;

import io.registry.platform.database.Database;
import io.registry.platform.database.SqlTime;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The messages that are to be delivered to webhooks, in a database that several registries may
 * share. Each webhook gets one message at a time, in order: only its first waiting message can be
 * claimed, by one process. The claim of a process that has died expires, by the clock of the
 * database.
 */
final class Outbox {
  private static final int MAX_FAILURE = 300;
  private static final int MAX_SUBJECT = 1_000;

  private final Database database;
  private final Clock clock;
  private final int size;

  /**
   * Creates the outbox.
   *
   * @param database the database
   * @param clock tells when a message is due
   * @param size up to how many messages are kept
   */
  Outbox(Database database, Clock clock, int size) {
    this.database = database;
    this.clock = clock;
    this.size = size;
  }

  /**
   * Adds a message for each of the webhooks. When there is no space, the oldest dead letters are
   * deleted.
   *
   * @return whether the message was added; false when there is no space
   */
  boolean add(Collection<String> webhooks, Message message) {
    return database.together(
        client -> {
          if (!makePlace(client, webhooks.size())) {
            return false;
          }
          webhooks.forEach(webhook -> insert(client, webhook, message));
          return true;
        });
  }

  private boolean makePlace(JdbcClient client, int wanted) {
    long count = client.sql("select count(*) from event_delivery").query(Long.class).single();
    long excess = count + wanted - size;
    if (excess <= 0) {
      return true;
    }
    int gone =
        client
            .sql(
                "delete from event_delivery where id in (select id from event_delivery"
                    + " where dead = true order by id fetch first "
                    + excess
                    + " rows only)")
            .update();
    return gone >= excess;
  }

  private void insert(JdbcClient client, String webhook, Message message) {
    client
        .sql(
            "insert into event_delivery (webhook, message, subject, body, created_at, begun_at,"
                + " attempts, due_at, dead, failure) values (:webhook, :message, :subject,"
                + " :body, :now, :now, 0, :now, false, '')")
        .param("webhook", webhook)
        .param("message", message.id())
        .param("subject", cut(message.subject(), MAX_SUBJECT))
        .param("body", message.body())
        .param("now", SqlTime.of(clock.instant()))
        .update();
  }

  /**
   * Claims the next message for a webhook, if it is due and not claimed.
   *
   * @param webhook the name of the webhook
   * @param lease after how long the claim expires
   */
  Optional<Delivery> claim(String webhook, Duration lease) {
    Instant now = clock.instant();
    Optional<Delivery> first = first(webhook, now);
    return first.filter(found -> take(found, lease, now));
  }

  private Optional<Delivery> first(String webhook, Instant now) {
    return database
        .sql(
            "select id, message, subject, body, begun_at, attempts, due_at from"
                + " event_delivery where webhook = :webhook and dead = false order by id"
                + " fetch first 1 rows only")
        .param("webhook", webhook)
        .query((row, index) -> delivery(row, now))
        .optional()
        .flatMap(found -> found);
  }

  private static Optional<Delivery> delivery(ResultSet row, Instant now) throws SQLException {
    if (SqlTime.get(row, "due_at").isAfter(now)) {
      return Optional.empty();
    }
    Message message =
        new Message(row.getString("message"), row.getString("subject"), row.getString("body"));
    return Optional.of(
        new Delivery(
            row.getLong("id"),
            UUID.randomUUID().toString(),
            message,
            SqlTime.get(row, "begun_at"),
            row.getInt("attempts") + 1));
  }

  // When several processes have found the message, only one updates it.
  private boolean take(Delivery found, Duration lease, Instant now) {
    return database
            .sql(
                "update event_delivery set claim = :claim, attempts = attempts + 1,"
                    + " claimed_until = current_timestamp + cast(:lease as integer) *"
                    + " interval '1' second where id = :id and dead = false and"
                    + " due_at <= :now and (claimed_until is null or"
                    + " claimed_until <= current_timestamp)")
            .param("claim", found.claim())
            .param("lease", lease.toSeconds())
            .param("id", found.id())
            .param("now", SqlTime.of(now))
            .update()
        == 1;
  }

  /** Removes a message that was delivered. */
  void delivered(Delivery delivery) {
    database.sql("delete from event_delivery where id = :id").param("id", delivery.id()).update();
  }

  /** Schedules another attempt. */
  void postpone(Delivery delivery, Instant due, String failure) {
    settle(delivery, due, false, failure);
  }

  /** Makes a message a dead letter. */
  void bury(Delivery delivery, String failure) {
    settle(delivery, clock.instant(), true, failure);
  }

  private void settle(Delivery delivery, Instant due, boolean dead, String failure) {
    database
        .sql(
            "update event_delivery set due_at = :due, dead = :dead, failure = :failure,"
                + " claim = null, claimed_until = null where id = :id and"
                + " claim = :claim")
        .param("due", SqlTime.of(due))
        .param("dead", dead)
        .param("failure", cut(failure, MAX_FAILURE))
        .param("id", delivery.id())
        .param("claim", delivery.claim())
        .update();
  }

  /**
   * Makes the messages that have waited since before that moment for webhooks which are no longer
   * configured dead letters.
   */
  int buryOthers(Collection<String> webhooks, Instant before) {
    return database
        .sql(
            "update event_delivery set dead = true, failure = 'There is no such webhook'"
                + " where dead = false and begun_at < :before and webhook not in"
                + " (:webhooks)")
        .param("before", SqlTime.of(before))
        .param("webhooks", webhooks)
        .update();
  }

  /** The backlog of a webhook. */
  Backlog backlog(String webhook) {
    return database
        .sql(
            "select coalesce(sum(case when dead then 0 else 1 end), 0) waiting,"
                + " coalesce(sum(case when dead then 1 else 0 end), 0) given_up,"
                + " min(case when dead then null else created_at end) oldest"
                + " from event_delivery where webhook = :webhook")
        .param("webhook", webhook)
        .query(
            (row, index) ->
                new Backlog(
                    row.getLong("waiting"), row.getLong("given_up"), SqlTime.find(row, "oldest")))
        .single();
  }

  private static String cut(String text, int length) {
    return text.length() <= length ? text : text.substring(0, length);
  }
}
