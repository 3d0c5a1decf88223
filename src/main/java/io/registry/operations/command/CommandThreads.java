package io.registry.operations.command;

import io.registry.content.walk.OrderedWork;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Threads of a command, which do not keep the process from ending. */
public final class CommandThreads implements AutoCloseable {
  private static final int ITEMS_PER_THREAD = 4;

  private final ExecutorService pool;
  private final int number;

  /**
   * Creates threads.
   *
   * @param name the name of the command
   */
  public CommandThreads(String name, int number) {
    this.number = number;
    this.pool =
        Executors.newFixedThreadPool(
            number,
            task -> {
              Thread thread = new Thread(task, name);
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Runs tasks in these threads. */
  public Executor executor() {
    return pool;
  }

  /** Work on many items, of which a few wait for each thread. */
  public OrderedWork work() {
    return new OrderedWork(pool, number * ITEMS_PER_THREAD);
  }

  @Override
  public void close() {
    pool.shutdownNow();
  }
}
