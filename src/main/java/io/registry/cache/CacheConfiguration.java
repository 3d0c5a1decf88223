package io.registry.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.micrometer.core.instrument.MeterRegistry;
import io.registry.auth.RemoteIndexProperties;
import io.registry.storage.BlobStorage;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
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
 * Remembers in the process; with the profile redis, images and grants there first and in Redis
 * behind.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(CacheProperties.class)
class CacheConfiguration {
  /** The names of the caches, in Redis and in the metrics. */
  static final String DESCRIPTORS = "descriptors";

  static final String ANCESTRIES = "ancestries";

  /** So often in the life of a lease it is renewed. */
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
    CacheLease lease =
        new CacheLease(new EpochLog(storage), entries, MonotonicClock.SYSTEM, settings.lease());
    // Who remembers repositories says so in the store.
    if (!storage.isReadOnly()) {
      ScheduledFuture<?> unused =
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

  /** About what an entry takes, in bytes; of the codec that belongs to its cache. */
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

  // None when nothing is to be remembered.
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

  /** Where things are remembered for more than this process. */
  interface SharedCacheLevels {
    /** The place of the cache of that name, whose values are of that kind. */
    CacheLevel level(String name, Codec<?> codec);
  }
}
