package io.registry.content.liveness;

import io.registry.storage.BlobEntry;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The collections of a store, kept in the store itself. Each has a number, a list of what it has
 * condemned, a small file for each unit that was decided about, and a report when it is over. Every
 * file is written once by whoever is first, except that what was removed may be replaced by what a
 * client has pushed again.
 */
public final class CollectionRuns {
  private static final BlobKey ROOT = BlobKey.of("_gc");
  private static final BlobKey RUNS = ROOT.child("runs");
  private static final BlobKey DECISIONS = ROOT.child("decisions");
  private static final BlobKey PAUSED = ROOT.child("paused");
  private static final String REPORT = "-report";
  private static final int MAX_LIST = 1 << 30;
  private static final int SMALL = 1 << 20;

  private final BlobStorage storage;

  /** The collections of a store, whose content is not guarded. */
  public CollectionRuns(BlobStorage storage) {
    this.storage = storage;
  }

  /** What was decided about a condemned unit. */
  public enum Decision {
    /** It stays, because a client was told that it is there. */
    RESCUED,
    /** It stays, because something keeps it alive. */
    KEPT,
    /** The collector is removing it. */
    REMOVING,
    /** It is removed. */
    REMOVED;

    /** Whether the unit stays. */
    public boolean stays() {
      return this == RESCUED || this == KEPT;
    }
  }

  /**
   * A collection that is not over.
   *
   * @param number its number
   * @param begun when its list was written, by the clock of the store
   */
  public record Run(long number, Instant begun) {}

  /** The collection that is not over; empty when there is none. */
  public Optional<Run> current() {
    List<BlobEntry> files = files();
    Set<String> names = new HashSet<>(files.stream().map(BlobEntry::name).toList());
    return files.stream()
        .filter(file -> !file.name().endsWith(REPORT) && !names.contains(file.name() + REPORT))
        .map(file -> new Run(Long.parseLong(file.name()), file.modified()))
        .max((one, two) -> Long.compare(one.number(), two.number()));
  }

  private List<BlobEntry> files() {
    try (Stream<BlobEntry> files = storage.list(RUNS)) {
      return files.filter(file -> file.name().matches("\\d{12}(" + REPORT + ")?")).toList();
    }
  }

  /** The number of the last collection; 0 when there was none. */
  public long last() {
    return files().stream().mapToLong(file -> number(file.name())).max().orElse(0);
  }

  private static long number(String name) {
    return Long.parseLong(name.replace(REPORT, ""));
  }

  /** What a collection has condemned. */
  public CondemnedUnits condemned(long run) {
    return storage.read(list(run), MAX_LIST).map(CondemnedUnits::parse).orElse(CondemnedUnits.NONE);
  }

  /**
   * Begins a collection, unless another process has begun one with that number.
   *
   * @return whether this call has begun it
   */
  public boolean begin(long number, CondemnedUnits units) {
    return storage.writeIfAbsent(list(number), units.render());
  }

  /** Ends a collection, about whose units all is decided, unless another process has. */
  public void end(long run, byte[] report) {
    storage.writeIfAbsent(report(run), report);
  }

  /** The reports of the last collections, the last one first. */
  public List<byte[]> reports(int most) {
    return files().stream()
        .filter(file -> file.name().endsWith(REPORT))
        .map(file -> number(file.name()))
        .sorted((one, two) -> Long.compare(two, one))
        .limit(most)
        .flatMap(run -> storage.read(report(run), SMALL).stream())
        .toList();
  }

  /** What was decided about a unit; empty when nothing was. */
  public Optional<Decision> decision(long run, String unit) {
    return storage
        .read(decision(run, unit, "").key(), SMALL)
        .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
        .map(text -> Decision.valueOf(text.split(" ", 2)[0]));
  }

  /** The unit that a collector has begun to remove; empty when none has, or it is removed. */
  public Optional<ContentUnit> removing(long run, String unit) {
    return storage
        .read(decision(run, unit, "").key(), SMALL)
        .map(bytes -> new String(bytes, StandardCharsets.UTF_8).split(" ", 2))
        .filter(words -> words.length == 2 && words[0].equals(Decision.REMOVING.name()))
        .map(words -> new ContentUnit(new BlobKey(words[1])));
  }

  /**
   * Decides to remove a unit, unless another process has decided about it.
   *
   * @return what is decided now
   */
  public Decision remove(long run, ContentUnit unit) {
    return decide(run, unit.name(), Decision.REMOVING, " " + unit.key().path());
  }

  /**
   * Decides about a unit, unless another process has.
   *
   * @return what is decided now
   */
  public Decision decide(long run, String unit, Decision wanted) {
    return decide(run, unit, wanted, "");
  }

  private Decision decide(long run, String unit, Decision wanted, String more) {
    DecisionFile file = decision(run, unit, wanted.name() + more);
    return storage.writeIfAbsent(file.key(), file.text())
        ? wanted
        : decision(run, unit).orElse(Decision.REMOVING);
  }

  /**
   * Replaces the decision that a unit is removed: by the collector, or when it was pushed again.
   */
  public void replace(long run, String unit, Decision next) {
    DecisionFile file = decision(run, unit, next.name());
    storage.write(file.key(), file.text());
  }

  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  private record DecisionFile(BlobKey key, byte[] text) {}

  private static DecisionFile decision(long run, String unit, String text) {
    return new DecisionFile(
        DECISIONS.child(digits(run)).child(unit), text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Removes the files of collections that were over long ago. The last one stays, so that its
   * number is not used again.
   *
   * @param before those that ended before that moment
   */
  public void forget(Instant before) {
    long last = last();
    for (BlobEntry file : files()) {
      long run = number(file.name());
      if (run == last || !file.name().endsWith(REPORT) || file.modified().isAfter(before)) {
        continue;
      }
      BlobKey folder = DECISIONS.child(digits(run));
      try (Stream<String> names = storage.names(folder)) {
        storage.deleteAllUnsynced(names.map(folder::child).toList());
      }
      storage.delete(list(run));
      storage.delete(report(run));
    }
  }

  /** Whether an operator has paused all collections. */
  public boolean isPaused() {
    return storage.exists(PAUSED);
  }

  /** Pauses all collections of the store, or lets them go on. */
  public void setPaused(boolean paused) {
    if (paused) {
      storage.write(PAUSED, new byte[0]);
    } else {
      storage.delete(PAUSED);
    }
  }

  private static BlobKey list(long run) {
    return RUNS.child(digits(run));
  }

  private static BlobKey report(long run) {
    return RUNS.child(digits(run) + REPORT);
  }

  private static String digits(long run) {
    return String.format(Locale.ROOT, "%012d", run);
  }
}
