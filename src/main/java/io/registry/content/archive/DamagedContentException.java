package io.registry.content.archive;

import java.io.IOException;

/** Says that bytes are not those that their digest or size names. */
public final class DamagedContentException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception with a sentence for people. */
  public DamagedContentException(String message) {
    super(message);
  }
}
