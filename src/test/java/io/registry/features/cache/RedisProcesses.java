package io.registry.features.cache;

import io.registry.platform.concurrent.MonotonicClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.core.RedisTemplate;
import org.springframework.data.redis.serializer.RedisSerializer;
import org.springframework.util.unit.DataSize;

/** What processes of their own would remember in a Redis, each over its own connection. */
final class RedisProcesses implements AutoCloseable {
  static final Duration TTL = Duration.ofMinutes(5);
  static final DataSize LARGEST = DataSize.ofMegabytes(1);
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final List<LettuceConnectionFactory> clients = new ArrayList<>();

  /** Another process, which remembers things of that store. */
  RedisRepositoryEntries connect(String host, int port, String store) {
    return connect(host, port, store, TTL);
  }

  /** Another process, which remembers things of that store for so long. */
  RedisRepositoryEntries connect(String host, int port, String store, Duration ttl) {
    LettuceConnectionFactory client = client(host, port);
    RedisRepositoryEntries entries =
        new RedisRepositoryEntries(
            template(client),
            client::resetConnection,
            new RedisKeys(store),
            ttl,
            LARGEST,
            MonotonicClock.SYSTEM);
    entries.circuit().probe();
    return entries;
  }

  private LettuceConnectionFactory client(String host, int port) {
    LettuceConnectionFactory client =
        new LettuceConnectionFactory(
            new RedisStandaloneConfiguration(host, port),
            LettuceClientConfiguration.builder().commandTimeout(PATIENCE).build());
    clients.add(client);
    client.afterPropertiesSet();
    client.start();
    return client;
  }

  private static RedisTemplate<byte[], byte[]> template(LettuceConnectionFactory client) {
    RedisTemplate<byte[], byte[]> template = new RedisTemplate<>();
    template.setConnectionFactory(client);
    template.setDefaultSerializer(RedisSerializer.byteArray());
    template.afterPropertiesSet();
    return template;
  }

  @Override
  public void close() {
    clients.forEach(LettuceConnectionFactory::destroy);
  }
}
