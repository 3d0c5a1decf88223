package io.registry.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Runs things at the same time. */
public final class Together {
  /** Far more than any test needs; only there so that a deadlock fails instead of hanging. */
  private static final int TIMEOUT_SECONDS = 120;

  private Together() {}

  /** Something that a test does in a thread of its own. */
  public interface Task {
    void run() throws Exception;
  }

  /** Lets all tasks begin at once, and returns when all have ended; the first failure is thrown. */
  public static void run(List<Task> tasks) throws Exception {
    CountDownLatch ready = new CountDownLatch(tasks.size());
    ExecutorService threads = Executors.newFixedThreadPool(tasks.size());
    try {
      List<Future<?>> running = new ArrayList<>();
      for (Task task : tasks) {
        running.add(
            threads.submit(
                () -> {
                  ready.countDown();
                  ready.await();
                  task.run();
                  return null;
                }));
      }
      for (Future<?> task : running) {
        await(task);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static void await(Future<?> task)
      throws InterruptedException, TimeoutException, ExecutionException {
    try {
      task.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof AssertionError failure) {
        throw failure;
      }
      throw e;
    }
  }
}
