package io.registry.operations.collect;

import io.registry.content.image.ImageChanges;
import io.registry.content.image.ImageId;
import io.registry.content.lease.StoreLease;
import io.registry.content.liveness.CollectionRuns;
import io.registry.content.liveness.CollectionRuns.Decision;
import io.registry.content.liveness.CollectionRuns.Run;
import io.registry.content.liveness.CondemnedUnits;
import io.registry.content.liveness.ContentUnit;
import io.registry.operations.collect.CollectStatus.State;
import io.registry.operations.collect.DeadUnit.DeadFile;
import io.registry.operations.collect.DeadUnit.Kind;
import io.registry.platform.concurrent.MonotonicClock;
import io.registry.platform.json.JsonMisfitException;
import io.registry.platform.json.StrictJson;
import io.registry.storage.BlobEntry;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.StorageException;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes content that nothing keeps alive, step by step: mark, condemn, wait, mark again, decide
 * about each unit, remove. What has to be known between the steps is in the store, so that any
 * process can go on. docs/decisions/0015 says why nothing is removed that a client needs.
 */
public final class Collector {
  private static final Logger log = LoggerFactory.getLogger(Collector.class);

  /**
   * A store that does not delete by version could execute a request of a dead process so much later
   * at the latest.
   */
  private static final Duration LATE_REQUEST = Duration.ofMinutes(10);

  /** The files of old collections are kept for processes that sleep. */
  private static final Duration KEEP = Duration.ofDays(2);

  private static final int REPORTS = 10;
  private static final int PAUSE_CHECKS = 100;

  private final BlobStorage storage;
  private final Mark.Setup setup;
  private final CollectionRuns runs;
  private final StoreLease lease;
  private final CollectProperties settings;
  private final Clock clock;
  private final MonotonicClock monotonic;
  private final ImageChanges changes;
  private final Consumer<ImageId> forget;
  private final DerivedSweep derived;
  private final Optional<String> refusal;
  private final StrictJson json = new StrictJson();
  private final AtomicLong bytesFreed = new AtomicLong();
  private final Map<Kind, AtomicLong> removed = new EnumMap<>(Kind.class);
  private final AtomicLong rescued = new AtomicLong();
  private final AtomicLong problems = new AtomicLong();
  private volatile State state = State.IDLE;
  private volatile String refused = "";
  private volatile long seenRun;
  private volatile long seenAt;
  private long renewed;
  private long lateRun;
  private long lateSince;

  /**
   * Creates a collector.
   *
   * @param setup what its walks need
   * @param runs the collections of the store
   * @param lease lets one process at a time collect
   * @param settings the settings
   * @param clock compares the age of files
   * @param monotonic measures the waits
   * @param changes is told that images were removed
   * @param forget is told of each image that is removed, before its files are
   * @param refusal why content must not be removed; empty when it may be
   */
  Collector(
      Mark.Setup setup,
      CollectionRuns runs,
      StoreLease lease,
      CollectProperties settings,
      Clock clock,
      MonotonicClock monotonic,
      ImageChanges changes,
      Consumer<ImageId> forget,
      Optional<String> refusal) {
    this.storage = setup.storage();
    this.setup = setup;
    this.runs = runs;
    this.lease = lease;
    this.settings = settings;
    this.clock = clock;
    this.monotonic = monotonic;
    this.changes = changes;
    this.forget = forget;
    this.refusal = refusal;
    this.derived = new DerivedSweep(storage);
    for (Kind kind : Kind.values()) {
      removed.put(kind, new AtomicLong());
    }
  }

  /** Another process has the lease. */
  private static final class LeaseLostException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private RepositoryMark.Ages ages() {
    Instant now = clock.instant();
    Instant content = now.minus(settings.grace());
    return new RepositoryMark.Ages(
        content,
        settings
            .untaggedTime()
            .map(now::minus)
            .map(untagged -> untagged.isBefore(content) ? untagged : content)
            .orElse(Instant.MIN));
  }

  /**
   * Finds what a collection would condemn, and changes nothing.
   *
   * @return what is dead, which the caller closes
   * @throws RefusedException when another program seems to write to the store
   * @throws IOException when the disk fails
   */
  DeadUnits look() throws IOException {
    return Mark.run(with(() -> {}), ages());
  }

  private Mark.Setup with(Runnable beat) {
    return new Mark.Setup(
        storage, setup.codec(), setup.roots(), setup.contentFolders(), setup.work(), beat);
  }

