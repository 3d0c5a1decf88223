package io.registry.testkit;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.springframework.util.FileSystemUtils;

/**
 * A real PostgreSQL in a process of its own, which can be paused and killed. Where none can be run,
 * the test that asks for one is skipped.
 */
public final class PostgresServer implements AutoCloseable {
  /** Far more than any test needs; only there so that a hang fails. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final Duration POLL = Duration.ofMillis(20);
  private static final String USER = "registry";
  private static final AtomicInteger DATABASES = new AtomicInteger();

  private final Path directory;
  private final Unprivileged owner;
  private final int port;
  private ChildProcess process;

  private PostgresServer(Path directory, Unprivileged owner, int port) throws IOException {
    this.directory = directory;
    this.owner = owner;
    this.port = port;
    this.process = launch();
  }

  /** Starts a server without any database of the registry. */
  public static PostgresServer start() {
    assumeAvailable();
    Unprivileged owner = Unprivileged.find().orElseThrow();
    try {
      Path directory = Files.createTempDirectory("postgresql");
      try {
        owner.own(directory);
        initialize(directory, owner);
        return new PostgresServer(directory, owner, RedisServer.freePort());
      } catch (IOException | RuntimeException e) {
        FileSystemUtils.deleteRecursively(directory);
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One that all tests have together, until the JVM ends; nobody may pause or kill it. */
  public static PostgresServer shared() {
    assumeAvailable();
    return Shared.SERVER;
  }

  private static void assumeAvailable() {
    assumeTrue(
        Unprivileged.find().isPresent(),
        "PostgreSQL refuses to be run by root, and nobody else is at hand");
  }

  private static String program(String name) {
    return PostgresBinaries.directory().resolve(name).toString();
  }

  private static void initialize(Path directory, Unprivileged owner) throws IOException {
    Path log = directory.resolve("initdb.log");
    List<String> command =
        List.of(
            program("initdb"),
            "--pgdata=" + directory.resolve("data"),
            "--username=" + USER,
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync");
    try (ChildProcess initialization = new ChildProcess(owner.command(command), directory, log)) {
      await().atMost(PATIENCE).pollInterval(POLL).until(() -> !initialization.isAlive());
    }
    if (!Files.exists(directory.resolve("data/postgresql.conf"))) {
      throw new IOException("no database cluster: " + Files.readString(log));
    }
  }

  private ChildProcess launch() throws IOException {
    List<String> command =
        List.of(
            program("postgres"),
            "-D",
            directory.resolve("data").toString(),
            "-p",
            String.valueOf(port),
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "unix_socket_directories=",
            "-c",
            "shared_buffers=16MB",
            "-c",
            "fsync=off");
    ChildProcess started =
        new ChildProcess(owner.command(command), directory, directory.resolve("postgres.log"));
    try {
      await().atMost(PATIENCE).pollInterval(POLL).until(() -> !started.isAlive() || answers());
      if (!started.isAlive()) {
        throw new IOException("postgres has ended: " + started.said());
      }
      return started;
    } catch (IOException | RuntimeException e) {
      started.close();
      throw e;
    }
  }

  private boolean answers() {
    try {
      execute("select 1");
      return true;
    } catch (SQLException e) {
      // Not yet.
      return false;
    }
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url("postgres"));
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Makes an empty database, and says where it is. */
  public String newDatabase() {
    String name = "registry_" + DATABASES.incrementAndGet();
    try {
      execute("create database " + name);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    return url(name);
  }

  private String url(String database) {
    return "jdbc:postgresql://127.0.0.1:%d/%s?user=%s".formatted(port, database, USER);
  }

  /** What makes the registry be its own index, with that database. */
  public static String[] arguments(String url) {
    return new String[] {"--registry.index.mode=embedded", "--spring.datasource.url=" + url};
  }

  /** It stands still: connections are neither accepted nor closed, and nobody answers. */
  public void pause() {
    process.pause();
    signalServants("STOP");
  }

  /** It goes on after a pause. */
  public void resume() {
    signalServants("CONT");
    process.resume();
  }

  // Each connection has a process of its own.
  private void signalServants(String name) {
    String servants =
        ProcessHandle.of(process.id())
            .orElseThrow()
            .descendants()
            .map(servant -> String.valueOf(servant.pid()))
            .collect(Collectors.joining(" "));
    try {
      int unused =
          new ProcessBuilder("sh", "-c", "kill -" + name + " " + servants).start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** It is gone at once. */
  public void kill() {
    process.close();
  }

  /** After it was killed: it starts on the same port with what was committed. */
  public void startAgain() {
    // Those who served connections may need a moment to see that they are alone.
    await()
        .atMost(PATIENCE)
        .pollInterval(POLL)
        .ignoreException(IOException.class)
        .until(
            () -> {
              process = launch();
              return true;
            });
  }

  /** The process ends, and its directory goes. */
  @Override
  public void close() {
    process.close();
    try {
      FileSystemUtils.deleteRecursively(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final class Shared {
    static final PostgresServer SERVER = start();

    static {
      Runtime.getRuntime().addShutdownHook(new Thread(SERVER::close, "end of PostgreSQL"));
    }
  }
}
