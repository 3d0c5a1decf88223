package io.registry.operations.transfer;

import io.registry.content.distribution.ServedTree;
import io.registry.content.distribution.TreeAdoption;
import io.registry.content.distribution.TreeAdoption.Taken;
import io.registry.content.repository.RepositoryName;
import io.registry.operations.command.Command;
import io.registry.operations.command.CommandLine;
import io.registry.operations.command.CommandLine.Syntax;
import io.registry.operations.command.Console;
import io.registry.operations.command.ExitStatus;
import io.registry.operations.command.MisuseException;
import io.registry.operations.command.OfflineRegistry;
import io.registry.operations.transfer.Failures.Failure;
import io.registry.operations.transfer.ReportLine.Result;
import io.registry.operations.transfer.Transfer.Job;
import io.registry.operations.transfer.Transfer.Plan;
import io.registry.storage.BlobStorage;
import java.io.IOException;
import java.util.Iterator;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * {@code java -jar registry.jar adopt}: takes the tree of another registry over into the layout of
 * this one.
 */
public final class AdoptCommand implements Command {
  private static final String NAME = "adopt";
  private static final String DRY_RUN = "--dry-run";
  private static final String REPORT = "--report";

  private static final String USAGE =
      """
      Usage: java -jar registry.jar adopt [OPTION]... [--SETTING=VALUE]...
      Takes what the tree of Distribution (docker/registry/v2) in the store contains over into the
      layout of this registry, after which the tree can be removed. In a directory the blobs get a
      second name, which takes no room; in a bucket the store copies them. Nothing of the tree is
      changed. Stop the registry before. An interrupted run goes on where it was. Settings are those
      of the registry.

        --dry-run                 write nothing; say what would be taken over; the bytes of a blob
                                  count for each repository that has it
        --report=FILE             write JSON lines to FILE, or to the standard output with -

      Exit status: 0 everything is taken over, 1 some repositories are not, 2 wrong use,
      3 it could not be finished.
      """;

  private static final Syntax SYNTAX = new Syntax(false, Set.of(DRY_RUN), Set.of(REPORT));

  private final Transfer command;

  /**
   * The command.
   *
   * @param registry the configured registry
   */
  public AdoptCommand(OfflineRegistry registry) {
    this.command = new Transfer(NAME, registry);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String summary() {
    return "takes the tree of Distribution in the store over";
  }

  @Override
  public String usage() {
    return USAGE;
  }

  @Override
  public Syntax syntax() {
    return SYNTAX;
  }

  @Override
  public ExitStatus run(CommandLine line, Console console) throws IOException {
    boolean dryRun = line.has(DRY_RUN);
    return command.run(
        new Plan(
            Optional.empty(),
            Optional.empty(),
            dryRun,
            line.value(REPORT),
            false,
            line.settings(),
            job -> adopt(job, dryRun)),
        console);
  }

  private static void adopt(Job job, boolean dryRun) throws IOException {
    if (!dryRun && job.registry().getBean(BlobStorage.class).isReadOnly()) {
      throw new MisuseException("The store is read-only (registry.read-only)");
    }
    TreeAdoption adoption =
        job.registry()
            .getBean(ServedTree.class)
            .adoption()
            .orElseThrow(() -> new MisuseException("The store has no tree of Distribution"));
    job.progress().begin("repositories", 0);
    try (Stream<RepositoryName> all = adoption.repositories()) {
      for (Iterator<RepositoryName> each = all.iterator(); each.hasNext(); ) {
        adopt(job, adoption, each.next(), dryRun);
        job.progress().done(job.counts().all());
      }
    }
  }

  private static void adopt(
      Job job, TreeAdoption adoption, RepositoryName repository, boolean dryRun)
      throws IOException {
    try {
      Taken taken = adoption.adopt(repository, dryRun);
      job.counts().addBytes(taken.bytes());
      boolean isNew = taken.files() + taken.blobs() > 0;
      Result result = dryRun ? Result.WOULD : Result.DONE;
      job.report()
          .add(
              line(
                  repository,
                  taken.bytes(),
                  isNew ? result : Result.PRESENT,
                  "%d tags and links, %d blobs".formatted(taken.files(), taken.blobs())));
    } catch (RuntimeException e) {
      Failure failure = Failures.of(e);
      job.report().add(line(repository, 0, failure.result(), failure.text()));
    }
  }

  private static ReportLine line(
      RepositoryName repository, long bytes, Result result, String text) {
    return ReportLine.of(repository.toString(), "", "", Optional.empty(), "", bytes, result, text);
  }
}
