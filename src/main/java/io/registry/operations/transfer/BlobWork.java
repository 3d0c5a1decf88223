package io.registry.operations.transfer;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Carries the blobs of images, of all images together a few at the same time. */
final class BlobWork implements AutoCloseable {
  private final ExecutorService pool;

  /**
   * Starts no thread yet.
   *
   * @param parallel up to how many blobs are carried at the same time
   */
  BlobWork(int parallel) {
    this.pool =
        Executors.newFixedThreadPool(
            parallel,
            task -> {
              Thread thread = new Thread(task, "blobs");
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Carries one blob. */
  @FunctionalInterface
  interface Task<T> {
    void carry(T blob) throws IOException;
  }

  /**
   * Carries the blobs of one image, and returns when none is under way any more.
   *
   * @throws IOException the failure of the first blob that failed, as are runtime exceptions
   */
  <T> void each(Collection<T> blobs, Task<T> task) throws IOException {
    List<Callable<Boolean>> tasks =
        blobs.stream()
            .<Callable<Boolean>>map(
                blob ->
                    () -> {
                      task.carry(blob);
                      return true;
                    })
            .toList();
    try {
      for (Future<Boolean> done : pool.invokeAll(tasks)) {
        done.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("The command ends");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      throw e.getCause() instanceof RuntimeException failure
          ? failure
          : new IllegalStateException(e.getCause());
    }
  }

  @Override
  public void close() {
    pool.shutdownNow();
  }
}
