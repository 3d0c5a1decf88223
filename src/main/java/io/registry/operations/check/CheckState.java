package io.registry.operations.check;

import java.time.Instant;
import java.util.Map;

/**
 * The saved progress of a check, by which it can be resumed.
 *
 * @param store describes the store
 * @param options the options
 * @param started when the check was started
 * @param phase the current phase
 * @param next how many items of that phase are finished
 * @param findings the size of the file of findings, in bytes
 * @param counts the counters
 */
record CheckState(
    String store,
    String options,
    Instant started,
    Phase phase,
    long next,
    long findings,
    Map<String, Long> counts) {

  CheckState at(Phase newPhase, long newNext, long newFindings, Map<String, Long> newCounts) {
    return new CheckState(store, options, started, newPhase, newNext, newFindings, newCounts);
  }
}
