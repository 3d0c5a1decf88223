package io.registry.testkit;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Three servers that share the keys. None has a replica: what one holds is gone with it. */
public final class RedisCluster implements AutoCloseable {
  private static final int SERVERS = 3;
  private static final int SLOTS = 16384;

  /** Far more than any test needs; only there so that a hang fails. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final Duration POLL = Duration.ofMillis(10);

  private final List<RedisServer> servers = new ArrayList<>();

  private RedisCluster() {}

  /** Starts the servers, and returns when all of them know that the cluster is whole. */
  public static RedisCluster start() {
    RedisCluster cluster = new RedisCluster();
    try {
      cluster.join();
      return cluster;
    } catch (RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  private void join() {
    for (int i = 0; i < SERVERS; i++) {
      RedisServer server =
          RedisServer.start("--cluster-enabled", "yes", "--cluster-node-timeout", "1000");
      servers.add(server);
      List<String> slots = new ArrayList<>(List.of("CLUSTER", "ADDSLOTS"));
      IntStream.range(i * SLOTS / SERVERS, (i + 1) * SLOTS / SERVERS)
          .forEach(slot -> slots.add(String.valueOf(slot)));
      server.run(slots.toArray(String[]::new));
      server.run("CLUSTER", "SET-CONFIG-EPOCH", String.valueOf(i + 1));
      RedisServer first = servers.get(0);
      server.run("CLUSTER", "MEET", first.host(), String.valueOf(first.port()));
    }
    awaitWhole();
  }

  /** Returns when all servers know that the cluster is whole; it takes them a moment. */
  public void awaitWhole() {
    await()
        .atMost(PATIENCE)
        .pollInterval(POLL)
        .until(() -> servers.stream().allMatch(RedisCluster::knowsAll));
  }

  private static boolean knowsAll(RedisServer server) {
    String state = server.run("CLUSTER", "INFO");
    return state.contains("cluster_state:ok\r\n")
        && state.contains("cluster_slots_ok:" + SLOTS + "\r\n")
        && state.contains("cluster_known_nodes:" + SERVERS + "\r\n");
  }

  /** The servers. */
  public List<RedisServer> servers() {
    return List.copyOf(servers);
  }

  /** What makes the registry use this cluster. */
  public String[] arguments() {
    return new String[] {
      "--spring.profiles.active=redis",
      "--spring.data.redis.cluster.nodes="
          + servers.stream()
              .map(server -> server.host() + ":" + server.port())
              .collect(Collectors.joining(","))
    };
  }

  /** All processes end. */
  @Override
  public void close() {
    servers.forEach(RedisServer::close);
  }
}
