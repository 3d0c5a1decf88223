package io.registry.operations.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.registry.platform.json.StrictJson;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * Where the report of a command goes: as text to people, and as JSON to programs where {@code
 * --report} names a file or the standard output.
 */
public final class ReportOutput implements AutoCloseable {
  /** The value of {@code --report} for the standard output. */
  public static final String ON_OUT = "-";

  /** More findings are in the JSON only. */
  private static final int MOST_LINES = 1000;

  private final PrintStream people;
  private final Optional<Path> file;
  private final Optional<OutputStream> programs;
  private final StrictJson json = new StrictJson();
  private int lines;

  /**
   * Opens the report.
   *
   * @param target where the JSON goes; empty for nowhere
   * @param console its standard output gets the text, unless something else is there
   * @param isOutTaken whether the command writes something else to the standard output
   */
  public ReportOutput(Optional<String> target, Console console, boolean isOutTaken)
      throws IOException {
    boolean isOnOut = target.filter(ON_OUT::equals).isPresent();
    this.people = isOnOut || isOutTaken ? console.err() : console.out();
    this.file = isOnOut ? Optional.empty() : target.map(Path::of);
    this.programs = isOnOut ? Optional.of(console.out()) : open(file);
  }

  private ReportOutput(Path file) throws IOException {
    this.people = new PrintStream(OutputStream.nullOutputStream(), false, UTF_8);
    this.file = Optional.of(file);
    this.programs = open(this.file);
  }

  /** Opens a report for programs only. */
  public static ReportOutput toFile(Path file) throws IOException {
    return new ReportOutput(file);
  }

  private static Optional<OutputStream> open(Optional<Path> file) throws IOException {
    return file.isPresent()
        ? Optional.of(new BufferedOutputStream(Files.newOutputStream(part(file.get()))))
        : Optional.empty();
  }

  private static Path part(Path file) {
    return file.resolveSibling(file.getFileName() + ".part");
  }

  /** The stream of the text. */
  public PrintStream people() {
    return people;
  }

  /** The stream of the JSON; empty when there is none. This object closes it. */
  public Optional<OutputStream> programs() {
    return programs;
  }

  /** Prints a finding, unless so many are printed already that more would not be read. */
  public void printFinding(String text) {
    if (lines++ < MOST_LINES) {
      people.println(text);
    }
  }

  /**
   * Writes a value as a line of JSON.
   *
   * @throws UncheckedIOException when that fails
   */
  public void write(Object line) {
    programs.ifPresent(
        stream -> {
          try {
            stream.write(json.write(line));
            stream.write('\n');
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  /** Ends the JSON. The file appears now, when it is whole. */
  public void publish() throws IOException {
    if (programs.isPresent()) {
      programs.get().flush();
    }
    close();
    if (file.isPresent()) {
      Files.move(part(file.get()), file.get(), StandardCopyOption.REPLACE_EXISTING);
    }
  }

  @Override
  public void close() throws IOException {
    if (file.isPresent() && programs.isPresent()) {
      programs.get().close();
    }
  }
}
