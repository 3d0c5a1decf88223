package io.registry.features.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.micrometer.core.instrument.MeterRegistry;
import io.registry.access.auth.RemoteIndexProperties;
import io.registry.platform.concurrent.MonotonicClock;
import io.registry.storage.BlobStorage;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.cache.CacheManager;
import org.springframework.cache.caffeine.CaffeineCacheManager;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;
import org.springframework.util.unit.DataSize;

/**
 * Configures the caches: in memory, and with the profile redis a second level in Redis for images
 * and grants.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(CacheProperties.class)
class CacheConfiguration {
  /** The names of the caches, as used in Redis keys and metrics. */
  static final String DESCRIPTORS = "descriptors";

  static final String ANCESTRIES = "ancestries";

  /** How many times a lease is renewed during its life. */
  private static final int RENEWALS = 2;

  @Bean
  CacheMeters cacheMeters(MeterRegistry registry) {
    return new CacheMeters(registry);
  }

  /** Two threads: one may wait for the store while the other waits for Redis. */
  @Bean(defaultCandidate = false)
  ThreadPoolTaskScheduler cacheUpkeep() {
    ThreadPoolTaskScheduler scheduler = new ThreadPoolTaskScheduler();
    scheduler.setThreadNamePrefix("cache-");
    scheduler.setPoolSize(2);
    scheduler.setDaemon(true);
    return scheduler;
  }

  @Bean
  CacheLease cacheLease(
      BlobStorage storage,
      RepositoryEntries entries,
      CacheProperties settings,
      @Qualifier("cacheUpkeep") ThreadPoolTaskScheduler upkeep) {
    CacheLease lease = new CacheLease(storage, entries, MonotonicClock.SYSTEM, settings.lease());
    // The process that caches repositories records itself as the holder in the store.
    if (!storage.isReadOnly()) {
      var unused =
          upkeep.scheduleWithFixedDelay(lease::renew, settings.lease().dividedBy(RENEWALS));
    }
    return lease;
  }

  @Bean
  RepositoryCache repositoryCache(CacheLease lease, RepositoryEntries entries, CacheMeters meters) {
    return new RepositoryCache(lease, entries, meters);
  }

  @Bean(defaultCandidate = false)
  CacheManager memoryCacheManager(
      CacheProperties settings, ObjectProvider<RemoteIndexProperties> index, CacheMeters meters) {
    CaffeineCacheManager manager = new CaffeineCacheManager();
    Duration images = settings.imagesTtl();
    register(manager, DESCRIPTORS, ImageCodecs.DESCRIPTOR, images, settings.memory(), meters);
    register(manager, ANCESTRIES, ImageCodecs.ANCESTRY, images, settings.memory(), meters);
    index.ifAvailable(
        remote ->
            register(
                manager,
                GrantCache.NAME,
                GrantCache.CODEC,
                remote.grantsTtl(),
                settings.memory(),
                meters));
    return manager;
  }

  private static <V> void register(
      CaffeineCacheManager manager,
      String name,
      Codec<V> codec,
      Duration ttl,
      DataSize most,
      CacheMeters meters) {
    Cache<Object, Object> memory =
        Caffeine.newBuilder()
            .maximumWeight(most.toBytes())
            .weigher((Object key, Object entry) -> weight(codec, (CacheEntry<?>) entry))
            .expireAfterWrite(ttl)
            .recordStats()
            .build();
    manager.registerCustomCache(name, memory);
    meters.watch(name, memory);
  }

  /** The approximate size of an entry in bytes, by the codec of its cache. */
  @SuppressWarnings("unchecked")
  static <V> int weight(Codec<V> codec, CacheEntry<?> entry) {
    return ((CacheEntry<V>) entry).weight(codec);
  }

  @Bean
  ImageCache imageCache(
      CacheLease lease,
      @Qualifier("memoryCacheManager") CacheManager memory,
      ObjectProvider<SharedCacheLevels> shared,
      CacheProperties settings,
      CacheMeters meters) {
    BiFunction<String, Codec<?>, List<CacheLevel>> levels =
        (name, codec) -> levels(memory, shared, name, codec, settings.imagesTtl());
    return new ImageCache(
        lease,
        new ImageMemory<>(
            DESCRIPTORS, lease, levels.apply(DESCRIPTORS, ImageCodecs.DESCRIPTOR), meters),
        new ImageMemory<>(
            ANCESTRIES, lease, levels.apply(ANCESTRIES, ImageCodecs.ANCESTRY), meters));
  }

  @Bean
  @ConditionalOnProperty(prefix = "registry.index", name = "mode", havingValue = "remote")
  GrantCache grantCache(
      RemoteIndexProperties index,
      @Qualifier("memoryCacheManager") CacheManager memory,
      ObjectProvider<SharedCacheLevels> shared,
      Clock clock,
      CacheMeters meters) {
    return new GrantCache(
        index.endpoint(),
        index.grantsTtl(),
        levels(memory, shared, GrantCache.NAME, GrantCache.CODEC, index.grantsTtl()),
        clock,
        meters);
  }

  // Empty when caching is disabled.
  private static List<CacheLevel> levels(
      CacheManager memory,
      ObjectProvider<SharedCacheLevels> shared,
      String name,
      Codec<?> codec,
      Duration ttl) {
    if (ttl.isZero()) {
      return List.of();
    }
    return Stream.concat(
            Stream.of(SpringCacheLevel.near(memory, name)),
            shared.stream().map(each -> each.level(name, codec)))
        .toList();
  }

  /** Creates cache levels that several processes share. */
  interface SharedCacheLevels {
    /** Creates the level of the named cache, for values of the codec's type. */
    CacheLevel level(String name, Codec<?> codec);
  }
}
