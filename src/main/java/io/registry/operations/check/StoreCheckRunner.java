package io.registry.operations.check;

import io.registry.content.walk.OrderedWork;
import io.registry.content.walk.Progress;
import io.registry.storage.BlobStorage;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Runs the check of a store and prints its result. */
final class StoreCheckRunner {
  /** There are no problems, or all of them are repaired. */
  static final int FINE = 0;

  /** There are problems. */
  static final int PROBLEMS = 1;

  /** Layers are large, and computing their checksums is bound by the processor. */
  private static final int MIN_LAYER_READERS = 8;

  private static final int ITEMS_PER_THREAD = 4;

  private final BlobStorage storage;
  private final Clock clock;
  private final int threads;

  /**
   * Creates a runner.
   *
   * @param storage the store
   * @param clock the time
   * @param threads how many small files are read concurrently
   */
  StoreCheckRunner(BlobStorage storage, Clock clock, int threads) {
    this.storage = storage;
    this.clock = clock;
    this.threads = threads;
  }

  /**
   * Runs a check to its end.
   *
   * @param options the options
   * @param out receives the report
   * @param err receives the progress
   * @return the exit status
   * @throws io.registry.storage.StorageException when the store fails
   * @throws CheckMisuseException when the options are invalid for this store
   */
  int run(CheckOptions options, PrintStream out, PrintStream err) throws IOException {
    int layerReaders = Math.max(MIN_LAYER_READERS, Runtime.getRuntime().availableProcessors());
    StoreCheck check = StoreCheck.of(storage, options, clock, layerReaders);
    ExecutorService pool = Executors.newFixedThreadPool(threads, StoreCheckRunner::thread);
    try (WorkFolder work = WorkFolder.open(options.resume());
        CheckRun run = new CheckRun(work, storage.describe(), options, clock);
        Progress progress = new Progress(err, () -> counted(run.counters()))) {
      check.run(work, run, progress, new OrderedWork(pool, threads * ITEMS_PER_THREAD));
      report(new Report(run, options, clock.instant()), options.report(), out, err);
      int status = run.counters().get(CheckCounters.PROBLEMS) == 0 ? FINE : PROBLEMS;
      work.clear();
      return status;
    } finally {
      pool.shutdownNow();
    }
  }

  private static Thread thread(Runnable task) {
    Thread thread = new Thread(task, "check");
    thread.setDaemon(true);
    return thread;
  }

  private static String counted(CheckCounters counters) {
    return String.format(
        Locale.ROOT,
        "%s of layers and blobs read; %,d problems",
        Progress.bytes(
            counters.get(CheckCounters.LAYER_BYTES) + counters.get(CheckCounters.BLOB_BYTES)),
        counters.get(CheckCounters.PROBLEMS));
  }

  private static void report(
      Report report, Optional<String> target, PrintStream out, PrintStream err) throws IOException {
    boolean onOut = target.filter("-"::equals).isPresent();
    report.print(onOut ? err : out);
    if (onOut) {
      report.write(out);
      out.flush();
    } else if (target.isPresent()) {
      report.writeTo(Path.of(target.get()));
    }
  }
}
