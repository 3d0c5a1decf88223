package io.registry.content.archive;

import java.io.IOException;

/** Says what is wrong with an archive, and in which entry. */
public final class ArchiveException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception with a sentence for people. */
  public ArchiveException(String message) {
    super(message);
  }

  /** Creates the exception for an entry. */
  public ArchiveException(String entry, String message) {
    super("The archive's entry " + shown(entry) + ": " + message);
  }

  // Names come from anybody, and go to a terminal.
  private static String shown(String entry) {
    String printable = entry.replaceAll("\\p{Cntrl}", "?");
    return printable.length() > 200 ? printable.substring(0, 200) + "…" : printable;
  }
}
