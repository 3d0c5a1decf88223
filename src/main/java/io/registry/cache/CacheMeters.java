package io.registry.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Policy;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.Supplier;

/** What the caches tell of themselves: see docs/cache.md. */
final class CacheMeters {
  private static final String CACHE = "cache";

  private final MeterRegistry registry;

  CacheMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  /** Counts an answer from memory or from Redis. */
  void hit(String cache) {
    gets(cache, "hit");
  }

  /** Counts an answer that took a look into the store. */
  void miss(String cache) {
    gets(cache, "miss");
  }

  private void gets(String cache, String result) {
    registry.counter("registry.cache.gets", CACHE, cache, "result", result).increment();
  }

  /** Measures how long the store takes to tell what is not remembered. */
  <V> V load(String cache, Supplier<V> load) {
    return registry.timer("registry.cache.load", CACHE, cache).record(load);
  }

  /** Watches what this process holds in memory. */
  void watch(String cache, Cache<?, ?> memory) {
    Gauge.builder("registry.cache.memory", memory, CacheMeters::weight)
        .tag(CACHE, cache)
        .baseUnit("bytes")
        .register(registry);
    FunctionCounter.builder(
            "registry.cache.evictions", memory, held -> held.stats().evictionCount())
        .tag(CACHE, cache)
        .register(registry);
  }

  private static double weight(Cache<?, ?> memory) {
    return memory
        .policy()
        .eviction()
        .map(Policy.Eviction::weightedSize)
        .map(size -> size.orElse(0))
        .orElse(0L);
  }

  /** Watches whether Redis is left alone because it failed. */
  void watch(RedisCircuit circuit) {
    Gauge.builder("registry.cache.circuit.open", circuit, watched -> watched.isOpen() ? 1 : 0)
        .register(registry);
  }
}
