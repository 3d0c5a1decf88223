package io.registry.testkit;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import javax.net.SocketFactory;
import org.springframework.util.FileSystemUtils;

/**
 * A primary with a replica, and three sentinels, of which two have to agree to make the replica the
 * primary.
 */
public final class RedisSentinels implements AutoCloseable {
  private static final String NAME = "registry";
  private static final int SENTINELS = 3;
  private static final String QUORUM = "2";

  /** What does not answer for so long is down. */
  private static final String DOWN_AFTER_MILLIS = "500";

  /** Far more than any test needs; only there so that a hang fails. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final Duration POLL = Duration.ofMillis(10);

  private final List<RedisServer> servers = new ArrayList<>();
  private final List<Sentinel> sentinels = new ArrayList<>();
  private final Path directory;
  private RedisServer primary;

  private RedisSentinels() throws IOException {
    this.directory = Files.createTempDirectory("sentinels");
    this.primary = RedisServer.start();
    servers.add(primary);
  }

  /** Starts all, and returns when the sentinels know of each other and of the replica. */
  public static RedisSentinels start() {
    try {
      RedisSentinels started = new RedisSentinels();
      try {
        started.complete();
        return started;
      } catch (IOException | RuntimeException e) {
        started.close();
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void complete() throws IOException {
    servers.add(primary.startReplica());
    for (int i = 0; i < SENTINELS; i++) {
      sentinels.add(new Sentinel(directory, primary));
    }
    for (Sentinel sentinel : sentinels) {
      sentinel.hurry();
    }
    await()
        .atMost(PATIENCE)
        .pollInterval(POLL)
        .until(() -> sentinels.stream().allMatch(Sentinel::knowsAll));
  }

  /** What makes the registry ask the sentinels who is the primary. */
  public String[] arguments() {
    return new String[] {
      "--spring.profiles.active=redis",
      "--spring.data.redis.sentinel.master=" + NAME,
      "--spring.data.redis.sentinel.nodes="
          + sentinels.stream()
              .map(sentinel -> "127.0.0.1:" + sentinel.port)
              .collect(Collectors.joining(","))
    };
  }

  /** The server that is the primary, as far as this class has made it that. */
  public RedisServer primary() {
    return primary;
  }

  /** Kills the primary, and returns when the replica has been made one. */
  public void failOver() {
    primary.kill();
    awaitPromotion();
  }

  /**
   * Pauses the primary, and returns when the replica has been made one.
   *
   * @return who was the primary, and does not yet know that it is none any more
   */
  public RedisServer failOverPaused() {
    RedisServer old = primary;
    old.pause();
    awaitPromotion();
    return old;
  }

  private void awaitPromotion() {
    RedisServer next =
        servers.stream().filter(server -> !server.equals(primary)).findFirst().orElseThrow();
    String address = "127.0.0.1\n" + next.port();
    await()
        .atMost(PATIENCE)
        .pollInterval(POLL)
        // A sentinel closes all connections of a server that it makes something else.
        .ignoreExceptionsInstanceOf(UncheckedIOException.class)
        .until(
            () ->
                next.run("INFO", "replication").contains("role:master")
                    && sentinels.stream().allMatch(sentinel -> sentinel.isToldOf(address)));
    primary = next;
  }

  /** All processes end. */
  @Override
  public void close() {
    sentinels.forEach(Sentinel::close);
    servers.forEach(RedisServer::close);
    try {
      FileSystemUtils.deleteRecursively(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A process that watches the servers. */
  private static final class Sentinel implements AutoCloseable {
    private final int port = RedisServer.freePort();
    private final ChildProcess process;

    Sentinel(Path directory, RedisServer primary) throws IOException {
      Path own = Files.createDirectory(directory.resolve("sentinel-" + port));
      Path file =
          Files.write(
              own.resolve("sentinel.conf"),
              List.of(
                  "port " + port,
                  "bind 127.0.0.1",
                  "dir " + own,
                  "sentinel monitor " + NAME + " 127.0.0.1 " + primary.port() + " " + QUORUM,
                  "sentinel down-after-milliseconds " + NAME + " " + DOWN_AFTER_MILLIS,
                  "sentinel failover-timeout " + NAME + " 2000"));
      process =
          new ChildProcess(
              List.of(RedisBinary.path().toString(), file.toString(), "--sentinel"),
              own,
              own.resolve("sentinel.log"));
      try {
        await()
            .atMost(PATIENCE)
            .pollInterval(POLL)
            .until(() -> !process.isAlive() || run("PING").equals("PONG"));
        if (!process.isAlive()) {
          throw new IOException("the sentinel has ended: " + process.said());
        }
      } catch (IOException | RuntimeException e) {
        process.close();
        throw e;
      }
    }

    /** It tells the others of itself more often than usual, where it can. */
    void hurry() {
      run("SENTINEL", "DEBUG", "PUBLISH-PERIOD", "100", "INFO-PERIOD", "500");
    }

    boolean knowsAll() {
      String state = run("SENTINEL", "MASTER", NAME) + "\n";
      return state.contains("num-other-sentinels\n" + (SENTINELS - 1) + "\n")
          && state.contains("num-slaves\n1\n")
          && state.contains("flags\nmaster\n");
    }

    boolean isToldOf(String address) {
      return run("SENTINEL", "GET-MASTER-ADDR-BY-NAME", NAME).equals(address);
    }

    private String run(String... command) {
      try (RedisConnection connection =
          new RedisConnection(SocketFactory.getDefault(), port, PATIENCE)) {
        return RedisConnection.text(connection.call(command));
      } catch (IOException | IllegalStateException e) {
        return e.toString();
      }
    }

    @Override
    public void close() {
      process.close();
    }
  }
}
