package io.registry.check;

import java.time.Instant;
import java.util.Map;

/**
 * How far a check is, so that it can go on after an interruption.
 *
 * @param store which store it looks at
 * @param options what it does
 * @param started when it was begun
 * @param phase what it is doing
 * @param next how many items of that phase are done
 * @param findings the size of the file of findings, in bytes
 * @param counts what was counted
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
