package io.registry.check;

import io.registry.image.ImageId;
import io.registry.image.ImageInspection;
import io.registry.repository.RepositoryInspection;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
import java.util.Iterator;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;

/**
 * Checks a whole store, phase by phase. Its memory does not grow with the store, because the images
 * and the findings are in files.
 */
final class StoreCheck {
  /** They take about 5 MB. */
  private static final int IDS_IN_MEMORY = 50_000;

  private static final int ITEMS_PER_THREAD = 4;

  private final BlobStorage storage;
  private final ImageInspection images;
  private final RepositoryInspection repositories;
  private final CheckOptions options;
  private final Clock clock;
  private final int threads;

  /**
   * Creates a check.
   *
   * @param storage the store
   * @param images inspects images
   * @param repositories inspects repositories
   * @param options the options
   * @param clock the time
   * @param threads how many items are inspected concurrently
   */
  StoreCheck(
      BlobStorage storage,
      ImageInspection images,
      RepositoryInspection repositories,
      CheckOptions options,
      Clock clock,
      int threads) {
    this.storage = storage;
    this.images = images;
    this.repositories = repositories;
    this.options = options;
    this.clock = clock;
    this.threads = threads;
  }

  /**
   * Runs the check from its saved progress to the end.
   *
   * @param work the files that do not fit in memory
   * @param run the progress and the findings
   * @param progress prints the progress
   */
  void run(WorkFolder work, CheckRun run, Progress progress) throws IOException {
    ExecutorService pool = Executors.newFixedThreadPool(threads, StoreCheck::thread);
    try {
      if (run.phase() == Phase.LIST) {
        list(work, run, progress);
        run.begin(Phase.IMAGES);
      }
      ImageTable table = new ImageTable(work.ids(), work.facts());
      run.beforeSaving(table::force);
      walk(work, run, progress, table, new OrderedWork(pool, threads * ITEMS_PER_THREAD));
    } finally {
      pool.shutdownNow();
    }
  }

  private static Thread thread(Runnable task) {
    Thread thread = new Thread(task, "check");
    thread.setDaemon(true);
    return thread;
  }

  private void walk(
      WorkFolder work, CheckRun run, Progress progress, ImageTable table, OrderedWork pool)
      throws IOException {
    Repairs repairs = new Repairs(storage, images, options.repair());
    if (run.phase() == Phase.IMAGES) {
      new ImagePhase(images, repairs, table, options.readLayers()).run(pool, run, progress);
      run.begin(Phase.REPOSITORIES);
    }
    if (run.phase() == Phase.REPOSITORIES) {
      new RepositoryPhase(images, repositories, repairs, table)
          .run(pool, run, progress, work.repositories());
      run.begin(Phase.LINKS);
    }
    if (run.phase() == Phase.LINKS) {
      new LinkPhase(images, repairs, table).run(pool, run, progress);
      UploadLeftovers.find(storage, clock.instant().minus(options.olderThan()), run::found);
      run.begin(Phase.DONE);
    }
  }

  private void list(WorkFolder work, CheckRun run, Progress progress) throws IOException {
    progress.begin("names of images", 0, run.counters());
    Files.deleteIfExists(work.facts());
    IdSort sort = new IdSort(work.folder(), IDS_IN_MEMORY);
    long count = 0;
    try (Stream<ImageId> ids = images.ids()) {
      for (Iterator<ImageId> each = ids.iterator(); each.hasNext(); ) {
        sort.add(each.next());
        progress.done(++count);
      }
    }
    sort.writeTo(work.ids());
    progress.begin("names of repositories", 0, run.counters());
    run.counters().add(CheckCounters.REPOSITORIES, listRepositories(work, progress));
  }

  private long listRepositories(WorkFolder work, Progress progress) throws IOException {
    long count = 0;
    try (BufferedWriter lines = Files.newBufferedWriter(work.repositories());
        Stream<BlobKey> folders = repositories.folders()) {
      for (Iterator<BlobKey> each = folders.iterator(); each.hasNext(); ) {
        lines.write(each.next().path());
        lines.newLine();
        progress.done(++count);
      }
    }
    return count;
  }
}
