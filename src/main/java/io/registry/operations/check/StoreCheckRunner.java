package io.registry.operations.check;

import io.registry.content.distribution.TreeInspection;
import io.registry.content.walk.Progress;
import io.registry.operations.command.CommandThreads;
import io.registry.operations.command.Console;
import io.registry.operations.command.ExitStatus;
import io.registry.operations.command.ReportOutput;
import io.registry.storage.BlobStorage;
import java.io.IOException;
import java.time.Clock;
import java.util.Locale;
import java.util.Optional;

/** Runs the check of a store and prints its result. */
final class StoreCheckRunner {
  /** Layers are large, and computing their checksums is bound by the processor. */
  private static final int MIN_LAYER_READERS = 8;

  private final BlobStorage storage;
  private final Optional<TreeInspection> tree;
  private final Clock clock;
  private final int threads;

  /**
   * Creates a runner.
   *
   * @param storage the store
   * @param tree inspects the tree of another registry; empty when there is none
   * @param clock the time
   * @param threads how many small files are read concurrently
   */
  StoreCheckRunner(BlobStorage storage, Optional<TreeInspection> tree, Clock clock, int threads) {
    this.storage = storage;
    this.tree = tree;
    this.clock = clock;
    this.threads = threads;
  }

  /**
   * Runs a check to its end.
   *
   * @param options the options
   * @param console receives the report and the progress
   * @return done when there are no problems, or all of them are repaired
   * @throws io.registry.storage.StorageException when the store fails
   * @throws io.registry.operations.command.MisuseException when the options are invalid for this
   *     store
   */
  ExitStatus run(CheckOptions options, Console console) throws IOException {
    int layerReaders = Math.max(MIN_LAYER_READERS, Runtime.getRuntime().availableProcessors());
    StoreCheck check = StoreCheck.of(storage, tree, options, clock, layerReaders);
    try (CommandThreads pool = new CommandThreads(StoreCheckCommand.NAME, threads);
        WorkFolder work = WorkFolder.open(options.resume());
        CheckRun run = new CheckRun(work, storage.describe(), options, clock);
        Progress progress = new Progress(console.err(), () -> counted(run.counters()))) {
      check.run(work, run, progress, pool.work());
      try (ReportOutput output = new ReportOutput(options.report(), console, false)) {
        new CheckReport(run, options, clock.instant()).write(output);
      }
      ExitStatus status =
          run.counters().get(CheckCounters.PROBLEMS) == 0 ? ExitStatus.DONE : ExitStatus.PROBLEMS;
      work.clear();
      return status;
    }
  }

  private static String counted(CheckCounters counters) {
    return String.format(
        Locale.ROOT,
        "%s of layers and blobs read; %,d problems",
        Progress.bytes(
            counters.get(CheckCounters.LAYER_BYTES) + counters.get(CheckCounters.BLOB_BYTES)),
        counters.get(CheckCounters.PROBLEMS));
  }
}
