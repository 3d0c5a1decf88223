package io.registry.operations.retention;

import io.registry.content.repository.RepositoryName;
import io.registry.content.retention.Verdict;
import io.registry.operations.command.Command;
import io.registry.operations.command.CommandLine;
import io.registry.operations.command.CommandLine.Syntax;
import io.registry.operations.command.Console;
import io.registry.operations.command.ExitStatus;
import io.registry.operations.command.MisuseException;
import io.registry.operations.command.OfflineRegistry;
import io.registry.platform.problem.RegistryException;
import io.registry.service.RetentionService;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import org.springframework.context.ConfigurableApplicationContext;

/** {@code java -jar registry.jar retention}: removes the tags that no rule of retention keeps. */
public final class RetentionCommand implements Command {
  private static final String DRY_RUN = "--dry-run";

  private static final String USAGE =
      """
      Usage: java -jar registry.jar retention [REPOSITORY]... [--dry-run] [--SETTING=VALUE]...
      Removes the tags that no rule of registry.retention.rules keeps, of the repositories or of all.
      Prints a line for each tag: keep or remove, the tag, the rule, the reason. What is removed can
      be restored for registry.trash.keep. Settings are those of the registry.

        --dry-run   remove nothing; say what would be removed

      Exit status: 0 done, 2 wrong use, 3 the run could not be finished.
      """;

  private final OfflineRegistry registry;

  /**
   * The command.
   *
   * @param registry the configured registry
   */
  public RetentionCommand(OfflineRegistry registry) {
    this.registry = registry;
  }

  @Override
  public String name() {
    return "retention";
  }

  @Override
  public String summary() {
    return "removes the tags that no rule of retention keeps";
  }

  @Override
  public String usage() {
    return USAGE;
  }

  @Override
  public Syntax syntax() {
    return new Syntax(true, Set.of(DRY_RUN), Set.of());
  }

  @Override
  public ExitStatus run(CommandLine line, Console console) {
    List<RepositoryName> names = line.words().stream().map(RetentionCommand::repository).toList();
    try (ConfigurableApplicationContext opened = registry.open(line.settings())) {
      apply(opened.getBean(RetentionService.class), names, line.has(DRY_RUN), console);
      return ExitStatus.DONE;
    }
  }

  private static RepositoryName repository(String word) {
    try {
      return RepositoryName.parse(word);
    } catch (RegistryException e) {
      throw new MisuseException(e.getMessage() + ": " + word, e);
    }
  }

  private static void apply(
      RetentionService retention, List<RepositoryName> names, boolean isDryRun, Console console) {
    AtomicLong removed = new AtomicLong();
    AtomicLong kept = new AtomicLong();
    BiConsumer<RepositoryName, Verdict> print =
        (repository, verdict) -> {
          (verdict.isKept() ? kept : removed).incrementAndGet();
          console.out().println(line(repository, verdict));
        };
    if (names.isEmpty()) {
      retention.apply(isDryRun, print);
    } else {
      names.forEach(name -> retention.apply(name, isDryRun, print));
    }
    console
        .err()
        .printf(
            "%d tags %s removed, %d stay%n",
            removed.get(), isDryRun ? "would be" : "were", kept.get());
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
