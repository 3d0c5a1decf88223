package io.registry.operations.backfill;

import io.registry.content.walk.Progress;
import io.registry.operations.backfill.BackfillCounts.Count;
import io.registry.operations.command.ReportOutput;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;

/** What a backfill has done, for programs and for people. Written finding by finding. */
final class BackfillReport {
  private final ReportOutput output;

  BackfillReport(ReportOutput output) {
    this.output = output;
  }

  void found(Finding finding) {
    output.write(finding);
    output.printFinding(
        "%s %s%s: %s"
            .formatted(
                finding.code(),
                finding.repository().isEmpty() ? finding.image() : finding.repository(),
                finding.tag().isEmpty() ? "" : ":" + finding.tag(),
                finding.text()));
  }

  /** The last line. */
  private record Summary(
      String code,
      int version,
      String store,
      boolean dryRun,
      Instant started,
      Instant finished,
      long milliseconds,
      Map<String, Long> counts) {}

  /**
   * Ends the report. The file is there when it is whole.
   *
   * @param store what was prepared
   * @param dryRun whether nothing was written
   * @param started when it was begun
   * @param finished when it was over
   * @param counts what was done
   */
  void end(String store, boolean dryRun, Instant started, Instant finished, BackfillCounts counts)
      throws IOException {
    publish(store, dryRun, started, finished, counts);
    PrintStream people = output.people();
    people.printf("%s: %s%n", store, summary(counts, Duration.between(started, finished)));
    if (dryRun) {
      people.println("Dry run: nothing was written, and nothing is prepared now.");
    }
    if (counts.get(Count.TAGS) == 0) {
      people.println("There is no tag in the store: is it the one that was meant?");
    } else if (counts.get(Count.FINDINGS) == 0) {
      people.println(
          counts.get(Count.UNPREPARED) == 0
              ? "V2 can serve all tags."
              : "No findings. What the layers hold is not known before they are read.");
    } else {
      printFindings(people, counts);
    }
    people.flush();
  }

  /** Ends the report of a materialization, as the other. */
  void endMaterialization(
      String store, boolean dryRun, Instant started, Instant finished, BackfillCounts counts)
      throws IOException {
    publish(store, dryRun, started, finished, counts);
    PrintStream people = output.people();
    people.printf(
        Locale.ROOT,
        "%s: %,d images, %,d layers %s (%s), in %,d seconds%n",
        store,
        counts.get(Count.IMAGES),
        counts.get(Count.MATERIALIZED),
        dryRun ? "to be copied" : "copied",
        Progress.bytes(counts.get(Count.BYTES_MATERIALIZED)),
        Duration.between(started, finished).toSeconds());
    if (counts.get(Count.FINDINGS) == 0) {
      people.println(dryRun ? "Dry run: nothing was written." : "All layers are files.");
    } else {
      printFindings(people, counts);
    }
    people.flush();
  }

  private static void printFindings(PrintStream people, BackfillCounts counts) {
    people.printf(Locale.ROOT, "%,d findings.%n", counts.get(Count.FINDINGS));
  }

  private void publish(
      String store, boolean dryRun, Instant started, Instant finished, BackfillCounts counts)
      throws IOException {
    Duration taken = Duration.between(started, finished);
    output.write(
        new Summary(
            "summary", 1, store, dryRun, started, finished, taken.toMillis(), counts.byName()));
    output.publish();
  }

  /** What was done, in one line. */
  static String summary(BackfillCounts counts, Duration taken) {
    String unread =
        counts.get(Count.UNPREPARED) == 0
            ? ""
            : String.format(
                Locale.ROOT,
                ", %,d not prepared (%,d layers to read, %s)",
                counts.get(Count.UNPREPARED),
                counts.get(Count.LAYERS_UNREAD),
                Progress.bytes(counts.get(Count.BYTES_UNREAD)));
    return String.format(
        Locale.ROOT,
        "%,d repositories, %,d tags, %,d images: %,d prepared before, %,d prepared now%s,"
            + " %,d not representable, %,d missing, %,d being uploaded, %,d failed;"
            + " %,d layers read (%s), %s written, in %,d seconds",
        counts.get(Count.REPOSITORIES),
        counts.get(Count.TAGS),
        counts.get(Count.IMAGES),
        counts.get(Count.KNOWN),
        counts.get(Count.PREPARED),
        unread,
        counts.get(Count.REFUSED),
        counts.get(Count.ABSENT),
        counts.get(Count.UNDER_WAY),
        counts.get(Count.FAILED),
        counts.get(Count.LAYERS_READ),
        Progress.bytes(counts.get(Count.BYTES_READ)),
        Progress.bytes(counts.get(Count.BYTES_WRITTEN)),
        taken.toSeconds());
  }
}
