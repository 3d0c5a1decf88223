package io.registry.ops;

import java.time.Duration;

/**
 * What {@link HealthProbe} is told.
 *
 * @param url what it asks; empty for what the environment says
 * @param patience for how long it asks again
 * @param process id of the process that it asks, without which there is nothing to wait for; 0 when
 *     that is not known
 */
record ProbeOptions(String url, Duration patience, long process) {
  private static final String WAIT = "--wait=";
  private static final String PROCESS = "--process=";

  /** Reads a command line. */
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

  /** Whether the process that is waited for can still become ready. */
  boolean processLives() {
    return process == 0 || ProcessHandle.of(process).map(ProcessHandle::isAlive).orElse(false);
  }
}
