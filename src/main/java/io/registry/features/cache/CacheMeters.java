package io.registry.features.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Policy;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;
import java.util.function.Supplier;

/** Metrics of the caches: see docs/cache.md. */
final class CacheMeters {
  private static final String CACHE = "cache";

  private final MeterRegistry registry;
  private final ConcurrentMap<String, Counter> hits = new ConcurrentHashMap<>();
  private final ConcurrentMap<String, Counter> misses = new ConcurrentHashMap<>();

  CacheMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  /** Counts a cache hit. */
  void hit(String cache) {
    count(hits, cache, name -> counter(name, "hit"));
  }

  /** Counts a cache miss. */
  void miss(String cache) {
    count(misses, cache, name -> counter(name, "miss"));
  }

  // On the path of each cached answer: to look up a counter by its tags takes longer than to use
  // it.
  private static void count(
      ConcurrentMap<String, Counter> counters, String cache, Function<String, Counter> making) {
    counters.computeIfAbsent(cache, making).increment();
  }

  private Counter counter(String cache, String result) {
    return registry.counter("registry.cache.gets", CACHE, cache, "result", result);
  }

  /** Measures how long the store takes to load a value. */
  <V> V load(String cache, Supplier<V> load) {
    return registry.timer("registry.cache.load", CACHE, cache).record(load);
  }

  /** Registers the metrics of an in-memory cache. */
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

  /** Registers the gauge of the Redis circuit breaker. */
  void watch(RedisCircuit circuit) {
    Gauge.builder("registry.cache.circuit.open", circuit, watched -> watched.isOpen() ? 1 : 0)
        .register(registry);
  }
}
