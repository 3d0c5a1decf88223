package io.registry.content.walk;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;

/**
 * A terminal on which a bar may stand. The bar ends with a carriage return, so that the next line
 * takes its place; before that line its rest is cleared.
 */
public final class TerminalStream extends PrintStream {
  private static final byte[] CLEAR = "\u001b[K".getBytes(UTF_8);

  public TerminalStream(PrintStream out) {
    super(new Clearing(out), true, UTF_8);
  }

  private static final class Clearing extends FilterOutputStream {
    private boolean atStart = true;

    Clearing(OutputStream out) {
      super(out);
    }

    @Override
    public void write(int single) throws IOException {
      write(new byte[] {(byte) single}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      if (length == 0) {
        return;
      }
      if (atStart) {
        out.write(CLEAR);
      }
      out.write(bytes, offset, length);
      byte last = bytes[offset + length - 1];
      atStart = last == '\n' || last == '\r';
    }
  }
}
