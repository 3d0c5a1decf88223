package io.registry.platform.concurrent;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;

/**
 * Work that is done once for all who ask for its result before it ends.
 *
 * @param <K> what the work is for
 * @param <V> the result
 */
public final class SharedWork<K, V> {
  private final ConcurrentMap<K, CompletableFuture<V>> underWay = new ConcurrentHashMap<>();

  /** Creates an instance, independent of any others. */
  public SharedWork() {}

  /**
   * Joins the work, or begins it.
   *
   * @param key what it is for
   * @param work begins it
   * @return completes with the result, or exceptionally with what the work throws
   */
  public CompletableFuture<V> of(K key, Supplier<CompletableFuture<V>> work) {
    CompletableFuture<V> mine = new CompletableFuture<>();
    CompletableFuture<V> other = underWay.putIfAbsent(key, mine);
    if (other != null) {
      return other;
    }
    var unused =
        begin(work)
            .whenComplete(
                (value, failure) -> {
                  underWay.remove(key, mine);
                  if (failure == null) {
                    mine.complete(value);
                  } else {
                    mine.completeExceptionally(cause(failure));
                  }
                });
    return mine;
  }

  private CompletableFuture<V> begin(Supplier<CompletableFuture<V>> work) {
    try {
      return work.get();
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private static Throwable cause(Throwable failure) {
    Throwable cause = failure.getCause();
    return failure instanceof CompletionException && cause != null ? cause : failure;
  }
}
