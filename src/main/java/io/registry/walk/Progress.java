package io.registry.walk;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.OutputStream;
import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Says every few seconds how far a command is. */
public final class Progress implements AutoCloseable {
  private static final int SECONDS = 5;

  private final PrintStream out;
  private final Supplier<String> more;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "progress");
            thread.setDaemon(true);
            return thread;
          });
  private volatile String what = "";
  private volatile long all;
  private volatile long done;

  /**
   * Progress of which something is said from now on.
   *
   * @param out where it is said
   * @param more what else is said each time
   */
  public Progress(PrintStream out, Supplier<String> more) {
    this(more, out);
    var unused = timer.scheduleAtFixedRate(this::say, SECONDS, SECONDS, TimeUnit.SECONDS);
  }

  private Progress(Supplier<String> more, PrintStream out) {
    this.out = out;
    this.more = more;
  }

  /** Progress of which nothing is said. */
  public static Progress silent() {
    return new Progress(() -> "", new PrintStream(OutputStream.nullOutputStream(), false, UTF_8));
  }

  /**
   * Begins to count something else.
   *
   * @param newWhat what is counted
   * @param newAll how many there are; 0 when that is not known
   */
  public void begin(String newWhat, long newAll) {
    done = 0;
    what = newWhat;
    all = newAll;
  }

  /** So many are done. */
  public void done(long count) {
    done = count;
  }

  private void say() {
    if (what.isEmpty()) {
      return;
    }
    String of = all == 0 ? "" : String.format(Locale.ROOT, " of %,d (%d%%)", all, done * 100 / all);
    out.printf(Locale.ROOT, "%s: %,d%s; %s%n", what, done, of, more.get());
    out.flush();
  }

  /** A size for people. */
  public static String bytes(long count) {
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
