package io.registry.operations.check;

import io.registry.content.walk.Progress;
import io.registry.operations.command.ReportOutput;
import io.registry.platform.json.StrictJson;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The report of a check, as JSON and as text. Findings are processed one by one, because they may
 * not fit in memory.
 */
final class CheckReport {
  private final CheckRun run;
  private final Head head;
  private final StrictJson json = new StrictJson();

  /**
   * Creates the report of a completed check.
   *
   * @param run the findings
   * @param options the options
   * @param finished when the check was completed
   */
  CheckReport(CheckRun run, CheckOptions options, Instant finished) {
    this.run = run;
    this.head =
        new Head(
            1,
            run.state().store(),
            run.state().started(),
            finished,
            options.repair(),
            options.readLayers() ? "verify" : "skip");
  }

  /** The head of the JSON report. */
  private record Head(
      int version,
      String store,
      Instant started,
      Instant finished,
      boolean repair,
      String layers) {}

  /** The totals of the JSON report. */
  private record Summary(
      long images,
      long uploadsUnderWay,
      long repositories,
      long tags,
      long layersVerified,
      long layersWithoutChecksum,
      long layerBytesRead,
      long blobs,
      long blobBytesRead,
      long manifests,
      Map<String, Long> findings,
      long repaired,
      long problems) {}

  private Summary summary() {
    CheckCounters counters = run.counters();
    return new Summary(
        counters.get(CheckCounters.IMAGES),
        counters.get(CheckCounters.UPLOADS),
        counters.get(CheckCounters.REPOSITORIES),
        counters.get(CheckCounters.TAGS),
        counters.get(CheckCounters.LAYERS_VERIFIED),
        counters.get(CheckCounters.LAYERS_UNVERIFIABLE),
        counters.get(CheckCounters.LAYER_BYTES),
        counters.get(CheckCounters.BLOBS),
        counters.get(CheckCounters.BLOB_BYTES),
        counters.get(CheckCounters.MANIFESTS),
        counters.found(),
        counters.get(CheckCounters.REPAIRED),
        counters.get(CheckCounters.PROBLEMS));
  }

  /** Writes the text, and the JSON where that is wanted. */
  void write(ReportOutput output) throws IOException {
    print(output);
    writeJson(output);
  }

  /** Writes the JSON where that is wanted. */
  void writeJson(ReportOutput output) throws IOException {
    if (output.programs().isPresent()) {
      write(output.programs().get());
    }
    output.publish();
  }

  private void write(OutputStream out) throws IOException {
    out.write("{\"check\":".getBytes(StandardCharsets.UTF_8));
    out.write(json.write(head));
    out.write(",\n\"findings\":[".getBytes(StandardCharsets.UTF_8));
    try (Stream<CheckFinding> findings = run.log().read()) {
      String between = "\n";
      for (Iterator<CheckFinding> each = findings.iterator(); each.hasNext(); between = ",\n") {
        out.write(between.getBytes(StandardCharsets.UTF_8));
        out.write(json.write(each.next()));
      }
    }
    out.write("],\n\"summary\":".getBytes(StandardCharsets.UTF_8));
    out.write(json.write(summary()));
    out.write("}\n".getBytes(StandardCharsets.UTF_8));
  }

  private void print(ReportOutput output) throws IOException {
    try (Stream<CheckFinding> findings = run.log().read()) {
      findings
          .filter(CheckReport::isOfInterest)
          .forEach(
              found ->
                  output.printFinding(
                      "%s %s %s: %s%s"
                          .formatted(
                              found.severity().name().toLowerCase(Locale.ROOT),
                              found.code(),
                              found.key(),
                              found.text(),
                              found.repair().isEmpty() ? "" : " [" + found.repair() + "]")));
    }
    Summary all = summary();
    PrintStream out = output.people();
    out.printf(
        Locale.ROOT,
        "%s: %,d images (%,d being uploaded), %,d repositories, %,d tags;"
            + " %,d layers verified, %,d without checksum; %,d manifests, %,d blobs; %s read%n",
        head.store(),
        all.images(),
        all.uploadsUnderWay(),
        all.repositories(),
        all.tags(),
        all.layersVerified(),
        all.layersWithoutChecksum(),
        all.manifests(),
        all.blobs(),
        Progress.bytes(all.layerBytesRead() + all.blobBytesRead()));
    all.findings().forEach((code, count) -> out.printf(Locale.ROOT, "  %s: %,d%n", code, count));
    printEnd(out, all);
  }

  private static void printEnd(PrintStream out, Summary all) {
    if (all.images() == 0 && all.repositories() == 0 && all.blobs() == 0) {
      out.println("There is nothing in the store: is it the one that was meant?");
    }
    if (all.repaired() > 0) {
      out.printf(Locale.ROOT, "%,d repaired.%n", all.repaired());
    }
    if (all.problems() == 0) {
      out.println("Nothing is wrong.");
    } else {
      out.printf(Locale.ROOT, "%,d problems.%n", all.problems());
    }
  }

  private static boolean isOfInterest(CheckFinding finding) {
    return finding.isProblem() || !finding.repair().isEmpty();
  }
}
