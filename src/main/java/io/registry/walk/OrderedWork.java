package io.registry.walk;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Does something with many items at the same time and hands on the results in the order of the
 * items, so that it is known up to which one all is done. Holds a bounded number of them.
 */
public final class OrderedWork {
  private final Executor pool;
  private final int window;

  /**
   * Work.
   *
   * @param pool does it
   * @param window how many items may be begun and not handed on
   */
  public OrderedWork(Executor pool, int window) {
    this.pool = pool;
    this.window = window;
  }

  /**
   * Works through the items, and returns when all results were handed on.
   *
   * @param items taken one by one in this thread
   * @param task run in the pool; when it throws, so does this, and what was begun may still go on
   * @param results get each result in this thread
   */
  public <T, R> void run(Iterator<T> items, Function<T, R> task, Consumer<R> results) {
    Deque<CompletableFuture<R>> begun = new ArrayDeque<>();
    boolean finished = false;
    try {
      while (items.hasNext() || !begun.isEmpty()) {
        while (begun.size() < window && items.hasNext()) {
          T item = items.next();
          begun.add(CompletableFuture.supplyAsync(() -> task.apply(item), pool));
        }
        results.accept(result(begun.remove()));
      }
      finished = true;
    } finally {
      if (!finished) {
        begun.forEach(future -> future.cancel(false));
      }
    }
  }

  private static <R> R result(CompletableFuture<R> future) {
    try {
      return future.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw e;
    }
  }
}
