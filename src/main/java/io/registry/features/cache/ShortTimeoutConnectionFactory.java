package io.registry.features.cache;

import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.data.redis.connection.ClusterCommandExecutor;
import org.springframework.data.redis.connection.ClusterTopologyProvider;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClusterConnection;
import org.springframework.data.redis.connection.lettuce.LettuceConnection;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionProvider;

/**
 * Connects like another factory, but with a shorter timeout for commands. The client has a single
 * timeout for commands and for connecting, with TLS and authentication, which may take longer.
 */
final class ShortTimeoutConnectionFactory extends LettuceConnectionFactory {
  private final Duration timeout;

  /**
   * Creates a factory.
   *
   * @param patient has the settings of the connection
   * @param timeout how long to wait for the reply to a command
   */
  ShortTimeoutConnectionFactory(LettuceConnectionFactory patient, Duration timeout) {
    super(target(patient), patient.getClientConfiguration());
    this.timeout = timeout;
  }

  private static RedisConfiguration target(LettuceConnectionFactory factory) {
    RedisConfiguration cluster = factory.getClusterConfiguration();
    RedisConfiguration sentinel = factory.getSentinelConfiguration();
    if (cluster != null) {
      return cluster;
    }
    return sentinel != null ? sentinel : factory.getStandaloneConfiguration();
  }

  @Override
  protected LettuceConnection doCreateLettuceConnection(
      @Nullable StatefulRedisConnection<byte[], byte[]> connection,
      LettuceConnectionProvider provider,
      long patience,
      int database) {
    return super.doCreateLettuceConnection(connection, provider, timeout.toMillis(), database);
  }

  @Override
  protected LettuceClusterConnection doCreateLettuceClusterConnection(
      @Nullable StatefulRedisClusterConnection<byte[], byte[]> connection,
      LettuceConnectionProvider provider,
      ClusterTopologyProvider topology,
      ClusterCommandExecutor executor,
      Duration patience) {
    return super.doCreateLettuceClusterConnection(
        connection, provider, topology, executor, timeout);
  }
}
