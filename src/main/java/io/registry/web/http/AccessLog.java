package io.registry.web.http;

import io.registry.operations.control.ReopenedLog;
import io.registry.web.http.AccessLogProperties.Format;
import java.io.CharArrayWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.catalina.valves.AbstractAccessLogValve;
import org.apache.catalina.valves.JsonAccessLogValve;

/**
 * Writes a line for each request when it has been answered, with the fields of the original's
 * gunicorn log (protocol 8.4): remote address, caller, time, request, status, bytes, microseconds,
 * and the {@code X-Docker-Size} of the answer.
 */
public final class AccessLog implements ReopenedLog, AutoCloseable {
  /** The request attribute with the caller, named as in the audit. */
  public static final String CALLER = "registry.caller";

  private static final String CALLER_FIELD = "%{" + CALLER + "}r";
  private static final String OURS = "%D %{X-Docker-Size}o %{" + RequestIdValve.NAME + "}o";
  private static final String COMBINED =
      "%h %l " + CALLER_FIELD + " %t \"%r\" %s %b \"%{Referer}i\" \"%{User-Agent}i\" " + OURS;
  private static final String TIME = "yyyy-MM-dd'T'HH:mm:ss.SSSXXX";
  private static final String JSON =
      "%{" + TIME + "}t %h " + CALLER_FIELD + " %r %s %b %{Referer}i %{User-Agent}i " + OURS;

  private final LineFile file;
  private final AbstractAccessLogValve valve;

  /**
   * Opens the log.
   *
   * @param format the format of the lines; with {@code NONE}, no file is opened
   * @param path the file to append to; when empty, the standard output
   * @throws java.io.UncheckedIOException when the file cannot be created
   */
  public AccessLog(Format format, String path) {
    boolean toFile = format != Format.NONE && !path.isEmpty();
    this.file = new LineFile(toFile ? Optional.of(Path.of(path)) : Optional.empty());
    this.valve = format == Format.JSON ? new JsonLines(file) : new CombinedLines(file);
    valve.setPattern(format == Format.JSON ? JSON : COMBINED);
    // Uses the client's address as a trusted proxy reports it.
    valve.setRequestAttributesEnabled(true);
  }

  /** The valve that writes the lines. */
  AbstractAccessLogValve valve() {
    return valve;
  }

  /** Appends a line. */
  void write(String line) {
    file.write(line);
  }

  @Override
  public Optional<String> reopen() throws IOException {
    return file.reopen();
  }

  @Override
  public void close() {
    file.close();
  }

  private static final class CombinedLines extends AbstractAccessLogValve {
    private final LineFile file;

    CombinedLines(LineFile file) {
      this.file = file;
    }

    @Override
    protected void log(CharArrayWriter line) {
      file.write(line.toString());
    }
  }

  private static final class JsonLines extends JsonAccessLogValve {
    private static final Pattern NAME_OF_TIME =
        Pattern.compile("\"time-" + TIME + "\"", Pattern.LITERAL);

    private final LineFile file;

    JsonLines(LineFile file) {
      this.file = file;
    }

    /** Tomcat must not open files of its own. */
    @Override
    protected synchronized void open() {}

    // Tomcat includes the time's format in a pattern element's name.
    @Override
    public void log(CharArrayWriter line) {
      file.write(NAME_OF_TIME.matcher(line.toString()).replaceFirst("\"time\""));
    }
  }
}
