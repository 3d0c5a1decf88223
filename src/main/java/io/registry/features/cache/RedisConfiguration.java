package io.registry.features.cache;

import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.lettuce.core.resource.Delay;
import io.registry.access.auth.RemoteIndexProperties;
import io.registry.platform.concurrent.MonotonicClock;
import io.registry.storage.BlobStorage;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.data.redis.autoconfigure.ClientResourcesBuilderCustomizer;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisProperties;
import org.springframework.boot.data.redis.autoconfigure.LettuceClientOptionsBuilderCustomizer;
import org.springframework.cache.CacheManager;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Profile;
import org.springframework.data.redis.cache.RedisCacheConfiguration;
import org.springframework.data.redis.cache.RedisCacheManager;
import org.springframework.data.redis.cache.RedisCacheWriter;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.core.RedisTemplate;
import org.springframework.data.redis.serializer.RedisSerializationContext.SerializationPair;
import org.springframework.data.redis.serializer.RedisSerializer;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;

/** With the profile redis: caches in the Redis of {@code spring.data.redis.*}. */
@Configuration(proxyBeanMethods = false)
@Profile("redis")
@Import(DataRedisAutoConfiguration.class)
class RedisConfiguration {
  /** How often Redis is probed, so that requests rarely are the first to notice a failure. */
  private static final Duration PROBES = Duration.ofSeconds(1);

  private static final Duration LONGEST_RECONNECT_DELAY = Duration.ofSeconds(2);

  /** Commands fail at once while there is no connection, rather than being sent later. */
  @Bean
  LettuceClientOptionsBuilderCustomizer refusesWhileDisconnected() {
    return options -> options.disconnectedBehavior(DisconnectedBehavior.REJECT_COMMANDS);
  }

  /** The default pauses between attempts to reconnect grow to half a minute. */
  @Bean
  ClientResourcesBuilderCustomizer reconnectsSoon() {
    return resources ->
        resources.reconnectDelay(
            Delay.fullJitter(
                Duration.ofMillis(50), LONGEST_RECONNECT_DELAY, 50, TimeUnit.MILLISECONDS));
  }

  @Bean(defaultCandidate = false)
  ShortTimeoutConnectionFactory impatientConnectionFactory(
      LettuceConnectionFactory patient, DataRedisProperties redis, CacheProperties settings) {
    if (redis.getMasterreplica() != null) {
      // A replica may be behind.
      throw new InvalidConfigurationPropertyValueException(
          "spring.data.redis.masterreplica.nodes",
          redis.getMasterreplica().getNodes(),
          "It cannot be used: name one server, Sentinel or a cluster, see docs/cache.md");
    }
    return new ShortTimeoutConnectionFactory(patient, settings.timeout());
  }

  @Bean
  RedisKeys redisKeys(BlobStorage storage) {
    return new RedisKeys(storage.describe());
  }

  @Bean(defaultCandidate = false)
  RedisTemplate<byte[], byte[]> bytesInRedis(
      @Qualifier("impatientConnectionFactory") RedisConnectionFactory redis) {
    RedisTemplate<byte[], byte[]> template = new RedisTemplate<>();
    template.setConnectionFactory(redis);
    template.setDefaultSerializer(RedisSerializer.byteArray());
    return template;
  }

  @Bean
  RedisRepositoryEntries redisRepositoryEntries(
      @Qualifier("bytesInRedis") RedisTemplate<byte[], byte[]> redis,
      @Qualifier("impatientConnectionFactory") ShortTimeoutConnectionFactory connections,
      RedisKeys keys,
      CacheProperties settings) {
    return new RedisRepositoryEntries(
        redis,
        connections::resetConnection,
        keys,
        settings.tagsTtl(),
        settings.entrySize(),
        MonotonicClock.SYSTEM);
  }

  @Bean
  RedisCircuit redisCircuit(
      RedisRepositoryEntries entries,
      CacheMeters meters,
      @Qualifier("cacheUpkeep") ThreadPoolTaskScheduler upkeep) {
    RedisCircuit circuit = entries.circuit();
    var unused = upkeep.scheduleWithFixedDelay(circuit::probe, PROBES);
    meters.watch(circuit);
    return circuit;
  }

  @Bean
  CacheManager redisCacheManager(
      @Qualifier("impatientConnectionFactory") RedisConnectionFactory redis,
      RedisKeys keys,
      ObjectProvider<RemoteIndexProperties> index,
      CacheProperties settings) {
    // By default the writer does not wait for its commands, and their failures go unnoticed.
    RedisCacheWriter writer = RedisCacheWriter.create(redis, writes -> writes.immediateWrites());
    Duration images = settings.imagesTtl();
    RedisCacheManager.RedisCacheManagerBuilder caches =
        RedisCacheManager.builder(writer)
            .disableCreateOnMissingCache()
            .withCacheConfiguration(
                CacheConfiguration.DESCRIPTORS,
                cache(keys, images, CacheConfiguration.DESCRIPTORS, ImageCodecs.DESCRIPTOR))
            .withCacheConfiguration(
                CacheConfiguration.ANCESTRIES,
                cache(keys, images, CacheConfiguration.ANCESTRIES, ImageCodecs.ANCESTRY));
    index.ifAvailable(
        remote ->
            caches.withCacheConfiguration(
                GrantCache.NAME,
                cache(keys, remote.grantsTtl(), GrantCache.NAME, GrantCache.CODEC)));
    return caches.build();
  }

  private static RedisCacheConfiguration cache(
      RedisKeys keys, Duration ttl, String name, Codec<?> codec) {
    return RedisCacheConfiguration.defaultCacheConfig()
        .computePrefixWith(keys::cache)
        .entryTtl(ttl)
        .disableCachingNullValues()
        .serializeValuesWith(
            SerializationPair.fromSerializer(new CacheEntrySerializer<>(name, codec)));
  }

  @Bean
  CacheConfiguration.SharedCacheLevels sharedCacheLevels(
      @Qualifier("redisCacheManager") CacheManager manager,
      RedisCircuit circuit,
      CacheProperties settings) {
    return (name, codec) ->
        SpringCacheLevel.shared(
            manager,
            name,
            circuit,
            entry -> CacheConfiguration.weight(codec, entry) <= settings.entrySize().toBytes());
  }
}
