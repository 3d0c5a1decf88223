package io.registry.operations.transfer;

import io.registry.content.walk.Progress;
import io.registry.operations.command.Console;
import io.registry.operations.command.ExitStatus;
import io.registry.operations.command.OfflineRegistry;
import io.registry.operations.command.ReportOutput;
import io.registry.operations.command.TemporaryFolder;
import io.registry.storage.BlobStorage;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;

/** Runs a command that carries images: what all of them have in common. */
final class Transfer {
  private final String name;
  private final OfflineRegistry registry;

  /**
   * A command.
   *
   * @param name its name
   * @param registry the configured registry
   */
  Transfer(String name, OfflineRegistry registry) {
    this.name = name;
    this.registry = registry;
  }

  /**
   * What a command line asks for.
   *
   * @param source where the images come from, for people; empty for the configured store
   * @param target where the images go, for people; empty for the configured store
   * @param dryRun whether nothing is written
   * @param report where the JSON lines go
   * @param takesOutput whether the images go to the standard output
   * @param settings settings of the registry
   * @param work does it
   */
  record Plan(
      Optional<String> source,
      Optional<String> target,
      boolean dryRun,
      Optional<String> report,
      boolean takesOutput,
      List<String> settings,
      Work work) {}

  /** Does what a command line asks for. */
  @FunctionalInterface
  interface Work {
    void run(Job job) throws IOException;
  }

  /**
   * What the work has at hand.
   *
   * @param registry the configured registry
   * @param out the standard output
   * @param temporary an empty directory, removed in the end
   */
  record Job(
      ApplicationContext registry,
      TransferCounts counts,
      TransferReport report,
      Progress progress,
      PrintStream out,
      Path temporary) {}

  /**
   * Does what a command line asks for.
   *
   * @return problems when the report has findings
   */
  ExitStatus run(Plan plan, Console console) throws IOException {
    TransferCounts counts = new TransferCounts();
    try (TemporaryFolder temporary = TemporaryFolder.create(name);
        ConfigurableApplicationContext opened = registry.open(settings(plan, temporary.path()));
        ReportOutput output = new ReportOutput(plan.report(), console, plan.takesOutput());
        Progress progress = new Progress(console.err(), () -> said(counts))) {
      TransferReport report = new TransferReport(output, counts);
      Instant started = Instant.now();
      plan.work().run(new Job(opened, counts, report, progress, console.out(), temporary.path()));
      String store = opened.getBean(BlobStorage.class).describe();
      report.end(
          name, plan.source().orElse(store), plan.target().orElse(store), plan.dryRun(), started);
      return counts.findings() == 0 ? ExitStatus.DONE : ExitStatus.PROBLEMS;
    }
  }

  private static List<String> settings(Plan plan, Path temporary) {
    List<String> settings = new ArrayList<>(plan.settings());
    if (plan.dryRun()) {
      // Nor is anything written that is derived from images.
      settings.add("--registry.read-only=true");
      settings.add("--registry.v2.directory=" + temporary.resolve("derived"));
    }
    return settings;
  }

  private static String said(TransferCounts counts) {
    return String.format(
        Locale.ROOT, "%s carried; %,d findings", Progress.bytes(counts.bytes()), counts.findings());
  }
}
