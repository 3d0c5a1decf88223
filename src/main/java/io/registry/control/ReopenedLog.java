package io.registry.control;

import java.io.IOException;
import java.util.Optional;

/** A log in a file, which somebody else may rename, so that a new file has to be begun (USR1). */
public interface ReopenedLog {

  /**
   * Goes on in a file of the name that is set, without losing a line.
   *
   * @return the file; nothing when this log is in none
   * @throws IOException when the file cannot be opened
   */
  Optional<String> reopen() throws IOException;
}