  /**
   * Does what is due: begins a collection, or goes on with the one that is not over.
   *
   * @param mayBegin whether to begin one when there is none
   * @return how long nothing is due; empty when there is no collection any more
   * @throws RefusedException when nothing may be removed
   * @throws StorageException when the store fails; the next step goes on
   */
  public synchronized Optional<Duration> step(boolean mayBegin) {
    if (refusal.isPresent()) {
      state = State.OFF;
      throw new RefusedException(refusal.get());
    }
    if (runs.isPaused()) {
      state = State.PAUSED;
      return Optional.of(lease.length());
    }
    Optional<Run> run = runs.current();
    if (run.isEmpty() && !mayBegin) {
      state = State.IDLE;
      return Optional.empty();
    }
    if (run.isPresent() && untilRemoval(run.get()).compareTo(Duration.ZERO) > 0) {
      state = State.WAITING;
      return Optional.of(untilRemoval(run.get()));
    }
    if (lease.acquire().isEmpty()) {
      return Optional.of(lease.length());
    }
    try {
      renewed = monotonic.nanos();
      refused = "";
      return run.isEmpty() ? condemn() : remove(run.get());
    } catch (LeaseLostException e) {
      log.info("Another registry goes on with the collection");
      return Optional.of(lease.length());
    } catch (RefusedException e) {
      refused = e.reason();
      throw e;
    } catch (IOException e) {
      throw new StorageException(
          StorageException.Reason.BROKEN, "temporary files", "collect", BlobKey.of("_gc"), e);
    } finally {
      state = state == State.PAUSED ? state : State.IDLE;
      lease.release();
    }
  }

  // Every process has read what is condemned when two leases are over since this one has seen it.
  private Duration untilRemoval(Run run) {
    if (seenRun != run.number()) {
      seenRun = run.number();
      seenAt = monotonic.nanos();
    }
    Duration told =
        settings.lease().multipliedBy(2).plusNanos(seenAt).minusNanos(monotonic.nanos());
    Duration grace = Duration.between(clock.instant(), run.begun().plus(settings.grace()));
    return told.compareTo(grace) > 0 ? told : grace;
  }

  private void keepLease() {
    if (monotonic.nanos() - renewed < lease.length().toNanos() / 4) {
      if (!lease.isHeld()) {
        throw new LeaseLostException();
      }
      return;
    }
    if (!lease.renew()) {
      throw new LeaseLostException();
    }
    renewed = monotonic.nanos();
  }

  private Optional<Duration> condemn() throws IOException {
    state = State.MARKING;
    Instant begun = clock.instant();
    try (DeadUnits dead = Mark.run(with(this::keepLease), ages())) {
      tell(dead.problems());
      long number = runs.last() + 1;
      CondemnedUnits units = dead.first(settings.maxCondemned());
      if (!runs.begin(number, units)) {
        return Optional.of(lease.length());
      }
      log.info("The collection {} has condemned {} of {}", number, units.size(), dead.size());
      if (units.size() == 0) {
        end(new CollectReport(number, begun, clock.instant(), Map.of(), 0, 0, 0, dead.problems()));
        return Optional.empty();
      }
    }
    state = State.WAITING;
    return runs.current().map(this::untilRemoval);
  }

  private void tell(List<String> found) {
    problems.addAndGet(found.size());
    found.forEach(text -> log.warn("The collection removes nothing that this leads to: {}", text));
  }

  /** What a removal has done. */
  private static final class Tally {
    private final Map<String, Long> removed = new TreeMap<>();
    private long rescued;
    private long bytes;
    private boolean hasImages;
    private boolean isInterrupted;
    private boolean mustWait;
    private long visited;
  }

  private Optional<Duration> remove(Run run) throws IOException {
    state = State.REMOVING;
    CondemnedUnits condemned = runs.condemned(run.number());
    Set<String> rest = new HashSet<>(condemned.names());
    Tally tally = new Tally();
    try (DeadUnits dead = Mark.run(with(this::keepLease), ages())) {
      tell(dead.problems());
      dead.forEach(
          unit -> {
            if (rest.remove(unit.unit().name())) {
              remove(run, unit, tally);
            }
            return !tally.isInterrupted;
          });
      if (tally.isInterrupted) {
        state = State.PAUSED;
        return Optional.of(lease.length());
      }
      for (String name : rest) {
        keepLease();
        keep(run, name, tally);
      }
      if (tally.mustWait) {
        return Optional.of(LATE_REQUEST);
      }
      if (tally.hasImages) {
        // Other processes may remember what was there.
        changes.beforeReplacing(new ImageId("0".repeat(64)));
      }
      derived.run(this::keepLease);
      end(
          new CollectReport(
              run.number(),
              run.begun(),
              clock.instant(),
              tally.removed,
              tally.rescued,
              rest.size(),
              tally.bytes,
              dead.problems()));
    }
    runs.forget(clock.instant().minus(KEEP));
    return Optional.empty();
  }

  // A process that slept since it marked cannot decide about the unit any more.
  private void keep(Run run, String name, Tally tally) {
    Decision decision = runs.decide(run.number(), name, Decision.KEPT);
    if (decision == Decision.REMOVING) {
      // Another process has died, or sleeps, and may have removed none of its files or all. What
      // refers to the unit now is a push that was not acknowledged.
      if (isTooEarly(run)) {
        tally.mustWait = true;
        return;
      }
      runs.removing(run.number(), name).ifPresent(unit -> removeRest(run, unit, tally));
      runs.replace(run.number(), name, Decision.REMOVED);
    }
  }

