package io.registry.operations.transfer;

import io.registry.content.archive.ArchiveException;
import io.registry.content.archive.DamagedContentException;
import io.registry.content.archive.TarFile;
import io.registry.content.files.LayerScanner;
import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.TagName;
import io.registry.operations.command.Command;
import io.registry.operations.command.CommandLine;
import io.registry.operations.command.CommandLine.Syntax;
import io.registry.operations.command.Console;
import io.registry.operations.command.ExitStatus;
import io.registry.operations.command.MisuseException;
import io.registry.operations.command.OfflineRegistry;
import io.registry.operations.transfer.ExportTarget.Outcome;
import io.registry.operations.transfer.Failures.Failure;
import io.registry.operations.transfer.Found.Name;
import io.registry.operations.transfer.ReportLine.Result;
import io.registry.operations.transfer.Transfer.Job;
import io.registry.operations.transfer.Transfer.Plan;
import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.RegistryException;
import io.registry.storage.DirectoryStorages;
import io.registry.storage.ReadOnlyStorage;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** {@code java -jar registry.jar import}: stores images that are files. */
public final class ImportCommand implements Command {
  private static final String NAME = "import";

  private static final String DRY_RUN = "--dry-run";
  private static final String REPLACE = "--replace";
  private static final String AS = "--as";
  private static final String REPORT = "--report";
  private static final String ON_IN = "-";
  private static final String LATEST = "latest";

  /** Where a tar says that it is one. */
  private static final int MAGIC = 257;

  private static final int MAGIC_END = 262;

  private static final String USAGE =
      """
      Usage: java -jar registry.jar import FROM... [OPTION]... [--SETTING=VALUE]...
      Stores images that are files, by the rules of a push. Settings are those of the registry.
      An interrupted import goes on when it is started again. FROM is one of
        an archive of `docker save` of any age, an OCI archive, packed or not; - is the standard input
        an OCI layout
        the directory of a docker-registry, or of another registry like this one
        the storage folder of a Distribution registry (registry:2), with docker/registry/v2 in it
        the folder of a Docker daemon up to 1.9, such as /var/lib/docker

        --as NAME[:TAG]       the name that the image gets, instead of the one that it has
        --replace             move tags that name other images; they stay otherwise
        --dry-run             write nothing; read and compare everything
        --report=FILE         write JSON lines to FILE, or to the standard output with -

      Exit status: 0 all images are there, 1 some are not, 2 wrong use,
      3 the import could not be finished.
      """;

  private static final Syntax SYNTAX =
      new Syntax(true, Set.of(DRY_RUN, REPLACE), Set.of(AS, REPORT));

  private final Transfer command;

