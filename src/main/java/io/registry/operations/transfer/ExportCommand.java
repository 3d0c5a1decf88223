package io.registry.operations.transfer;

import io.registry.bridge.BridgeProperties;
import io.registry.content.archive.DistributionFolder;
import io.registry.content.archive.DockerArchive;
import io.registry.content.archive.LayoutArchive;
import io.registry.content.archive.LayoutFolder;
import io.registry.content.archive.LayoutPlan;
import io.registry.content.archive.TarOutput;
import io.registry.content.repository.Repositories;
import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.TagName;
import io.registry.content.repository.Tags;
import io.registry.operations.command.Command;
import io.registry.operations.command.CommandLine;
import io.registry.operations.command.CommandLine.Syntax;
import io.registry.operations.command.Console;
import io.registry.operations.command.ExitStatus;
import io.registry.operations.command.MisuseException;
import io.registry.operations.command.OfflineRegistry;
import io.registry.operations.command.ReportOutput;
import io.registry.operations.transfer.ExportTarget.Outcome;
import io.registry.operations.transfer.Failures.Failure;
import io.registry.operations.transfer.ServedImages.Tagged;
import io.registry.operations.transfer.Transfer.Job;
import io.registry.operations.transfer.Transfer.Plan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** {@code java -jar registry.jar export}: writes images to files, without a Docker daemon. */
public final class ExportCommand implements Command {
  private static final String NAME = "export";

  private static final String DRY_RUN = "--dry-run";
  private static final String ALL = "--all";
  private static final String TO = "--to";
  private static final String REPORT = "--report";
  private static final String KEEP = "--keep-manifests";
  private static final String ON_OUT = "-";

  private static final String USAGE =
      """
      Usage: java -jar registry.jar export IMAGE... --to TARGET [OPTION]... [--SETTING=VALUE]...
      Writes images to files, each byte compared with its digest. IMAGE is REPOSITORY or
      REPOSITORY:TAG, where * and ? stand for others: 'team/*'. Settings are those of the registry.

        --to oci:DIR              an OCI layout; what is there is kept, and not written again
        --to oci-archive:FILE     the same in a tar; - is the standard output
        --to docker-archive:FILE  a tar for `docker load` of any age; - is the standard output
        --to distribution:DIR     a rootdirectory for Distribution (registry:2 and later); what is
                                  there is kept, and blobs are hard links where that is possible
        --keep-manifests          with oci and oci-archive: write manifests byte for byte, with their
                                  digests; otherwise Docker's are written as OCI manifests, because
                                  skopeo reads no others there
        --all                     all images
        --dry-run                 write nothing; say what would be written
        --report=FILE             write JSON lines to FILE, or to the standard output with -

      Exit status: 0 all images are there, 1 some are not, 2 wrong use,
      3 the export could not be finished.
      """;

  private static final Syntax SYNTAX =
      new Syntax(true, Set.of(DRY_RUN, ALL, KEEP), Set.of(TO, REPORT));

  private final Transfer command;

