package io.registry.index;

import io.registry.database.Database;
import io.registry.database.SqlTime;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;

/** The database rows of the signing keys. */
final class SigningKeyRows {
  private static final int SECRET_BYTES = 32;
  private static final int ID_BYTES = 9;

  private final Database database;

  SigningKeyRows(Database database) {
    this.database = database;
  }

  /** All keys, the newest first. */
  List<SigningKey> all() {
    return database.run(
        client ->
            client
                .sql("select * from signing_key order by generation desc")
                .query(SigningKeyRows::key)
                .list());
  }

  /** Inserts a key of that generation, unless another process has done so. */
  void add(int generation, Instant now) {
    int unused =
        database.run(
            client ->
                client
                    .sql(
                        """
                        insert into signing_key (generation, id, secret, created_at)
                        values (:generation, :id, :secret, :now) on conflict do nothing""")
                    .param("generation", generation)
                    .param("id", Secrets.base64(Secrets.bytes(ID_BYTES)))
                    .param(
                        "secret", Base64.getEncoder().encodeToString(Secrets.bytes(SECRET_BYTES)))
                    .param("now", SqlTime.of(now))
                    .update());
  }

  /** Removes the keys of that generation and all older ones. */
  void removeUpTo(int generation) {
    int unused =
        database.run(
            client ->
                client
                    .sql("delete from signing_key where generation <= :generation")
                    .param("generation", generation)
                    .update());
  }

  private static SigningKey key(ResultSet row, int number) throws SQLException {
    return new SigningKey(
        row.getInt("generation"),
        row.getString("id"),
        Base64.getDecoder().decode(row.getString("secret")),
        SqlTime.get(row, "created_at"));
  }
}
