package io.registry.operations.health;

import java.time.Duration;

/**
 * The command line of {@link HealthProbe}.
 *
 * @param url the URL to request; empty for the one that the environment implies
 * @param patience for how long it repeats the request
 * @param process the id of the registry's process, whose end makes waiting pointless; 0 when it is
 *     not known
 */
record ProbeOptions(String url, Duration patience, long process) {
  private static final String WAIT = "--wait=";
  private static final String PROCESS = "--process=";

  /** Parses a command line. */
  static ProbeOptions parse(String[] arguments) {
    String url = "";
    Duration patience = Duration.ZERO;
    long process = 0;
    for (String argument : arguments) {
      if (argument.startsWith(WAIT)) {
        patience = Duration.ofSeconds(Long.parseLong(argument.substring(WAIT.length())));
      } else if (argument.startsWith(PROCESS)) {
        process = Long.parseLong(argument.substring(PROCESS.length()));
      } else {
        url = argument;
      }
    }
    return new ProbeOptions(url, patience, process);
  }

  /** Whether the process is alive, so that it can still become ready. */
  boolean processLives() {
    return process == 0 || ProcessHandle.of(process).map(ProcessHandle::isAlive).orElse(false);
  }
}