  /**
   * The command.
   *
   * @param registry the configured registry
   */
  public ExportCommand(OfflineRegistry registry) {
    this.command = new Transfer(NAME, registry);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String summary() {
    return "writes images to an OCI layout, an archive for docker load, or a tree of registry:2";
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
    return command.run(plan(line), console);
  }

  /** The forms of a target. */
  private enum Form {
    OCI("oci:"),
    OCI_ARCHIVE("oci-archive:"),
    DOCKER_ARCHIVE("docker-archive:"),
    DISTRIBUTION("distribution:");

    private final String prefix;

    Form(String prefix) {
      this.prefix = prefix;
    }

    static Form of(String target) {
      for (Form form : values()) {
        if (target.startsWith(form.prefix) && target.length() > form.prefix.length()) {
          return form;
        }
      }
      throw new MisuseException(
          "--to is oci:DIR, oci-archive:FILE, docker-archive:FILE or distribution:DIR, not "
              + target);
    }

    String place(String target) {
      return target.substring(prefix.length());
    }
  }

  private static Plan plan(CommandLine line) {
    ImageSelection selection = ImageSelection.of(line.words(), line.has(ALL));
    String target = line.value(TO).orElseThrow(() -> new MisuseException("--to is missing"));
    Form form = Form.of(target);
    String place = form.place(target);
    boolean onOut = place.equals(ON_OUT);
    if (onOut && form == Form.DISTRIBUTION) {
      throw new MisuseException("distribution: is a folder");
    }
    if (onOut && form == Form.OCI) {
      throw new MisuseException("oci: is a folder; oci-archive:- is the standard output");
    }
    if (onOut && line.value(REPORT).filter(ReportOutput.ON_OUT::equals).isPresent()) {
      throw new MisuseException("The report and the archive cannot both be on the output");
    }
    boolean dryRun = line.has(DRY_RUN);
    return new Plan(
        Optional.empty(),
        Optional.of(target),
        dryRun,
        line.value(REPORT),
        onOut && !dryRun,
        line.settings(),
        job -> export(job, selection, new Target(form, place, dryRun, !line.has(KEEP))));
  }

  /** What {@code --to} and the flags say. */
  private record Target(Form form, String place, boolean dryRun, boolean converts) {}

  private static void export(Job job, ImageSelection selection, Target wanted) throws IOException {
    boolean dryRun = wanted.dryRun();
    ServedImages source = new ServedImages(job.registry());
    try (ExportTarget target = open(job, source, wanted)) {
      // All of them first, so that the progress has an end.
      Map<RepositoryName, List<String>> images = new LinkedHashMap<>();
      selection.find(
          job.registry().getBean(Repositories.class),
          job.registry().getBean(Tags.class),
          images::put,
          missing -> job.report().add(ReportLine.missing(missing)));
      job.progress().begin("images", images.values().stream().mapToInt(List::size).sum());
      try {
        images.forEach(
            (repository, tags) ->
                tags.forEach(tag -> export(job, source, target, repository, tag, dryRun)));
      } catch (UncheckedIOException e) {
        throw e.getCause();
      }
      if (!dryRun) {
        target.finish();
      }
    }
  }

  private static ExportTarget open(Job job, ServedImages source, Target wanted) throws IOException {
    Form form = wanted.form();
    String place = wanted.place();
    String platform = job.registry().getBean(BridgeProperties.class).v1Platform();
    if (form == Form.DISTRIBUTION) {
      return new DistributionTarget(
          source,
          wanted.dryRun()
              ? DistributionFolder.plan(Path.of(place))
              : DistributionFolder.open(Path.of(place)));
    }
    if (wanted.dryRun()) {
      return form == Form.DOCKER_ARCHIVE
          ? new DockerTarget(source, Optional.empty(), platform)
          : new LayoutTarget(
              source,
              new LayoutPlan(form == Form.OCI ? Optional.of(Path.of(place)) : Optional.empty()),
              wanted.converts());
    }
    if (form == Form.OCI) {
      return new LayoutTarget(source, LayoutFolder.open(Path.of(place)), wanted.converts());
    }
    TarOutput tar = place.equals(ON_OUT) ? TarOutput.to(job.out()) : TarOutput.to(Path.of(place));
    return form == Form.DOCKER_ARCHIVE
        ? new DockerTarget(source, Optional.of(new DockerArchive(tar, source.codec())), platform)
        : new LayoutTarget(source, new LayoutArchive(tar), wanted.converts());
  }

  private static void export(
      Job job,
      ServedImages source,
      ExportTarget target,
      RepositoryName repository,
      String tag,
      boolean dryRun) {
    Optional<Tagged> image = Optional.empty();
    try {
      TagName name = TagName.find(tag).orElseThrow(() -> new RefusedException("No such tag"));
      image = Optional.of(source.find(repository, name));
      Outcome outcome = dryRun ? target.plan(image.get()) : target.add(image.get());
      job.counts().addBytes(outcome.bytes());
      job.report().add(line(repository, tag, image, outcome, ""));
    } catch (IOException | RuntimeException e) {
      Failure failure = failure(e);
      Outcome none = new Outcome(failure.result(), 0);
      job.report().add(line(repository, tag, image, none, failure.text()));
      if (target.isBroken()) {
        throw new UncheckedIOException(
            new IOException("the archive ends in the middle of a layer: " + failure.text()));
      }
    }
    job.progress().done(job.counts().all());
  }

  private static Failure failure(Exception failure) {
    try {
      return Failures.of(failure);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ReportLine line(
      RepositoryName repository, String tag, Optional<Tagged> image, Outcome outcome, String text) {
    return ReportLine.of(
        repository.toString(),
        tag,
        image.flatMap(Tagged::v1).map(Object::toString).orElse(""),
        image.map(Tagged::descriptor),
        outcome.digest(),
        outcome.bytes(),
        outcome.result(),
        text);
  }
}
