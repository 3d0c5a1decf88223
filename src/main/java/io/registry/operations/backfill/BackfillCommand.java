package io.registry.operations.backfill;

import io.registry.bridge.BridgeProperties;
import io.registry.bridge.CopiedLayers;
import io.registry.bridge.DerivedStore;
import io.registry.bridge.ImagePreparation;
import io.registry.content.files.ContentsProperties;
import io.registry.content.files.LayerScanner;
import io.registry.content.image.ImageInspection;
import io.registry.content.image.LayerPointers;
import io.registry.content.image.StoredImages;
import io.registry.content.repository.RepositoryInspection;
import io.registry.content.walk.CommandOutput;
import io.registry.content.walk.OrderedWork;
import io.registry.content.walk.Progress;
import io.registry.content.walk.ReadRate;
import io.registry.content.walk.StoreWalk;
import io.registry.operations.backfill.Counts.Count;
import io.registry.platform.json.JsonCodec;
import io.registry.storage.BlobStorage;
import io.registry.storage.DirectoryStorages;
import io.registry.storage.ReadOnlyStorage;
import io.registry.storage.StorageException;
import io.registry.storage.StorageProperties;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;

/** {@code java -jar registry.jar backfill}: prepares a whole store for V2 without serving it. */
public final class BackfillCommand {
  /** The first word of the command line. */
  public static final String NAME = "backfill";

  private static final int FINE = 0;
  private static final int FINDINGS = 1;
  private static final int MISUSE = 2;
  private static final int UNFINISHED = 3;
  private static final int ITEMS_PER_THREAD = 4;

  /** Nothing waits for a layer. */
  static final Duration NO_HURRY = Duration.ofDays(365);

  /**
   * Runs the command. What is logged goes to the standard error, so that the report is alone on the
   * standard output.
   *
   * @param arguments what follows {@link #NAME}
   * @return the exit status: 0 when V2 serves all tags, 1 when V2 does not, 2 when the command or a
   *     setting makes no sense, 3 when the backfill could not be finished
   */
  public int run(List<String> arguments) {
    return CommandOutput.run((out, err) -> run(arguments, out, err));
  }

  int run(List<String> arguments, PrintStream out, PrintStream err) {
    if (arguments.contains("--help")) {
      out.print(BackfillOptions.USAGE);
      return FINE;
    }
    try {
      return open(BackfillOptions.parse(arguments), out, err);
    } catch (BackfillMisuseException e) {
      err.println(e.getMessage());
      err.print(BackfillOptions.USAGE);
      return MISUSE;
    } catch (StorageException | IOException | UncheckedIOException e) {
      err.println("The backfill could not be finished: " + e.getMessage());
      return UNFINISHED;
    }
  }

  private int open(BackfillOptions options, PrintStream out, PrintStream err) throws IOException {
    ConfigurableApplicationContext context;
    try {
      context = application().run(options.settings().toArray(String[]::new));
    } catch (RuntimeException e) {
      // Why was logged.
      err.println("The store could not be opened with these settings");
      return MISUSE;
    }
    try (context;
        WorkPlace place = WorkPlace.open();
        Report report = new Report(options.report(), out, err)) {
      return run(options, context, place, report, err);
    }
  }

  // The drivers leave what others have begun as it is.
  private static SpringApplication application() {
    SpringApplication application = new SpringApplication(BackfillContext.class);
    application.setWebApplicationType(WebApplicationType.NONE);
    application.setAdditionalProfiles("check");
    application.setBannerMode(Banner.Mode.OFF);
    application.setLogStartupInfo(false);
    return application;
  }

  private int run(
      BackfillOptions options,
      ApplicationContext context,
      WorkPlace place,
      Report report,
      PrintStream err)
      throws IOException {
    BridgeProperties settings = context.getBean(BridgeProperties.class);
    LayerPointers opened = new LayerPointers(context.getBean(BlobStorage.class));
    boolean readOnly =
        context.getEnvironment().getProperty("registry.read-only", Boolean.class, false);
    if (readOnly && options.materialize()) {
      throw new BackfillMisuseException("--materialize writes to the store, which is read-only");
    }
    BlobStorage storage = readOnly ? new ReadOnlyStorage(opened) : opened;
    int threads = context.getBean(StorageProperties.class).parallelReads();
    int readers =
        settings.workers() > 0 ? settings.workers() : Runtime.getRuntime().availableProcessors();
    ExecutorService pool = Executors.newFixedThreadPool(threads, BackfillCommand::thread);
    ExecutorService layerReads = Executors.newFixedThreadPool(readers, BackfillCommand::thread);
    Counts counts = new Counts();
    Optional<Scratch> scratch =
        options.dryRun() ? Optional.of(new Scratch(place.scratch())) : Optional.empty();
    BlobStorage target =
        storage.isReadOnly()
            ? context.getBean(DirectoryStorages.class).open(Path.of(settings.directory()))
            : storage;
    DerivedStore files = new DerivedStore(new DerivedBlobs(target, counts, scratch));
    try (Progress progress = new Progress(err, () -> counted(counts))) {
      Instant started = Instant.now();
      JsonCodec codec = new JsonCodec();
      StoreWalk walk = new StoreWalk(new OrderedWork(pool, threads * ITEMS_PER_THREAD), progress);
      if (options.materialize()) {
        new LayerMaterialization(
                opened,
                new ImageInspection(storage, codec, Clock.systemUTC(), Duration.ZERO, readers),
                new CopiedLayers(files, codec),
                counts,
                report::found)
            .run(walk, options.dryRun());
        report.endMaterialization(
            storage.describe(), options.dryRun(), started, Instant.now(), counts);
        return status(counts);
      }
      CountedImages images =
          new CountedImages(
              new StoredImages(storage, codec), counts, options.rate().map(ReadRate::new));
      LayerScanner scanner =
          new LayerScanner(
              Clock.systemUTC(),
              context.getBean(ContentsProperties.class).limits().withTime(NO_HURRY));
      new StoreBackfill(
              storage,
              new RepositoryInspection(storage, codec),
              images,
              new ImagePreparation(images, files, scanner, codec, layerReads),
              counts,
              report::found)
          .run(place, walk, options.readLayers());
      report.end(storage.describe(), options.dryRun(), started, Instant.now(), counts);
      return status(counts);
    } finally {
      pool.shutdownNow();
      layerReads.shutdownNow();
    }
  }

  private static int status(Counts counts) {
    return counts.get(Count.FINDINGS) == 0 ? FINE : FINDINGS;
  }

  private static Thread thread(Runnable task) {
    Thread thread = new Thread(task, NAME);
    thread.setDaemon(true);
    return thread;
  }

  private static String counted(Counts counts) {
    return String.format(
        Locale.ROOT,
        "%s of layers read; %,d images prepared; %,d findings",
        Progress.bytes(counts.get(Count.BYTES_READ)),
        counts.get(Count.PREPARED),
        counts.get(Count.FINDINGS));
  }
}
