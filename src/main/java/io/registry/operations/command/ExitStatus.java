package io.registry.operations.command;

/** How a command ended. */
public enum ExitStatus {
  /** Everything was done, and nothing is wrong. */
  DONE,
  /** The command ran to its end, and the report names problems. */
  PROBLEMS,
  /** The command line or a setting makes no sense. */
  MISUSED,
  /** The command could not be finished. */
  UNFINISHED;

  /** The exit status of the process. */
  public int code() {
    return switch (this) {
      case DONE -> 0;
      case PROBLEMS -> 1;
      case MISUSED -> 2;
      case UNFINISHED -> 3;
    };
  }
}
