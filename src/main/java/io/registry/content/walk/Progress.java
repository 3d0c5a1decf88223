package io.registry.content.walk;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.OutputStream;
import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Says every few seconds how far a command is. On a terminal, there is a bar that moves instead of
 * lines.
 */
public final class Progress implements AutoCloseable {
  private static final int SECONDS = 5;
  private static final int BAR_MILLIS = 250;
  private static final int BAR = 20;

  /** A longer line would not be cleared. */
  private static final int COLUMNS = 79;

  private final PrintStream out;
  private final Supplier<String> more;
  private final boolean isBar;
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
    var unused =
        isBar
            ? timer.scheduleAtFixedRate(this::draw, BAR_MILLIS, BAR_MILLIS, TimeUnit.MILLISECONDS)
            : timer.scheduleAtFixedRate(this::say, SECONDS, SECONDS, TimeUnit.SECONDS);
  }

  private Progress(Supplier<String> more, PrintStream out) {
    this.out = out;
    this.more = more;
    this.isBar = out instanceof TerminalStream;
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
    if (isBar) {
      draw();
    }
  }

  /** So many are done. */
  public void done(long count) {
    done = count;
  }

  private void say() {
    if (what.isEmpty()) {
      return;
    }
    out.println(line());
    out.flush();
  }

  private String line() {
    String of = all == 0 ? "" : String.format(Locale.ROOT, " of %,d (%d%%)", all, done * 100 / all);
    return String.format(Locale.ROOT, "%s: %,d%s; %s", what, done, of, more.get());
  }

  private void draw() {
    if (what.isEmpty()) {
      return;
    }
    int full = all == 0 ? 0 : (int) Math.min(BAR, done * BAR / all);
    String bar = all == 0 ? "" : "[" + "#".repeat(full) + "-".repeat(BAR - full) + "] ";
    String line = bar + line();
    out.print(line.substring(0, Math.min(line.length(), COLUMNS)) + '\r');
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
    what = "";
  }
}
