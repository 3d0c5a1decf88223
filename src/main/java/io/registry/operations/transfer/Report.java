package io.registry.operations.transfer;

import io.registry.content.walk.Progress;
import io.registry.platform.json.StrictJson;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;

/** What became of the images, for programs and for people. Written line by line. */
final class Report implements AutoCloseable {
  static final String ON_OUT = "-";

  /** More findings are in the JSON lines only. */
  private static final int LINES = 1000;

  private final PrintStream people;
  private final Optional<Path> file;
  private final Optional<OutputStream> lines;
  private final StrictJson json = new StrictJson();
  private final Counts counts;
  private int printed;

  /**
   * A report.
   *
   * @param target where the JSON lines go; {@code -} is the standard output
   * @param out the standard output
   * @param err gets the text when something else is on the standard output
   * @param taken whether something else is on the standard output
   */
  Report(Optional<String> target, PrintStream out, PrintStream err, boolean taken, Counts counts)
      throws IOException {
    boolean onOut = target.filter(ON_OUT::equals).isPresent();
    this.people = onOut || taken ? err : out;
    this.file = onOut ? Optional.empty() : target.map(Path::of);
    this.counts = counts;
    this.lines =
        onOut
            ? Optional.of(out)
            : file.isPresent()
                ? Optional.of(new BufferedOutputStream(Files.newOutputStream(part(file.get()))))
                : Optional.empty();
  }

  private static Path part(Path file) {
    return file.resolveSibling(file.getFileName() + ".part");
  }

  synchronized void add(Line line) {
    counts.add(line.result());
    write(line);
    if (line.result().isFinding() && printed++ < LINES) {
      people.printf(
          "%s %s%s: %s%n",
          Counts.name(line.result()),
          line.repository(),
          line.tag().isEmpty() ? "" : ":" + line.tag(),
          line.text());
    }
  }

  /** The last line. */
  private record Summary(
      String code,
      int version,
      String command,
      String source,
      String target,
      boolean dryRun,
      Instant started,
      Instant finished,
      long milliseconds,
      Map<String, Long> counts) {}

  /**
   * Ends the report. The file is there when it is whole.
   *
   * @param command the command
   * @param source where the images come from
   * @param target where they go
   * @param dryRun whether nothing was written
   * @param started when it was begun
   */
  synchronized void end(
      String command, String source, String target, boolean dryRun, Instant started)
      throws IOException {
    Instant finished = Instant.now();
    Duration taken = Duration.between(started, finished);
    write(
        new Summary(
            "summary",
            1,
            command,
            source,
            target,
            dryRun,
            started,
            finished,
            taken.toMillis(),
            counts.byName()));
    if (lines.isPresent()) {
      lines.get().flush();
    }
    if (file.isPresent()) {
      lines.get().close();
      Files.move(part(file.get()), file.get(), StandardCopyOption.REPLACE_EXISTING);
    }
    people.printf("%s to %s: %s in %,d seconds%n", source, target, said(), taken.toSeconds());
    if (dryRun) {
      people.println("Dry run: nothing was written.");
    }
    if (counts.all() == 0) {
      people.println("There is no image: is it the place that was meant?");
    }
    people.flush();
  }

  private String said() {
    StringJoiner said = new StringJoiner(", ");
    counts
        .byName()
        .forEach(
            (name, count) -> {
              if (!name.equals("bytes") && (count > 0 || name.equals("findings"))) {
                said.add(String.format(Locale.ROOT, "%,d %s", count, name));
              }
            });
    return said.add(Progress.bytes(counts.bytes())).toString();
  }

  private void write(Object line) {
    if (lines.isEmpty()) {
      return;
    }
    try {
      lines.get().write(json.write(line));
      lines.get().write('\n');
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    if (file.isPresent()) {
      lines.get().close();
    }
  }
}
