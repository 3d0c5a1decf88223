package io.registry.operations.transfer;

import io.registry.content.walk.Progress;
import io.registry.operations.command.ReportOutput;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;

/** What became of the images, for programs and for people. Written line by line. */
final class TransferReport {
  private final ReportOutput output;
  private final TransferCounts counts;

  TransferReport(ReportOutput output, TransferCounts counts) {
    this.output = output;
    this.counts = counts;
  }

  synchronized void add(ReportLine line) {
    counts.add(line.result());
    output.write(line);
    if (line.result().isFinding()) {
      output.printFinding(
          "%s %s%s: %s"
              .formatted(
                  TransferCounts.name(line.result()),
                  line.repository(),
                  line.tag().isEmpty() ? "" : ":" + line.tag(),
                  line.text()));
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
    output.write(
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
    output.publish();
    PrintStream people = output.people();
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
}
