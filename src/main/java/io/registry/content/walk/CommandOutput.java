package io.registry.content.walk;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.ToIntBiFunction;

/** The standard output and the standard error of a command. */
public final class CommandOutput {
  private static final int OUT = 1;
  private static final int ERR = 2;

  private CommandOutput() {}

  /**
   * Runs a command. What is logged goes to the standard error, so that the report is alone on the
   * standard output. Where the standard error is a terminal, {@link Progress} draws a bar on it.
   *
   * @param command gets the standard output and the standard error, and returns the exit status
   */
  public static int run(ToIntBiFunction<PrintStream, PrintStream> command) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    boolean hasBar = isTerminal(ERR);
    PrintStream shown = hasBar ? new TerminalStream(err) : err;
    System.setOut(shown);
    try {
      // An archive may be on the standard output.
      return command.applyAsInt(hasBar && isTerminal(OUT) ? new TerminalStream(out) : out, shown);
    } finally {
      System.setOut(out);
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
