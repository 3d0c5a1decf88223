package io.registry.check;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * How far a check is and what it has found, written down every few seconds. For one thread, but for
 * the counts.
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
   * Begins a check, or goes on with one that was interrupted.
   *
   * @param work where it is written down
   * @param store which store is checked
   * @param options what the check does
   * @param clock tells when it is time to write
   * @throws CheckMisuseException when the check that was interrupted was another one
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
      throw new CheckMisuseException(
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

  /** The first item of the phase that is not done. */
  long next() {
    return state.next();
  }

  CheckCounters counters() {
    return counters;
  }

  FindingLog log() {
    return log;
  }

  /** What has to be written before it may be said that it is. */
  void beforeSaving(Runnable action) {
    beforeSaving = action;
  }

  void found(CheckFinding finding) {
    log.add(finding);
    counters.add(finding);
  }

  /** All items of the phase before that one are done. */
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
