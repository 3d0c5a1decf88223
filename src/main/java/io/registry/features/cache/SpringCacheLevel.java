package io.registry.features.cache;

import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;

/** A cache level backed by Spring's cache abstraction. */
final class SpringCacheLevel implements CacheLevel {
  private final Cache cache;
  private final Function<Supplier<Optional<CacheEntry<?>>>, Optional<CacheEntry<?>>> guard;
  private final Predicate<CacheEntry<?>> fits;

  private SpringCacheLevel(
      Cache cache,
      Function<Supplier<Optional<CacheEntry<?>>>, Optional<CacheEntry<?>>> guard,
      Predicate<CacheEntry<?>> fits) {
    this.cache = cache;
    this.guard = guard;
    this.fits = fits;
  }

  /** A level in memory, which is always available, and evicts entries by itself. */
  static CacheLevel near(CacheManager manager, String name) {
    return new SpringCacheLevel(cache(manager, name), Supplier::get, entry -> true);
  }

  /** A level in Redis, behind the circuit breaker, for entries up to a size. */
  static CacheLevel shared(
      CacheManager manager, String name, RedisCircuit circuit, Predicate<CacheEntry<?>> fits) {
    return new SpringCacheLevel(cache(manager, name), circuit::call, fits);
  }

  private static Cache cache(CacheManager manager, String name) {
    return Objects.requireNonNull(manager.getCache(name), name);
  }

  @Override
  public Optional<CacheEntry<?>> find(String key) {
    return guard.apply(
        () ->
            Optional.ofNullable(cache.get(key))
                .map(Cache.ValueWrapper::get)
                .map(value -> (CacheEntry<?>) value));
  }

  @Override
  public void remember(CacheEntry<?> entry) {
    if (!fits.test(entry)) {
      return;
    }
    Optional<CacheEntry<?>> unused =
        guard.apply(
            () -> {
              cache.put(entry.key(), entry);
              return Optional.empty();
            });
  }
}
