package io.registry.operations.check;

import java.time.Instant;
import java.util.Map;

/**
 * The result of the last complete check in the background.
 *
 * @param store describes the store
 * @param finished when it was complete
 * @param findings how many findings of each kind there were
 */
record LastScrub(String store, Instant finished, Map<String, Long> findings) {
  /** Keeps a copy. */
  LastScrub {
    findings = Map.copyOf(findings);
  }
}
