package io.registry.platform.database;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;

/** Converts instants for both kinds of databases. */
public final class SqlTime {
  private SqlTime() {}

  /** An instant as a parameter of a statement. */
  public static OffsetDateTime of(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC);
  }

  /** The instant in a column that is never null. */
  public static Instant get(ResultSet row, String column) throws SQLException {
    return find(row, column).orElseThrow();
  }

  /** The instant in a column; empty for null. */
  public static Optional<Instant> find(ResultSet row, String column) throws SQLException {
    return Optional.ofNullable(row.getObject(column, OffsetDateTime.class))
        .map(OffsetDateTime::toInstant);
  }
}
