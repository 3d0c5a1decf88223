package io.registry.testkit;

import com.zaxxer.hikari.HikariDataSource;
import io.registry.platform.database.DatabaseSetup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.flywaydb.core.Flyway;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.util.FileSystemUtils;

/** The databases that the registry promises to work with. */
public enum TestDatabase {
  H2 {
    @Override
    public HikariDataSource shared() {
      return SharedH2.SOURCE;
    }
  },
  POSTGRESQL {
    @Override
    public HikariDataSource shared() {
      PostgresServer.shared();
      return SharedPostgres.SOURCE;
    }
  };

  /** What application.yml says, but of the place. */
  private static final String H2_OPTIONS = ";MODE=PostgreSQL;WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE";

  private static final List<String> TABLES =
      List.of(
          "search_repository",
          "event_delivery",
          "image_claim",
          "image_claimant",
          "repository",
          "opened_repository",
          "signing_key",
          "namespace",
          "team",
          "account");

  /** A database that all tests have together. */
  public abstract HikariDataSource shared();

  /** The shared database, without anything in its tables. */
  public HikariDataSource emptied() {
    HikariDataSource source = shared();
    JdbcClient client = JdbcClient.create(source);
    TABLES.forEach(table -> client.sql("delete from " + table).update());
    client.sql("delete from trusted_namespace where name <> 'library'").update();
    client
        .sql("insert into trusted_namespace (name) values ('library') on conflict do nothing")
        .update();
    client
        .sql(
            """
                update search_state set revision = 0, forgotten = 0, started = 0, finished = 0,
                  holder = null""")
        .update();
    return source;
  }

  /** The URL of a file database. */
  public static String h2(Path file) {
    return h2(file.toAbsolutePath().toString());
  }

  /** The URL of a file database whose path may be relative. */
  public static String h2(String file) {
    return "jdbc:h2:file:" + file + H2_OPTIONS;
  }

  /** Opens a database, and makes its tables if there are none. */
  public static HikariDataSource open(String url) {
    HikariDataSource source = new HikariDataSource();
    source.setJdbcUrl(url);
    source.setMaximumPoolSize(8);
    source.setMinimumIdle(1);
    Object same = new DatabaseSetup().postProcessAfterInitialization(source, "dataSource");
    Flyway.configure().dataSource((HikariDataSource) same).load().migrate();
    return source;
  }

  private static final class SharedH2 {
    static final HikariDataSource SOURCE = open(h2(directory().resolve("index")));

    private static Path directory() {
      try {
        Path directory = Files.createTempDirectory("index");
        Runtime.getRuntime()
            .addShutdownHook(
                new Thread(() -> FileSystemUtils.deleteRecursively(directory.toFile()), "H2"));
        return directory;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static final class SharedPostgres {
    static final HikariDataSource SOURCE = open(PostgresServer.shared().newDatabase());
  }
}
