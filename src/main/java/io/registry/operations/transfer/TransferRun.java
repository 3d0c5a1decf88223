package io.registry.operations.transfer;

import io.registry.content.walk.CommandOutput;
import io.registry.content.walk.Progress;
import io.registry.storage.BlobStorage;
import io.registry.storage.StorageException;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.util.FileSystemUtils;

/** Runs a command that carries images: what all of them have in common. */
final class TransferRun {
  private static final int FINE = 0;
  private static final int FINDINGS = 1;
  private static final int MISUSE = 2;
  private static final int UNFINISHED = 3;

  private final String name;
  private final String usage;
  private final Registries registries;

  /**
   * A command.
   *
   * @param name its name
   * @param usage what {@code --help} prints
   * @param registries opens the configured registry
   */
  TransferRun(String name, String usage, Registries registries) {
    this.name = name;
    this.usage = usage;
    this.registries = registries;
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
      Counts counts,
      Report report,
      Progress progress,
      PrintStream out,
      Path temporary) {}

  /**
   * Runs a command.
   *
   * @return the exit status
   */
  int run(List<String> arguments, Function<List<String>, Plan> parser) {
    return CommandOutput.run((out, err) -> run(arguments, parser, out, err));
  }

  int run(
      List<String> arguments,
      Function<List<String>, Plan> parser,
      PrintStream out,
      PrintStream err) {
    if (arguments.contains("--help")) {
      out.print(usage);
      return FINE;
    }
    try {
      return open(parser.apply(arguments), out, err);
    } catch (TransferMisuseException e) {
      err.println(e.getMessage());
      err.print(usage);
      return MISUSE;
    } catch (StorageException | IOException | UncheckedIOException e) {
      err.println("The " + name + " could not be finished: " + reason(e));
      return UNFINISHED;
    }
  }

  // The message of a missing file is its name only.
  private static String reason(Exception failure) {
    return failure instanceof FileSystemException || failure.getMessage() == null
        ? failure.toString()
        : failure.getMessage();
  }

  private int open(Plan plan, PrintStream out, PrintStream err) throws IOException {
    Path temporary = Files.createTempDirectory("registry-" + name + "-");
    Thread end = new Thread(() -> remove(temporary), name + "-end");
    Runtime.getRuntime().addShutdownHook(end);
    try {
      return open(plan, temporary, out, err);
    } finally {
      remove(temporary);
      try {
        Runtime.getRuntime().removeShutdownHook(end);
      } catch (IllegalStateException e) {
        // The process ends right now, and the directory is gone.
      }
    }
  }

  private static void remove(Path folder) {
    FileSystemUtils.deleteRecursively(folder.toFile());
  }

  private int open(Plan plan, Path temporary, PrintStream out, PrintStream err) throws IOException {
    List<String> settings = new ArrayList<>(plan.settings());
    if (plan.dryRun()) {
      // Nor is anything written that is derived from images.
      settings.add("--registry.read-only=true");
      settings.add("--registry.v2.directory=" + temporary.resolve("derived"));
    }
    ConfigurableApplicationContext registry;
    try {
      registry = registries.open(settings);
    } catch (RuntimeException e) {
      // Why was logged.
      err.println("The registry could not be opened with these settings");
      return MISUSE;
    }
    Counts counts = new Counts();
    try (registry;
        Report report = new Report(plan.report(), out, err, plan.takesOutput(), counts);
        Progress progress = new Progress(err, () -> said(counts))) {
      Instant started = Instant.now();
      plan.work().run(new Job(registry, counts, report, progress, out, temporary));
      String store = registry.getBean(BlobStorage.class).describe();
      report.end(
          name, plan.source().orElse(store), plan.target().orElse(store), plan.dryRun(), started);
      return counts.findings() == 0 ? FINE : FINDINGS;
    }
  }

  private static String said(Counts counts) {
    return String.format(
        Locale.ROOT, "%s carried; %,d findings", Progress.bytes(counts.bytes()), counts.findings());
  }
}
