package io.registry.index;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;

/** Instants as both databases take and give them. */
final class SqlTime {
  private SqlTime() {}

  static OffsetDateTime of(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC);
  }

  /** The instant in a column that is never null. */
  static Instant get(ResultSet row, String column) throws SQLException {
    return find(row, column).orElseThrow();
  }

  /** The instant in a column; nothing for null. */
  static Optional<Instant> find(ResultSet row, String column) throws SQLException {
    return Optional.ofNullable(row.getObject(column, OffsetDateTime.class))
        .map(OffsetDateTime::toInstant);
  }
}
