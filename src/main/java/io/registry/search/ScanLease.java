package io.registry.search;

import io.registry.database.Database;
import io.registry.database.SqlTime;
import java.time.Clock;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * Lets one process at a time scan the store. One that dies is believed to scan until its lease runs
 * out; two that scan nevertheless only work in vain. Scans have numbers: who needs one that has
 * begun after this moment needs a number higher than the last that was given.
 */
final class ScanLease {
  private final Database database;
  private final Clock clock;
  private final Duration length;
  private final String holder = UUID.randomUUID().toString();

  ScanLease(Database database, Clock clock, Duration length) {
    this.database = database;
    this.clock = clock;
    this.length = length;
  }

  /**
   * The scans until now.
   *
   * @param started how many were begun
   * @param finished the last that came to its end
   */
  record Scans(long started, long finished) {}

  Scans scans() {
    return database.run(
        client ->
            client
                .sql("select started, finished from search_state where id = 1")
                .query((row, number) -> new Scans(row.getLong("started"), row.getLong("finished")))
                .single());
  }

  /** How long a process is believed to scan that says nothing. */
  Duration length() {
    return length;
  }

  /** The number of the scan that this process may begin; nothing while another one scans. */
  OptionalLong acquire() {
    return database.together(
        client -> {
          int got =
              client
                  .sql(
                      """
                      update search_state
                      set holder = :holder, held_until = :until, started = started + 1
                      where id = 1 and (holder is null or held_until < :now)""")
                  .param("holder", holder)
                  .param("until", SqlTime.of(clock.instant().plus(length)))
                  .param("now", SqlTime.of(clock.instant()))
                  .update();
          return got == 0
              ? OptionalLong.empty()
              : OptionalLong.of(
                  client
                      .sql("select started from search_state where id = 1")
                      .query(Long.class)
                      .single());
        });
  }

  /** Holds it longer; false when another process has taken over. */
  boolean renew() {
    return database.run(
            client ->
                client
                    .sql(
                        """
                        update search_state set held_until = :until
                        where id = 1 and holder = :holder""")
                    .param("until", SqlTime.of(clock.instant().plus(length)))
                    .param("holder", holder)
                    .update())
        > 0;
  }

  /** The scan of this process has come to its end. */
  void finish(long scan) {
    int unused =
        database.run(
            client ->
                client
                    .sql(
                        """
                        update search_state set finished = :scan, holder = null
                        where id = 1 and holder = :holder and started = :scan""")
                    .param("scan", scan)
                    .param("holder", holder)
                    .update());
  }

  /** The scan of this process has ended before its end, if there was one. */
  void release() {
    int unused =
        database.run(
            client ->
                client
                    .sql("update search_state set holder = null where id = 1 and holder = :holder")
                    .param("holder", holder)
                    .update());
  }
}
