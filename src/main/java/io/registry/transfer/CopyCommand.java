package io.registry.transfer;

import io.registry.bridge.ServedNames;
import io.registry.client.Connections;
import io.registry.image.ImageId;
import io.registry.json.JsonCodec;
import io.registry.manifest.ManifestParser;
import io.registry.remote.Login;
import io.registry.remote.LoginFile;
import io.registry.remote.RemoteContent;
import io.registry.remote.RemoteException;
import io.registry.remote.RemoteRegistry;
import io.registry.remote.RemoteRegistry.Access;
import io.registry.remote.RemoteRegistry.Retries;
import io.registry.repository.Repositories;
import io.registry.repository.RepositoryName;
import io.registry.repository.TagName;
import io.registry.repository.Tags;
import io.registry.transfer.ExportTarget.Outcome;
import io.registry.transfer.Failures.Failure;
import io.registry.transfer.Line.Result;
import io.registry.transfer.Source.Tagged;
import io.registry.transfer.TransferRun.Job;
import io.registry.transfer.TransferRun.Plan;
import io.registry.walk.OrderedWork;
import io.registry.walk.ReadRate;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.function.Supplier;
import org.springframework.util.unit.DataSize;

/**
 * {@code java -jar registry.jar copy}: pushes images to another registry, or pulls them from it.
 */
public final class CopyCommand {
  /** The first word of the command line. */
  public static final String NAME = "copy";

  private static final String DRY_RUN = "--dry-run";
  private static final String ALL = "--all";
  private static final String TO = "--to";
  private static final String FROM = "--from";
  private static final String REPLACE = "--replace";
  private static final String REPORT = "--report";
  private static final String PARALLEL = "--parallel";
  private static final String RATE = "--rate";
  private static final String CREDENTIALS = "--credentials";
  private static final String BUNDLE = "--ssl-bundle";
  private static final String CERTIFICATES = "--cacert";

  /** The SSL bundle that is made of {@link #CERTIFICATES}. */
  private static final String OWN_BUNDLE = "copy-cacert";

  private static final int USUAL_PARALLEL = 4;
  private static final int MAX_PARALLEL = 64;
  private static final int ITEMS_PER_THREAD = 4;
  private static final Duration CONNECT = Duration.ofSeconds(30);
  private static final Retries RETRIES =
      new Retries(6, Duration.ofSeconds(1), Duration.ofSeconds(60));

  private static final String USAGE =
      """
      Usage: java -jar registry.jar copy IMAGE... --to URL [OPTION]... [--SETTING=VALUE]...
             java -jar registry.jar copy IMAGE... --from URL [OPTION]... [--SETTING=VALUE]...
      Pushes images to another registry over V2, or pulls them from it. Skips what is there, and
      reads back what each tag names afterwards. IMAGE is REPOSITORY or REPOSITORY:TAG, where * and ?
      stand for others: 'team/*'. Settings are those of the registry. An interrupted copy goes on
      when it is started again.

        --to URL              such as https://registry.example/prefix; the prefix may be missing
        --from URL            the same; the images get their names without the prefix
        --all                 all images
        --replace             with --from: move tags that name other images; they stay otherwise
        --parallel=N          so many images at the same time (default: 4)
        --rate=SIZE           carry at most so many bytes of layers in a second, such as 50MB
        --credentials=FILE    a file as `docker login` and `podman login` write it
                              (default: where they write it)
        --cacert=FILE         trust the certificates in FILE (PEM) instead of those of Java
        --ssl-bundle=NAME     the certificates to trust and to show: spring.ssl.bundle in the settings
        --dry-run             write nothing; say what would be copied
        --report=FILE         write JSON lines to FILE, or to the standard output with -

      Exit status: 0 all images are there, 1 some are not, 2 wrong use,
      3 the copy could not be finished.
      """;

  private final TransferRun command;
  private final Retries retries;

  /**
   * The command.
   *
   * @param registries opens the configured registry
   */
  public CopyCommand(Registries registries) {
    this(registries, RETRIES);
  }

  CopyCommand(Registries registries, Retries retries) {
    this.command = new TransferRun(NAME, USAGE, registries);
    this.retries = retries;
  }

  /**
   * Runs the command.
   *
   * @param arguments what follows {@link #NAME}
   * @return the exit status
   */
  public int run(List<String> arguments) {
    return command.run(arguments, this::plan);
  }

  int run(List<String> arguments, PrintStream out, PrintStream err) {
    return command.run(arguments, this::plan, out, err);
  }

  /** What the options say. */
  private record Options(
      boolean pulls,
      boolean replaces,
      URI base,
      String prefix,
      int parallel,
      Optional<ReadRate> rate,
      Optional<Path> credentials,
      String bundle,
      boolean dryRun) {}

