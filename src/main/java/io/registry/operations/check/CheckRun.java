package io.registry.operations.check;

import io.registry.operations.command.MisuseException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * The progress and the findings of a check, saved every few seconds. For one thread, except for the
 * counters.
 */
final class CheckRun implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofSeconds(5);

  private final WorkFolder work;
  private final Clock clock;
  private final CheckCounters counters = new CheckCounters();
  private final FindingLog log;
  private CheckState state;
  private Instant saved;
  private Runnable beforeSaving = () -> {};

  /**
   * Starts a check, or resumes an interrupted one.
   *
   * @param work the folder in which the progress is saved
   * @param store describes the store
   * @param options the options of the check
   * @param clock tells when to save
   * @throws MisuseException when the interrupted check was of another store or had other options
   */
  CheckRun(WorkFolder work, String store, CheckOptions options, Clock clock) throws IOException {
    this.work = work;
    this.clock = clock;
    this.saved = clock.instant();
    Optional<CheckState> earlier = work.load();
    this.state =
        earlier.orElseGet(
            () ->
                new CheckState(
                    store, options.identity(), clock.instant(), Phase.LIST, 0, 0, Map.of()));
    if (!state.store().equals(store) || !state.options().equals(options.identity())) {
      throw new MisuseException(
          work.folder()
              + " belongs to another check, of "
              + state.store()
              + " with "
              + state.options());
    }
    counters.restore(state.counts());
    this.log = new FindingLog(work.findings(), state.findings());
  }

  CheckState state() {
    return state;
  }

  Phase phase() {
    return state.phase();
  }

  /** The index of the first unfinished item of the phase. */
  long next() {
    return state.next();
  }

  CheckCounters counters() {
    return counters;
  }

  FindingLog log() {
    return log;
  }

  /** Sets an action that must have finished before progress is saved. */
  void beforeSaving(Runnable action) {
    beforeSaving = action;
  }

  void found(CheckFinding finding) {
    log.add(finding);
    counters.add(finding);
  }

  /** Records that all items of the phase before the given index are finished. */
  void done(long next) {
    state = state.at(state.phase(), next, state.findings(), state.counts());
    if (clock.instant().isAfter(saved.plus(PAUSE))) {
      save();
    }
  }

  void begin(Phase phase) {
    state = state.at(phase, 0, state.findings(), state.counts());
    save();
  }

  private void save() {
    if (!work.isKept()) {
      return;
    }
    try {
      beforeSaving.run();
      state = state.at(state.phase(), state.next(), log.flush(), counters.all());
      work.save(state);
      saved = clock.instant();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    log.close();
  }
}
