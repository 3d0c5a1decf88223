package io.registry.operations.command;

import io.registry.content.walk.TerminalStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.ToIntFunction;

/**
 * The streams of a command.
 *
 * @param in the standard input
 * @param out the standard output: the report, or what was asked for
 * @param err the standard error: progress, problems and log lines
 */
public record Console(InputStream in, PrintStream out, PrintStream err) {
  private static final int OUT = 1;
  private static final int ERR = 2;

  /** The streams of this process. */
  public static Console ofProcess() {
    return new Console(System.in, System.out, System.err);
  }

  /**
   * Runs a command with these streams. What is logged goes to the standard error, so that the
   * report is alone on the standard output. Where the standard error is a terminal, {@link
   * io.registry.content.walk.Progress} draws a bar on it.
   *
   * @param command returns the exit status
   */
  int run(ToIntFunction<Console> command) {
    PrintStream before = System.out;
    boolean hasBar = isTerminal(ERR);
    PrintStream shown = hasBar ? new TerminalStream(err) : err;
    System.setOut(shown);
    try {
      // An archive may be on the standard output.
      PrintStream output = hasBar && isTerminal(OUT) ? new TerminalStream(out) : out;
      return command.applyAsInt(new Console(in, output, shown));
    } finally {
      System.setOut(before);
    }
  }

  // Java does not tell which of the streams are terminals; Linux does.
  private static boolean isTerminal(int stream) {
    if ("dumb".equals(System.getenv("TERM"))) {
      return false;
    }
    Path file = Path.of("/proc/self/fd", String.valueOf(stream));
    try {
      String device = Files.readSymbolicLink(file).toString();
      return device.startsWith("/dev/pts/") || device.startsWith("/dev/tty");
    } catch (IOException | UnsupportedOperationException e) {
      // A system without such a file gets lines.
      return false;
    }
  }
}