  // Nothing writes to a unit that is being removed, so that the versions of its files are those of
  // that time if it still is being removed after they were read.
  private void removeRest(Run run, ContentUnit unit, Tally tally) {
    List<DeadFile> files = new ArrayList<>();
    BlobKey key = unit.key();
    try (Stream<BlobEntry> found = storage.list(key)) {
      found
          .map(file -> new DeadFile(key.child(file.name()), version(file), file.info().size()))
          .sorted(Comparator.comparing(file -> !lastName(file.key()).equals("json")))
          .forEach(files::add);
    }
    storage.stat(key).ifPresent(info -> files.add(new DeadFile(key, info.version(), info.size())));
    if (runs.removing(run.number(), unit.name()).isEmpty()) {
      return;
    }
    ImageId.find(lastName(key)).ifPresent(forget);
    tally.hasImages |= ImageId.find(lastName(key)).isPresent();
    files.forEach(file -> delete(file, tally));
  }

  private static String version(BlobEntry file) {
    return file.info().version();
  }

  private void delete(DeadFile file, Tally tally) {
    keepLease();
    if (storage.deleteVersion(file.key(), file.version())) {
      tally.bytes += file.size();
      bytesFreed.addAndGet(file.size());
    }
  }

  // A unit that a process has decided to remove, and did not remove before it died or failed.
  private boolean isTooEarly(Run run) {
    if (lateRun != run.number()) {
      lateRun = run.number();
      lateSince = monotonic.nanos();
    }
    return !storage.deletesVersions() && monotonic.nanos() - lateSince < LATE_REQUEST.toNanos();
  }

  private void remove(Run run, DeadUnit unit, Tally tally) {
    keepLease();
    if (++tally.visited % PAUSE_CHECKS == 0 && runs.isPaused()) {
      tally.isInterrupted = true;
      return;
    }
    String name = unit.unit().name();
    boolean wasDecided = runs.decision(run.number(), name).isPresent();
    Decision decision = runs.remove(run.number(), unit.unit());
    if (decision.stays()) {
      tally.rescued++;
      rescued.incrementAndGet();
      return;
    }
    if (decision == Decision.REMOVED) {
      return;
    }
    if (wasDecided && isTooEarly(run)) {
      tally.mustWait = true;
      return;
    }
    if (unit.kind() == Kind.IMAGE) {
      tally.hasImages = true;
      ImageId.find(lastName(unit.unit().key())).ifPresent(forget);
    }
    unit.files().forEach(file -> delete(file, tally));
    runs.replace(run.number(), name, Decision.REMOVED);
    tally.removed.merge(unit.kind().name(), 1L, Long::sum);
    count(unit.kind()).incrementAndGet();
    pace();
  }

  private AtomicLong count(Kind kind) {
    return Objects.requireNonNull(removed.get(kind));
  }

  private static String lastName(BlobKey key) {
    String path = key.path();
    return path.substring(path.lastIndexOf('/') + 1);
  }

  private void pace() {
    try {
      monotonic.pause(Duration.ofNanos(TimeUnit.SECONDS.toNanos(1) / settings.rate()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LeaseLostException();
    }
  }

  private void end(CollectReport report) {
    runs.end(report.number(), json.write(report));
    log.info(
        "The collection {} has removed {}, {} bytes; {} were rescued",
        report.number(),
        report.removed(),
        report.bytes(),
        report.rescued());
  }

  /** Pauses all collections of the store, or lets them go on. */
  public void pause(boolean paused) {
    runs.setPaused(paused);
  }

  /** How far the collections are. */
  public CollectStatus status() {
    Optional<Run> run = runs.current();
    boolean isPaused = runs.isPaused();
    State now = state;
    State shown =
        refusal.isPresent()
            ? State.OFF
            : isPaused ? State.PAUSED : now == State.IDLE && run.isPresent() ? State.WAITING : now;
    return new CollectStatus(
        shown,
        run.map(found -> runs.condemned(found.number()).size()).orElse(0),
        run.map(found -> clock.instant().plus(untilRemoval(found))),
        refusal.orElse(refused),
        runs.reports(REPORTS).stream().flatMap(text -> parse(text).stream()).toList());
  }

  private Optional<CollectReport> parse(byte[] text) {
    try {
      return Optional.of(json.read(text, CollectReport.class));
    } catch (JsonMisfitException e) {
      return Optional.empty();
    }
  }

  /** The sizes of all files that this process has removed. */
  long bytesFreed() {
    return bytesFreed.get();
  }

  /** How many units of a kind this process has removed. */
  long removed(Kind kind) {
    return count(kind).get();
  }

  /** How many units were rescued while this process collected. */
  long rescued() {
    return rescued.get();
  }

  /** How many files this process could not read, so that what they lead to stayed. */
  long problems() {
    return problems.get();
  }

  /** The seconds since the last complete collection; not a number when there was none. */
  double age() {
    return status().last().stream()
        .findFirst()
        .map(report -> (double) Duration.between(report.ended(), clock.instant()).toSeconds())
        .orElse(Double.NaN);
  }
}
