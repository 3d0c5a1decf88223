package io.registry.operations.transfer;

import io.registry.content.image.ImageId;
import io.registry.content.manifest.ManifestParser;
import io.registry.content.repository.Repositories;
import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.TagName;
import io.registry.content.repository.Tags;
import io.registry.operations.command.Command;
import io.registry.operations.command.CommandLine;
import io.registry.operations.command.CommandLine.Syntax;
import io.registry.operations.command.CommandThreads;
import io.registry.operations.command.Console;
import io.registry.operations.command.ExitStatus;
import io.registry.operations.command.OfflineRegistry;
import io.registry.operations.transfer.ExportTarget.Outcome;
import io.registry.operations.transfer.Failures.Failure;
import io.registry.operations.transfer.ReportLine.Result;
import io.registry.operations.transfer.ServedImages.Tagged;
import io.registry.operations.transfer.Transfer.Job;
import io.registry.operations.transfer.Transfer.Plan;
import io.registry.platform.client.Connections;
import io.registry.platform.json.JsonCodec;
import io.registry.upstream.v2.Login;
import io.registry.upstream.v2.LoginFile;
import io.registry.upstream.v2.RegistryClient;
import io.registry.upstream.v2.RegistryClient.Access;
import io.registry.upstream.v2.RemoteContent;
import io.registry.upstream.v2.RemoteException;
import io.registry.upstream.v2.RemotePush;
import io.registry.upstream.v2.Retries;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * {@code java -jar registry.jar copy}: pushes images to another registry, or pulls them from it.
 */
public final class CopyCommand implements Command {
  private static final String NAME = "copy";

  private static final Duration CONNECT = Duration.ofSeconds(30);
  private static final Retries RETRIES =
      new Retries(6, Duration.ofSeconds(1), Duration.ofSeconds(60));

  private final Transfer command;
  private final Retries retries;

  /**
   * The command.
   *
   * @param registry the configured registry
   */
  public CopyCommand(OfflineRegistry registry) {
    this(registry, RETRIES);
  }

  CopyCommand(OfflineRegistry registry, Retries retries) {
    this.command = new Transfer(NAME, registry);
    this.retries = retries;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String summary() {
    return "pushes images to another registry";
  }

  @Override
  public String usage() {
    return CopyOptions.USAGE;
  }

  @Override
  public Syntax syntax() {
    return CopyOptions.SYNTAX;
  }

  @Override
  public ExitStatus run(CommandLine line, Console console) throws IOException {
    return command.run(plan(CopyOptions.of(line)), console);
  }

  private Plan plan(CopyOptions options) {
    String other = options.url();
    return new Plan(
        Optional.of(other).filter(url -> options.pulls()),
        Optional.of(other).filter(url -> !options.pulls()),
        options.dryRun(),
        options.report(),
        false,
        options.settings(),
        job -> {
          try (BlobWork work = new BlobWork(options.parallel())) {
            if (options.pulls()) {
              pull(job, options, work);
            } else {
              push(job, options, work);
            }
          }
        });
  }

  /** An image that was named. */
  private record Wanted<N>(N repository, String tag) {}

  private void push(Job job, CopyOptions options, BlobWork work) throws IOException {
    ServedImages source = new ServedImages(job.registry());
    Function<String, RegistryClient> clients = open(job, options, Access.PUSH);
    RemoteTarget target =
        new RemoteTarget(
            source,
            repository -> new RemotePush(clients.apply(repository)),
            options.prefix(),
            options.rate(),
            job.counts(),
            work,
            options.dryRun());
    List<Wanted<RepositoryName>> wanted = new ArrayList<>();
    options
        .selection()
        .find(
            job.registry().getBean(Repositories.class),
            job.registry().getBean(Tags.class),
            (repository, tags) -> tags.forEach(tag -> wanted.add(new Wanted<>(repository, tag))),
            missing -> job.report().add(ReportLine.missing(missing)));
    carry(job, options, wanted, image -> push(source, target, image));
  }

  private void pull(Job job, CopyOptions options, BlobWork work) throws IOException {
    JsonCodec codec = job.registry().getBean(JsonCodec.class);
    Tags tags = job.registry().getBean(Tags.class);
    Function<String, RegistryClient> registries = open(job, options, Access.PULL);
    RemoteSource source =
        new RemoteSource(
            repository -> new RemoteContent(registries.apply(repository), codec),
            options.prefix(),
            new Importer(job.registry(), work, options.replaces(), options.dryRun()),
            new ManifestParser(codec),
            options.rate(),
            job.counts());
    List<Wanted<String>> wanted = new ArrayList<>();
    try {
      options
          .selection()
          .find(
              source,
              (repository, all) -> all.forEach(tag -> wanted.add(new Wanted<>(repository, tag))),
              missing -> job.report().add(ReportLine.missing(missing)));
    } catch (RemoteException e) {
      throw new IOException(e.getMessage(), e);
    }
    carry(job, options, wanted, image -> pull(source, tags, image));
  }

  private static <N> void carry(
      Job job, CopyOptions options, List<Wanted<N>> wanted, Function<Wanted<N>, ReportLine> task)
      throws IOException {
    job.progress().begin("images", wanted.size());
    try (CommandThreads pool = new CommandThreads(NAME, options.parallel())) {
      pool.work()
          .run(
              wanted.iterator(),
              task,
              line -> {
                job.report().add(line);
                job.progress().done(job.counts().all());
              });
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  // The other registry, by a repository there: a login may be for some repositories only.
  private Function<String, RegistryClient> open(Job job, CopyOptions options, Access access)
      throws IOException {
    JsonCodec codec = job.registry().getBean(JsonCodec.class);
    Logins logins = new Logins(job, options);
    Supplier<HttpClient> http =
        job.registry().getBean(Connections.class).open(options.bundle(), CONNECT);
    Map<Login, RegistryClient> registries = new ConcurrentHashMap<>();
    Function<String, RegistryClient> opened =
        repository ->
            registries.computeIfAbsent(
                logins.of(repository),
                login -> new RegistryClient(http, options.base(), login, codec, retries, access));
    requireThere(opened.apply(options.prefix()));
    return opened;
  }

  private static void requireThere(RegistryClient registry) throws IOException {
    try {
      registry.requireThere();
    } catch (RemoteException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private static ReportLine push(
      ServedImages source, RemoteTarget target, Wanted<RepositoryName> wanted) {
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

  private static ReportLine pull(RemoteSource source, Tags tags, Wanted<String> wanted) {
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

  private static ReportLine line(Tags tags, Wanted<String> wanted, Outcome outcome, String text) {
    RepositoryName repository = RepositoryName.parse(wanted.repository());
    Optional<ImageId> image =
        outcome.digest().isEmpty()
            ? Optional.empty()
            : TagName.find(wanted.tag())
                .flatMap(tag -> tags.get(repository, tag))
                .filter(id -> !id.isManifest());
    return new ReportLine(
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

  private static ReportLine line(
      Wanted<RepositoryName> wanted, Optional<Tagged> image, Outcome outcome, String text) {
    return ReportLine.of(
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
    Logins(Job job, CopyOptions options) {
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
