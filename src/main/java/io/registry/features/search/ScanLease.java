package io.registry.features.search;

import io.registry.platform.database.Database;
import io.registry.platform.database.SqlTime;
import java.time.Clock;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * Lets one process at a time scan the store. When a process dies, its lease expires after a while;
 * two that scan at the same time only do redundant work. Scans are numbered: a caller that needs a
 * scan which begins after this moment needs a number above the last one started.
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
   * The state of the scans.
   *
   * @param started the number of the last scan that was started
   * @param finished the number of the last scan that was completed
   */
  record Scans(long started, long finished) {}

  Scans scans() {
    return database
        .sql("select started, finished from search_state where id = 1")
        .query((row, number) -> new Scans(row.getLong("started"), row.getLong("finished")))
        .single();
  }

  /** How long a lease is valid without renewal. */
  Duration length() {
    return length;
  }

  /** Starts a scan and returns its number; empty while another process scans. */
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

  /** Renews the lease; false when another process has taken over. */
  boolean renew() {
    return database
            .sql(
                """
                        update search_state set held_until = :until
                        where id = 1 and holder = :holder""")
            .param("until", SqlTime.of(clock.instant().plus(length)))
            .param("holder", holder)
            .update()
        > 0;
  }

  /** Records that this process's scan is complete. */
  void finish(long scan) {
    database
        .sql(
            """
                        update search_state set finished = :scan, holder = null
                        where id = 1 and holder = :holder and started = :scan""")
        .param("scan", scan)
        .param("holder", holder)
        .update();
  }

  /** Releases the lease without completing the scan, if this process holds it. */
  void release() {
    database
        .sql("update search_state set holder = null where id = 1 and holder = :holder")
        .param("holder", holder)
        .update();
  }
}
