package io.registry.access.index;

import io.registry.platform.database.Database;
import io.registry.platform.database.SqlTime;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;

/** The database rows of the signing keys. */
final class SigningKeyRows {
  private static final int SECRET_BYTES = 32;
  private static final int ID_BYTES = 9;

  private final Database database;
  private final KeySeal seal;

  SigningKeyRows(Database database, KeySeal seal) {
    this.database = database;
    this.seal = seal;
  }

  /** All keys, the newest first. */
  List<SigningKey> all() {
    return database
        .sql("select * from signing_key order by generation desc")
        .query(this::key)
        .list();
  }

  /** Inserts a key of that generation, unless another process has done so. */
  void add(int generation, Instant now) {
    database
        .sql(
            """
                        insert into signing_key (generation, id, secret, created_at)
                        values (:generation, :id, :secret, :now) on conflict do nothing""")
        .param("generation", generation)
        .param("id", Secrets.base64(Secrets.bytes(ID_BYTES)))
        .param("secret", seal.seal(Secrets.bytes(SECRET_BYTES)))
        .param("now", SqlTime.of(now))
        .update();
  }

  /** Seals the keys that were written without a seal. */
  void sealAll() {
    database.sql("select secret from signing_key").query(String.class).list().stream()
        .filter(seal::isMissingOn)
        .forEach(this::replace);
  }

  private void replace(String plain) {
    database
        .sql("update signing_key set secret = :sealed where secret = :plain")
        .param("sealed", seal.seal(seal.open(plain)))
        .param("plain", plain)
        .update();
  }

  /** Removes the keys of that generation and all older ones. */
  void removeUpTo(int generation) {
    database
        .sql("delete from signing_key where generation <= :generation")
        .param("generation", generation)
        .update();
  }

  private SigningKey key(ResultSet row, int number) throws SQLException {
    return new SigningKey(
        row.getInt("generation"),
        row.getString("id"),
        seal.open(row.getString("secret")),
        SqlTime.get(row, "created_at"));
  }
}