  private Plan plan(List<String> arguments) {
    CommandLine line =
        CommandLine.parse(
            arguments,
            Set.of(DRY_RUN, ALL, REPLACE),
            Set.of(TO, FROM, REPORT, PARALLEL, RATE, CREDENTIALS, BUNDLE, CERTIFICATES));
    Selection selection = Selection.of(line.words(), line.has(ALL));
    Optional<String> from = line.value(FROM);
    if (from.isPresent() == line.value(TO).isPresent()) {
      throw new TransferMisuseException("Say --to or --from");
    }
    if (line.has(REPLACE) && from.isEmpty()) {
      throw new TransferMisuseException("--replace is for --from: tags there are always moved");
    }
    if (line.value(BUNDLE).isPresent() && line.value(CERTIFICATES).isPresent()) {
      throw new TransferMisuseException("--ssl-bundle has its own certificates");
    }
    URI other = url(from.or(() -> line.value(TO)).orElseThrow());
    Options options =
        new Options(
            from.isPresent(),
            line.has(REPLACE),
            URI.create(other.getScheme() + "://" + other.getRawAuthority()),
            prefix(other),
            line.value(PARALLEL).map(CopyCommand::parallel).orElse(USUAL_PARALLEL),
            line.value(RATE).map(CopyCommand::rate),
            line.value(CREDENTIALS).map(Path::of),
            line.value(CERTIFICATES)
                .map(file -> OWN_BUNDLE)
                .or(() -> line.value(BUNDLE))
                .orElse(""),
            line.has(DRY_RUN));
    return new Plan(
        from,
        line.value(TO),
        line.has(DRY_RUN),
        line.value(REPORT),
        false,
        settings(line),
        job -> {
          if (options.pulls()) {
            pull(job, selection, options);
          } else {
            push(job, selection, options);
          }
        });
  }

  private static List<String> settings(CommandLine line) {
    List<String> settings = new ArrayList<>(line.settings());
    line.value(CERTIFICATES)
        .ifPresent(
            file ->
                settings.add(
                    "--spring.ssl.bundle.pem.%s.truststore.certificate=file:%s"
                        .formatted(OWN_BUNDLE, Path.of(file).toAbsolutePath())));
    return settings;
  }

  // Passwords in URLs end up in logs and reports.
  private static URI url(String text) {
    try {
      URI url = URI.create(text);
      if (url.getHost() != null
          && url.getScheme() != null
          && url.getScheme().matches("https?")
          && url.getRawUserInfo() == null
          && url.getRawQuery() == null
          && url.getRawFragment() == null) {
        return url;
      }
    } catch (IllegalArgumentException e) {
      throw misfit();
    }
    throw misfit();
  }

  private static TransferMisuseException misfit() {
    return new TransferMisuseException(
        "The other registry is a URL such as https://registry.example/prefix, without a password");
  }

  private static String prefix(URI url) {
    String path = url.getPath() == null ? "" : url.getPath().replaceAll("^/+|/+$", "");
    if (!path.isEmpty() && !ServedNames.isName(path)) {
      throw new TransferMisuseException(path + " cannot be the beginning of a name");
    }
    return path.isEmpty() ? "" : path + "/";
  }

  private static int parallel(String text) {
    if (text.matches("[0-9]{1,2}")) {
      int number = Integer.parseInt(text);
      if (number >= 1 && number <= MAX_PARALLEL) {
        return number;
      }
    }
    throw new TransferMisuseException("--parallel is a number from 1 to " + MAX_PARALLEL);
  }

  private static ReadRate rate(String text) {
    DataSize size;
    try {
      size = DataSize.parse(text);
    } catch (IllegalArgumentException e) {
      size = DataSize.ofBytes(0);
    }
    if (size.toBytes() <= 0) {
      throw new TransferMisuseException("--rate is a size such as 50MB, not " + text);
    }
    return new ReadRate(size);
  }

  /** An image that was named. */
  private record Wanted<N>(N repository, String tag) {}

  private void push(Job job, Selection selection, Options options) throws IOException {
    Source source = new Source(job.registry());
    RemoteTarget target =
        new RemoteTarget(
            source,
            open(job, options, Access.PUSH),
            options.prefix(),
            options.rate(),
            job.counts(),
            options.dryRun());
    List<Wanted<RepositoryName>> wanted = new ArrayList<>();
    selection.find(
        job.registry().getBean(Repositories.class),
        job.registry().getBean(Tags.class),
        (repository, tags) -> tags.forEach(tag -> wanted.add(new Wanted<>(repository, tag))),
        missing -> job.report().add(Line.missing(missing)));
    carry(job, options, wanted, image -> push(source, target, image));
  }

  private void pull(Job job, Selection selection, Options options) throws IOException {
    JsonCodec codec = job.registry().getBean(JsonCodec.class);
    Tags tags = job.registry().getBean(Tags.class);
    Function<String, RemoteRegistry> registries = open(job, options, Access.PULL);
    RemoteSource source =
        new RemoteSource(
            repository -> new RemoteContent(registries.apply(repository), codec),
            options.prefix(),
            new Importer(job.registry(), options.replaces(), options.dryRun()),
            new ManifestParser(codec),
            options.rate(),
            job.counts());
    List<Wanted<String>> wanted = new ArrayList<>();
    try {
      selection.find(
          source,
          (repository, all) -> all.forEach(tag -> wanted.add(new Wanted<>(repository, tag))),
          missing -> job.report().add(Line.missing(missing)));
    } catch (RemoteException e) {
      throw new IOException(e.getMessage(), e);
    }
    carry(job, options, wanted, image -> pull(source, tags, image));
  }

