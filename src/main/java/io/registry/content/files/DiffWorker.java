package io.registry.content.files;

import io.registry.content.image.ContentFiles.Kind;
import io.registry.content.image.ImageId;
import io.registry.content.image.ImageReader;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.storage.BlobInfo;
import io.registry.storage.StorageException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Compares queued images with their ancestors, in threads of low priority. Unfinished jobs are put
 * back when the process stops.
 */
final class DiffWorker implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(DiffWorker.class);
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  /** How long the worker pauses after a failure of the store or the queue. */
  private static final Duration REST = Duration.ofSeconds(5);

  private static final Duration LAST_BREATH = Duration.ofSeconds(5);

  /** Up to how many times a comparison starts again because the image was replaced meanwhile. */
  private static final int ATTEMPTS = 5;

  private final DiffQueue queue;
  private final ImageReader images;
  private final StoredDocuments documents;
  private final LayerDiffs diffs;
  private final ContentsMeters meters;
  private final int count;
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean running;

  /**
   * Creates a worker that is not started yet.
   *
   * @param queue provides the images to compare
   * @param images reads the images
   * @param documents stores the comparisons
   * @param diffs compares
   * @param meters the metrics
   * @param count the number of threads
   */
  DiffWorker(
      DiffQueue queue,
      ImageReader images,
      StoredDocuments documents,
      LayerDiffs diffs,
      ContentsMeters meters,
      int count) {
    this.queue = queue;
    this.images = images;
    this.documents = documents;
    this.diffs = diffs;
    this.meters = meters;
    this.count = count;
  }

  // The low priority favours requests; correctness does not depend on it.
  @SuppressWarnings("ThreadPriorityCheck")
  @Override
  public synchronized void start() {
    running = true;
    for (int i = 1; i <= count; i++) {
      Thread thread = new Thread(this::work, "layer-diff-" + i);
      thread.setDaemon(true);
      thread.setPriority(Thread.MIN_PRIORITY);
      thread.start();
      threads.add(thread);
    }
  }

  @Override
  public synchronized void stop() {
    running = false;
    threads.forEach(Thread::interrupt);
    try {
      for (Thread thread : threads) {
        thread.join(LAST_BREATH.toMillis());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    threads.clear();
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  private void work() {
    while (running) {
      try {
        Optional<DiffJob> job = queue.take(PATIENCE);
        if (job.isPresent() && !compare(job.get())) {
          Thread.sleep(REST.toMillis());
        }
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        log.error("The queue of images to compare failed", e);
        rest();
      }
    }
  }

  private void rest() {
    try {
      Thread.sleep(REST.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  // Returns false when the store should get a pause.
  private boolean compare(DiffJob job) {
    String layer = "";
    try {
      layer = images.layerInfo(job.image()).version();
      store(job.image());
      job.done();
    } catch (AbandonedException e) {
      job.release();
    } catch (RegistryException e) {
      end(job, layer, e);
    } catch (StorageException e) {
      if (!running) {
        job.release();
        return true;
      }
      log.warn("{} could not be compared: {}", job.image(), e.getMessage());
      job.retry();
      return false;
    } catch (RuntimeException | OutOfMemoryError e) {
      log.error("{} could not be compared", job.image(), e);
      job.refuse(layer, "The image could not be compared with those below");
    }
    return true;
  }

  private void store(ImageId id) {
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      BlobInfo layer = images.layerInfo(id);
      if (documents.has(id, Kind.DIFF)) {
        return;
      }
      boolean[] stored = {false};
      meters.diff(
          () ->
              stored[0] =
                  documents.write(
                      id,
                      Kind.DIFF,
                      layer.version(),
                      out -> diffs.compare(id, this::isRunning, out)));
      if (stored[0]) {
        return;
      }
    }
    throw new RegistryException(Problem.UNAVAILABLE, "The image is replaced all the time");
  }

  // An image without a layer of its own is being pushed or was removed: a client cannot ask for its
  // comparison. If an ancestor has no layer, that may change soon, or never.
  private static void end(DiffJob job, String layer, RegistryException refusal) {
    if (layer.isEmpty()) {
      job.done();
    } else if (refusal.problem() == Problem.INVALID || refusal.problem() == Problem.NOT_FOUND) {
      log.info("{} is not compared: {}", job.image(), refusal.getMessage());
      job.refuse(layer, refusal.getMessage());
    } else {
      job.retry();
    }
  }
}
