package io.registry.operations.check;

import io.registry.content.defect.DefectKind;
import io.registry.content.defect.Severity;
import io.registry.content.walk.OrderedWork;
import io.registry.content.walk.Progress;
import io.registry.operations.command.MisuseException;
import io.registry.operations.command.ReportOutput;
import io.registry.platform.json.JsonMisfitException;
import io.registry.platform.json.StrictJson;
import io.registry.storage.BlobStorage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks of a store, one after the other, in the thread that calls it. Progress, report and result
 * are in a directory, so that a check that was interrupted goes on, and a complete one is not
 * repeated after a restart.
 */
final class Scrub {
  private static final Logger log = LoggerFactory.getLogger(Scrub.class);
  private static final CheckOptions OPTIONS = CheckOptions.defaults();

  private final StoreCheck check;
  private final String store;
  private final Path directory;
  private final Duration interval;
  private final Clock clock;
  private final Instant created;
  private final StrictJson json = new StrictJson();
  private volatile CheckCounters counters = new CheckCounters();
  private volatile Optional<LastScrub> last = Optional.empty();

  /**
   * Creates checks of a store.
   *
   * @param storage the store, which is only read
   * @param properties where progress is kept, and how often the store is checked
   * @param clock the time
   */
  Scrub(BlobStorage storage, CheckProperties properties, Clock clock) {
    this.check = StoreCheck.of(storage, Optional.empty(), OPTIONS, clock, 1);
    this.store = storage.describe();
    this.directory = properties.directory();
    this.interval = properties.interval();
    this.clock = clock;
    this.created = clock.instant();
  }

  /** Counts what the current check has inspected; of the one before, when there is none. */
  CheckCounters counters() {
    return counters;
  }

  /** How many findings of a kind the last complete check had. */
  long found(DefectKind kind) {
    return last.map(result -> result.findings().getOrDefault(kind.code(), 0L)).orElse(0L);
  }

  /** The time since the last complete check; since the start, when there is none. */
  Duration age() {
    return Duration.between(last.map(LastScrub::finished).orElse(created), clock.instant());
  }

  private Path work() {
    return directory.resolve("work");
  }

  private Path report() {
    return directory.resolve("report.json");
  }

  private Path result() {
    return directory.resolve("last.json");
  }

  /**
   * How long it is until the next check.
   *
   * @return 0 when it is due, or one was interrupted
   * @throws IOException when the directory cannot be read
   */
  Duration untilDue() throws IOException {
    last = load();
    if (last.isEmpty() || WorkFolder.isInterrupted(work())) {
      return Duration.ZERO;
    }
    Duration rest = interval.minus(age());
    return rest.isNegative() ? Duration.ZERO : rest;
  }

  // A result of another store, or of another version, is none.
  private Optional<LastScrub> load() throws IOException {
    try {
      return Optional.of(json.read(Files.readAllBytes(result()), LastScrub.class))
          .filter(result -> result.store().equals(store));
    } catch (NoSuchFileException | JsonMisfitException e) {
      return Optional.empty();
    }
  }

  /**
   * Checks the store to the end, from where an interrupted check was.
   *
   * @throws MisuseException when another process checks with the same directory
   * @throws IOException when the directory fails
   * @throws io.registry.storage.StorageException when the store fails; progress is kept
   */
  void run() throws IOException {
    try (WorkFolder work = WorkFolder.open(Optional.of(work()));
        CheckRun run = open(work);
        Progress silent = Progress.silent()) {
      counters = run.counters();
      log.info("The check of the store {}", run.phase() == Phase.LIST ? "begins" : "goes on");
      check.run(work, run, silent, new OrderedWork(Runnable::run, 1));
      Instant finished = clock.instant();
      try (ReportOutput output = ReportOutput.toFile(report())) {
        new CheckReport(run, OPTIONS, finished).writeJson(output);
      }
      LastScrub done = new LastScrub(store, finished, counters.found());
      save(done);
      work.clear();
      last = Optional.of(done);
      tell(done);
    }
  }

  private CheckRun open(WorkFolder work) throws IOException {
    try {
      return new CheckRun(work, store, OPTIONS, clock);
    } catch (MisuseException e) {
      log.info("The check of the store begins anew: {}", e.getMessage());
      work.clear();
      return new CheckRun(work, store, OPTIONS, clock);
    }
  }

  private void save(LastScrub done) throws IOException {
    Path next = directory.resolve("last.next");
    Files.write(next, json.write(done));
    Files.move(next, result(), StandardCopyOption.ATOMIC_MOVE);
  }

  private void tell(LastScrub done) {
    log.info(
        "The check of the store is complete: {} images, {} repositories, {} blobs; {} problems",
        counters.get(CheckCounters.IMAGES),
        counters.get(CheckCounters.REPOSITORIES),
        counters.get(CheckCounters.BLOBS),
        counters.get(CheckCounters.PROBLEMS));
    for (DefectKind kind : DefectKind.values()) {
      long count = done.findings().getOrDefault(kind.code(), 0L);
      if (count > 0) {
        String text =
            "The check of the store has found %s (%s) %d times: see %s and docs/check.md"
                .formatted(
                    kind.code(),
                    kind.severity().name().toLowerCase(Locale.ROOT),
                    count,
                    report().toAbsolutePath().normalize());
        if (kind.severity() == Severity.NOTE) {
          log.info(text);
        } else {
          log.warn(text);
        }
      }
    }
  }
}