  private static <N> void carry(
      Job job, Options options, List<Wanted<N>> wanted, Function<Wanted<N>, Line> task)
      throws IOException {
    job.progress().begin("images", wanted.size());
    ExecutorService pool = Executors.newFixedThreadPool(options.parallel(), CopyCommand::thread);
    try {
      new OrderedWork(pool, options.parallel() * ITEMS_PER_THREAD)
          .run(
              wanted.iterator(),
              task,
              line -> {
                job.report().add(line);
                job.progress().done(job.counts().all());
              });
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } finally {
      pool.shutdownNow();
    }
  }

  // The other registry, by a repository there: a login may be for some repositories only.
  private Function<String, RemoteRegistry> open(Job job, Options options, Access access)
      throws IOException {
    JsonCodec codec = job.registry().getBean(JsonCodec.class);
    Logins logins = new Logins(job, options);
    Supplier<HttpClient> http =
        job.registry().getBean(Connections.class).open(options.bundle(), CONNECT);
    Map<Login, RemoteRegistry> registries = new ConcurrentHashMap<>();
    Function<String, RemoteRegistry> opened =
        repository ->
            registries.computeIfAbsent(
                logins.of(repository),
                login -> new RemoteRegistry(http, options.base(), login, codec, retries, access));
    requireThere(opened.apply(options.prefix()));
    return opened;
  }

  private static Thread thread(Runnable task) {
    Thread thread = new Thread(task, NAME);
    thread.setDaemon(true);
    return thread;
  }

  private static void requireThere(RemoteRegistry registry) throws IOException {
    try {
      registry.requireThere();
    } catch (RemoteException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private static Line push(Source source, RemoteTarget target, Wanted<RepositoryName> wanted) {
    Optional<Tagged> image = Optional.empty();
    try {
      TagName name =
          TagName.find(wanted.tag()).orElseThrow(() -> new RefusedException("No such tag"));
      image = Optional.of(source.find(wanted.repository(), name));
      return line(wanted, image, target.add(image.get()), "");
    } catch (RemoteException e) {
      return line(wanted, image, new Outcome(Result.FAILED, 0), String.valueOf(e.getMessage()));
    } catch (IOException | RuntimeException e) {
      Failure failure = failure(e);
      return line(wanted, image, new Outcome(failure.result(), 0), failure.text());
    }
  }

  private static Line pull(RemoteSource source, Tags tags, Wanted<String> wanted) {
    try {
      Outcome outcome = source.add(wanted.repository(), wanted.tag());
      return line(tags, wanted, outcome, "");
    } catch (RemoteException e) {
      return line(tags, wanted, new Outcome(Result.FAILED, 0), String.valueOf(e.getMessage()));
    } catch (IOException | RuntimeException e) {
      Failure failure = failure(e);
      return line(tags, wanted, new Outcome(failure.result(), 0), failure.text());
    }
  }

  private static Line line(Tags tags, Wanted<String> wanted, Outcome outcome, String text) {
    RepositoryName repository = RepositoryName.parse(wanted.repository());
    Optional<ImageId> image =
        outcome.digest().isEmpty()
            ? Optional.empty()
            : TagName.find(wanted.tag())
                .flatMap(tag -> tags.get(repository, tag))
                .filter(id -> !id.isManifest());
    return new Line(
        "image",
        repository.toString(),
        wanted.tag(),
        image.map(Object::toString).orElse(""),
        outcome.digest().replaceFirst(".*@", ""),
        outcome.digest(),
        outcome.bytes(),
        outcome.result(),
        text);
  }

  // What cannot be read concerns one image only; a store that cannot be written fails otherwise.
  private static Failure failure(Exception failure) {
    if (failure instanceof IOException) {
      return new Failure(Result.FAILED, String.valueOf(failure.getMessage()));
    }
    try {
      return Failures.of(failure);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Line line(
      Wanted<RepositoryName> wanted, Optional<Tagged> image, Outcome outcome, String text) {
    return Line.of(
        wanted.repository().toString(),
        wanted.tag(),
        image.flatMap(Tagged::v1).map(Object::toString).orElse(""),
        image.map(Tagged::descriptor),
        outcome.digest(),
        outcome.bytes(),
        outcome.result(),
        text);
  }

  /** Finds what the other registry is shown. */
  private record Logins(List<Path> files, LoginFile reader, String host) {
    Logins(Job job, Options options) {
      this(
          options
              .credentials()
              .map(List::of)
              .orElseGet(
                  () -> LoginFile.usual(System.getenv(), Path.of(System.getProperty("user.home")))),
          new LoginFile(job.registry().getBean(JsonCodec.class)),
          options.base().getRawAuthority());
    }

    Login of(String repository) {
      try {
        for (Path file : files) {
          Optional<Login> login = reader.find(file, host, repository);
          if (login.isPresent()) {
            return login.get();
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return Login.NONE;
    }
  }
}
