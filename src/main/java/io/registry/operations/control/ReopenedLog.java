package io.registry.operations.control;

import java.io.IOException;
import java.util.Optional;

/** A log file that log rotation may rename, so that the registry must open a new one (USR1). */
public interface ReopenedLog {

  /**
   * Opens a new file under the configured name, without losing a line.
   *
   * @return the file; empty when this log has no file
   * @throws IOException when the file cannot be opened
   */
  Optional<String> reopen() throws IOException;
}
