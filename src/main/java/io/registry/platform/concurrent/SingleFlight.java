package io.registry.platform.concurrent;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;

/**
 * Loads each key in at most one thread of this process at a time. A caller never gets the result of
 * a load that began before its call, because that may be older than a change that the caller knows
 * of. It waits for that load to end, looks for the value in the cache, and otherwise shares the
 * next load.
 *
 * @param <K> the keys
 * @param <V> the values
 */
public final class SingleFlight<K, V> {
  private final ConcurrentMap<K, CompletableFuture<V>> singleFlight = new ConcurrentHashMap<>();

  /** Creates an instance, independent of any others. */
  public SingleFlight() {}

  /**
   * Gets a value.
   *
   * @param key the key
   * @param find looks for it in the cache
   * @param load loads and caches it
   * @return what was found or loaded
   * @throws RuntimeException as thrown by the load that this call has made or shared
   */
  public V get(K key, Supplier<Optional<V>> find, Supplier<V> load) {
    Optional<V> found = find.get();
    if (found.isPresent()) {
      return found.get();
    }
    CompletableFuture<V> mine = new CompletableFuture<>();
    CompletableFuture<V> before = singleFlight.putIfAbsent(key, mine);
    if (before != null) {
      awaitEnd(before);
      found = find.get();
      if (found.isPresent()) {
        return found.get();
      }
      CompletableFuture<V> next = singleFlight.putIfAbsent(key, mine);
      if (next != null) {
        return join(next);
      }
    }
    try {
      V value = load.get();
      singleFlight.remove(key, mine);
      mine.complete(value);
      return value;
    } catch (RuntimeException | Error e) {
      singleFlight.remove(key, mine);
      mine.completeExceptionally(e);
      throw e;
    }
  }

  private static void awaitEnd(CompletableFuture<?> flight) {
    flight.handle((value, failure) -> true).join();
  }

  private static <V> V join(CompletableFuture<V> flight) {
    try {
      return flight.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw e;
    }
  }
}
