package io.registry.content.walk;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Processes items concurrently and delivers the results in the order of the items, so that progress
 * can be saved as a position. The number of items in progress is bounded.
 */
public final class OrderedWork {
  private final Executor pool;
  private final int window;

  /**
   * Creates the processor.
   *
   * @param pool runs the tasks
   * @param window up to how many items are started and not delivered
   */
  public OrderedWork(Executor pool, int window) {
    this.pool = pool;
    this.window = window;
  }

  /**
   * Processes the items, and returns when all results are delivered.
   *
   * @param items taken one by one in this thread
   * @param task runs in the pool; when it throws, so does this method, and started tasks may still
   *     run
   * @param results receives each result in this thread
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
