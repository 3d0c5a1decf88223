package io.registry.check;

import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Prints the progress of a check every few seconds. */
final class Progress implements AutoCloseable {
  private static final int SECONDS = 5;

  private final PrintStream out;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "check-progress");
            thread.setDaemon(true);
            return thread;
          });
  private volatile String what = "";
  private volatile long all;
  private volatile long done;
  private volatile CheckCounters counters = new CheckCounters();

  Progress(PrintStream out) {
    this.out = out;
    var unused = timer.scheduleAtFixedRate(this::say, SECONDS, SECONDS, TimeUnit.SECONDS);
  }

  /** Starts to report another phase; its number of items is 0 when it is not known. */
  void begin(String newWhat, long newAll, CheckCounters newTally) {
    done = 0;
    what = newWhat;
    all = newAll;
    counters = newTally;
  }

  void done(long count) {
    done = count;
  }

  private void say() {
    if (what.isEmpty()) {
      return;
    }
    String of = all == 0 ? "" : " of %,d (%d%%)".formatted(all, done * 100 / all);
    out.printf(
        Locale.ROOT,
        "%s: %,d%s; %s of layers read; %,d problems%n",
        what,
        done,
        of,
        bytes(counters.get(CheckCounters.LAYER_BYTES)),
        counters.get(CheckCounters.PROBLEMS));
    out.flush();
  }

  /** Formats a size for display. */
  static String bytes(long count) {
    if (count < 10_000) {
      return count + " B";
    }
    if (count < 10_000_000) {
      return count / 1_000 + " kB";
    }
    return count < 10_000_000_000L ? count / 1_000_000 + " MB" : count / 1_000_000_000 + " GB";
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
