package io.registry.operations.retention;

import io.registry.content.repository.RepositoryName;
import io.registry.content.retention.Verdict;
import io.registry.content.walk.CommandOutput;
import io.registry.operations.transfer.Registries;
import io.registry.platform.problem.RegistryException;
import io.registry.service.RetentionService;
import io.registry.storage.StorageException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import org.springframework.context.ConfigurableApplicationContext;

/** {@code java -jar registry.jar retention}: removes the tags that no rule of retention keeps. */
public final class RetentionCommand {
  /** The first word of the command line. */
  public static final String NAME = "retention";

  private static final String DRY_RUN = "--dry-run";
  private static final int FINE = 0;
  private static final int MISUSE = 2;
  private static final int UNFINISHED = 3;

  private static final String USAGE =
      """
      Usage: java -jar registry.jar retention [REPOSITORY]... [--dry-run] [--SETTING=VALUE]...
      Removes the tags that no rule of registry.retention.rules keeps, of the repositories or of all.
      Prints a line for each tag: keep or remove, the tag, the rule, the reason. What is removed can
      be restored for registry.trash.keep. Settings are those of the registry.

        --dry-run   remove nothing; say what would be removed

      Exit status: 0 done, 2 wrong use, 3 the run could not be finished.
      """;

  private final Registries registries;

  /**
   * The command.
   *
   * @param registries opens the configured registry
   */
  public RetentionCommand(Registries registries) {
    this.registries = registries;
  }

  /**
   * Runs the command.
   *
   * @param arguments what follows {@link #NAME}
   * @return the exit status
   */
  public int run(List<String> arguments) {
    return CommandOutput.run((out, err) -> run(arguments, out, err));
  }

  int run(List<String> arguments, PrintStream out, PrintStream err) {
    if (arguments.contains("--help")) {
      out.print(USAGE);
      return FINE;
    }
    List<RepositoryName> names = new ArrayList<>();
    List<String> settings = new ArrayList<>();
    for (String argument : arguments) {
      if (argument.startsWith("--") && argument.contains(".")) {
        settings.add(argument);
      } else if (!argument.startsWith("--")) {
        try {
          names.add(RepositoryName.parse(argument));
        } catch (RegistryException e) {
          return misuse(err, e.getMessage() + ": " + argument);
        }
      } else if (!argument.equals(DRY_RUN)) {
        return misuse(err, "There is no option " + argument);
      }
    }
    return open(names, arguments.contains(DRY_RUN), settings, out, err);
  }

  private static int misuse(PrintStream err, String text) {
    err.println(text);
    err.print(USAGE);
    return MISUSE;
  }

  private int open(
      List<RepositoryName> names,
      boolean isDryRun,
      List<String> settings,
      PrintStream out,
      PrintStream err) {
    ConfigurableApplicationContext registry;
    try {
      registry = registries.open(settings);
    } catch (RuntimeException e) {
      // Why was logged.
      err.println("The registry could not be opened with these settings");
      return MISUSE;
    }
    try (registry) {
      return apply(registry.getBean(RetentionService.class), names, isDryRun, out, err);
    } catch (StorageException e) {
      err.println("The run could not be finished: " + e.getMessage());
      return UNFINISHED;
    }
  }

  private static int apply(
      RetentionService retention,
      List<RepositoryName> names,
      boolean isDryRun,
      PrintStream out,
      PrintStream err) {
    AtomicLong removed = new AtomicLong();
    AtomicLong kept = new AtomicLong();
    BiConsumer<RepositoryName, Verdict> print =
        (repository, verdict) -> {
          (verdict.isKept() ? kept : removed).incrementAndGet();
          out.println(line(repository, verdict));
        };
    if (names.isEmpty()) {
      retention.apply(isDryRun, print);
    } else {
      names.forEach(name -> retention.apply(name, isDryRun, print));
    }
    err.printf(
        "%d tags %s removed, %d stay%n", removed.get(), isDryRun ? "would be" : "were", kept.get());
    return FINE;
  }

  private static String line(RepositoryName repository, Verdict verdict) {
    return String.join(
        "\t",
        verdict.isKept() ? "keep" : "remove",
        repository + ":" + verdict.facts().tag(),
        verdict.rule().isEmpty() ? "-" : verdict.rule(),
        verdict.reason());
  }
}
