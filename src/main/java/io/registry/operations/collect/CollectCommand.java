package io.registry.operations.collect;

import io.registry.content.walk.Progress;
import io.registry.operations.command.Command;
import io.registry.operations.command.CommandLine;
import io.registry.operations.command.CommandLine.Syntax;
import io.registry.operations.command.Console;
import io.registry.operations.command.ExitStatus;
import io.registry.operations.command.MisuseException;
import io.registry.operations.command.OfflineRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.springframework.context.ConfigurableApplicationContext;

/** {@code java -jar registry.jar gc}: one collection, from its beginning to its end. */
public final class CollectCommand implements Command {
  private static final String DRY_RUN = "--dry-run";
  private static final String REPORT = "--report";
  private static final String GRACE = "--grace";
  private static final String RATE = "--rate";

  private static final String USAGE =
      """
      Usage: java -jar registry.jar gc [OPTION]... [--SETTING=VALUE]...
      Removes content that nothing keeps alive, while registries serve the store. Settings are those
      of the registry.

        --dry-run       only say what would be removed
        --report=FILE   with --dry-run: write what would be removed to FILE, a file of the store a line
        --grace=TIME    how long content stays after nothing keeps it alive; as registry.gc.grace
        --rate=N        how many things are removed in a second; as registry.gc.rate

      A collection waits for the grace time between its two walks. A server goes on with it if the
      command ends before.

      Exit status: 0 done, 1 done, but something could not be read and what it may lead to stays,
      2 wrong use or refused, 3 the collection could not be finished.
      """;

  private final OfflineRegistry registry;

  /**
   * The command.
   *
   * @param registry the configured registry
   */
  public CollectCommand(OfflineRegistry registry) {
    this.registry = registry;
  }

  @Override
  public String name() {
    return "gc";
  }

  @Override
  public String summary() {
    return "removes content that nothing keeps alive";
  }

  @Override
  public String usage() {
    return USAGE;
  }

  @Override
  public Syntax syntax() {
    return new Syntax(false, Set.of(DRY_RUN), Set.of(REPORT, GRACE, RATE));
  }

  @Override
  public ExitStatus run(CommandLine line, Console console) throws IOException {
    Optional<String> report = line.value(REPORT);
    if (report.isPresent() && !line.has(DRY_RUN)) {
      throw new MisuseException(REPORT + " needs " + DRY_RUN);
    }
    List<String> settings = new ArrayList<>(line.settings());
    line.value(GRACE).ifPresent(grace -> settings.add("--registry.gc.grace=" + grace));
    line.value(RATE).ifPresent(rate -> settings.add("--registry.gc.rate=" + rate));
    try (ConfigurableApplicationContext opened = registry.open(settings)) {
      Collector collector = opened.getBean(Collector.class);
      return line.has(DRY_RUN)
          ? look(collector, report.map(Path::of), console)
          : collect(collector, console);
    } catch (RefusedException e) {
      throw new MisuseException(e.reason(), e);
    }
  }

  private static ExitStatus look(Collector collector, Optional<Path> report, Console console)
      throws IOException {
    try (DeadUnits dead = collector.look()) {
      for (DeadUnit.Kind kind : DeadUnit.Kind.values()) {
        console
            .out()
            .printf(
                Locale.ROOT,
                "%-9s %,d%n",
                kind.name().toLowerCase(Locale.ROOT),
                dead.counts().getOrDefault(kind, 0L));
      }
      console.out().printf(Locale.ROOT, "%s would be freed%n", Progress.bytes(dead.bytes()));
      if (report.isPresent()) {
        dead.writeTo(report.get());
      }
      return status(dead.problems(), console);
    }
  }

  private static ExitStatus collect(Collector collector, Console console) {
    Optional<Duration> wait = collector.step(true);
    while (wait.isPresent()) {
      console.err().println("Waiting for " + wait.get().toSeconds() + " seconds");
      try {
        Thread.sleep(wait.get().toMillis() + 1);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return ExitStatus.UNFINISHED;
      }
      wait = collector.step(false);
    }
    CollectReport report = collector.status().last().get(0);
    console
        .out()
        .printf(
            Locale.ROOT,
            "removed %s; %s freed; %,d rescued%n",
            report.removed(),
            Progress.bytes(report.bytes()),
            report.rescued());
    return status(report.problems(), console);
  }

  private static ExitStatus status(List<String> problems, Console console) {
    problems.forEach(text -> console.out().println("unreadable: " + text));
    return problems.isEmpty() ? ExitStatus.DONE : ExitStatus.PROBLEMS;
  }
}