  /**
   * The command.
   *
   * @param registry the configured registry
   */
  public ImportCommand(OfflineRegistry registry) {
    this.command = new Transfer(NAME, registry);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String summary() {
    return "stores images of archives, OCI layouts and other registries' folders";
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
    return command.run(plan(line, console.in()), console);
  }

  private static Plan plan(CommandLine line, InputStream in) {
    if (line.words().isEmpty()) {
      throw new MisuseException("Name what is imported");
    }
    if (line.words().stream().filter(ON_IN::equals).count() > 1) {
      throw new MisuseException("The standard input can be read once");
    }
    Optional<Name> as = line.value(AS).map(ImportCommand::name);
    return new Plan(
        Optional.of(String.join(" ", line.words())),
        Optional.empty(),
        line.has(DRY_RUN),
        line.value(REPORT),
        false,
        line.settings(),
        job -> {
          // Archives are read from the front to the back.
          try (BlobWork work = new BlobWork(1)) {
            Importer importer =
                new Importer(job.registry(), work, line.has(REPLACE), line.has(DRY_RUN));
            new Run(job, importer, as, in).run(line.words());
          }
        });
  }

  private static Name name(String text) {
    int colon = text.lastIndexOf(':');
    boolean tagged = colon > text.lastIndexOf('/');
    return tagged
        ? new Name(text.substring(0, colon), text.substring(colon + 1))
        : new Name(text, "");
  }

  /** One import. */
  private static final class Run implements ImportSource.Taker {
    private final Job job;
    private final Importer importer;
    private final Optional<Name> as;
    private final InputStream in;
    private final Map<String, String> named = new HashMap<>();
    private int copies;

    Run(Job job, Importer importer, Optional<Name> as, InputStream in) {
      this.job = job;
      this.importer = importer;
      this.as = as;
      this.in = in;
    }

    void run(List<String> words) throws IOException {
      job.progress().begin("images", 0);
      for (String from : words) {
        try (ImportSource source = open(from)) {
          source.images(this);
        } catch (ArchiveException | DamagedContentException | RefusedException e) {
          String text = String.valueOf(e.getMessage());
          job.report().add(line(new Name(from, ""), "", 0, Result.FAILED, text));
        }
      }
    }

    private ImportSource open(String from) throws IOException {
      JsonCodec codec = job.registry().getBean(JsonCodec.class);
      Path path = Path.of(from);
      if (!from.equals(ON_IN) && Files.isDirectory(path)) {
        return openFolder(codec, path);
      }
      LayerScanner scanner = job.registry().getBean(LayerScanner.class);
      TarFile tar = openArchive(from, path, scanner);
      if (tar.find("oci-layout").isPresent() && tar.find("index.json").isPresent()) {
        return LayoutSource.of(codec, tar);
      }
      if (DockerArchiveSource.isOne(tar)) {
        return new DockerArchiveSource(codec, scanner, tar);
      }
      tar.close();
      throw new ArchiveException("It is neither of docker save nor an OCI archive");
    }

    private ImportSource openFolder(JsonCodec codec, Path folder) throws IOException {
      if (Files.exists(folder.resolve("oci-layout"))) {
        return LayoutSource.of(codec, folder);
      }
      if (Files.isDirectory(folder.resolve(DistributionSource.ROOT))) {
        return new DistributionSource(codec, folder);
      }
      if (Files.isDirectory(folder.resolve("images"))
          && Files.isDirectory(folder.resolve("repositories"))) {
        return new V1StoreSource(
            new ReadOnlyStorage(job.registry().getBean(DirectoryStorages.class).open(folder)),
            codec);
      }
      if (DaemonFolderSource.isOne(folder)) {
        return new DaemonFolderSource(codec, folder);
      }
      throw new RefusedException(
          folder + " is neither an OCI layout nor the directory of a registry or of Docker");
    }

    private TarFile openArchive(String from, Path path, LayerScanner scanner) throws IOException {
      if (!from.equals(ON_IN) && isPlain(path)) {
        return TarFile.open(path);
      }
      Path copy = job.temporary().resolve("archive-" + copies++);
      try (InputStream packed =
          new BufferedInputStream(from.equals(ON_IN) ? in : Files.newInputStream(path))) {
        return TarFile.open(scanner.unpack(packed), copy);
      }
    }

    // Others are copied, and unpacked where need be.
    private static boolean isPlain(Path path) throws IOException {
      try (InputStream in = Files.newInputStream(path)) {
        byte[] magic = in.readNBytes(MAGIC_END);
        return magic.length == MAGIC_END
            && new String(magic, MAGIC, MAGIC_END - MAGIC, StandardCharsets.ISO_8859_1)
                .equals("ustar");
      }
    }

    @Override
    public void take(Found image) throws IOException {
      List<Name> names = image.names().isEmpty() ? List.of(new Name("", "")) : image.names();
      for (Name name : names) {
        Name wanted = as.map(given -> merge(given, name)).orElse(name);
        try {
          Outcome outcome = add(image, wanted);
          job.counts().addBytes(outcome.bytes());
          job.report().add(line(wanted, image.what(), outcome.bytes(), outcome.result(), ""));
        } catch (IOException | RuntimeException e) {
          failed(wanted, image.what(), e);
        }
        job.progress().done(job.counts().all());
      }
    }

    // What refers to an image has a repository there, and no tag.
    private static Name merge(Name given, Name own) {
      String usual = own.repository().isEmpty() && own.tag().isEmpty() ? LATEST : own.tag();
      return new Name(given.repository(), given.tag().isEmpty() ? usual : given.tag());
    }

    private Outcome add(Found image, Name name) throws IOException {
      if (name.repository().isEmpty()) {
        throw new RefusedException("The image has no name there: use --as");
      }
      RepositoryName repository = RepositoryName.parse(name.repository());
      boolean tagged = !name.tag().isEmpty();
      if (!tagged && (image instanceof Found.Chain || image.names().isEmpty())) {
        throw new RefusedException("The image has no tag there: use --as NAME:TAG");
      }
      Optional<TagName> tag =
          tagged
              ? Optional.of(
                  TagName.find(name.tag())
                      .orElseThrow(() -> new RefusedException("Invalid tag name")))
              : Optional.empty();
      String other = tagged ? named.putIfAbsent(repository + ":" + name.tag(), image.what()) : null;
      if (other != null && !other.equals(image.what())) {
        throw new RefusedException("Another image of this import has got that name");
      }
      return importer.add(image, repository, tag);
    }

    @Override
    public void failed(Name name, Exception failure) throws IOException {
      failed(name, "", failure);
    }

    private void failed(Name name, String what, Exception failure) throws IOException {
      if (failure instanceof ArchiveException) {
        job.report().add(line(name, what, 0, Result.FAILED, String.valueOf(failure.getMessage())));
        return;
      }
      Failure found = Failures.of(failure);
      job.report().add(line(name, what, 0, found.result(), found.text()));
    }

    private static ReportLine line(Name name, String what, long bytes, Result result, String text) {
      boolean isDigest = what.indexOf(':') >= 0;
      return new ReportLine(
          "image",
          shown(name.repository()),
          name.tag(),
          isDigest ? "" : what,
          isDigest ? what : "",
          "",
          bytes,
          result,
          text);
    }

    private static String shown(String repository) {
      try {
        return RepositoryName.parse(repository).toString();
      } catch (RegistryException e) {
        // As it is there, because it cannot be a name here.
        return repository;
      }
    }
  }
}
