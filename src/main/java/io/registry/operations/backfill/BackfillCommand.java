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
import io.registry.content.walk.Progress;
import io.registry.content.walk.ReadRate;
import io.registry.content.walk.StoreWalk;
import io.registry.operations.backfill.BackfillCounts.Count;
import io.registry.operations.command.Command;
import io.registry.operations.command.CommandLine;
import io.registry.operations.command.CommandLine.Syntax;
import io.registry.operations.command.CommandThreads;
import io.registry.operations.command.Console;
import io.registry.operations.command.ExitStatus;
import io.registry.operations.command.MisuseException;
import io.registry.operations.command.OfflineRegistry;
import io.registry.operations.command.ReportOutput;
import io.registry.platform.json.JsonCodec;
import io.registry.storage.BlobStorage;
import io.registry.storage.DirectoryStorages;
import io.registry.storage.ReadOnlyStorage;
import io.registry.storage.StorageProperties;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;

/** {@code java -jar registry.jar backfill}: prepares a whole store for V2 without serving it. */
public final class BackfillCommand implements Command {
  private static final String NAME = "backfill";

  private static final OfflineRegistry STORE = OfflineRegistry.storeOnly(BackfillContext.class);

  /** Nothing waits for a layer. */
  static final Duration NO_HURRY = Duration.ofDays(365);

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String summary() {
    return "prepares all images of a store for V2";
  }

  @Override
  public String usage() {
    return BackfillOptions.USAGE;
  }

  @Override
  public Syntax syntax() {
    return BackfillOptions.SYNTAX;
  }

  /**
   * Prepares the store.
   *
   * @return problems when V2 does not serve all tags
   */
  @Override
  public ExitStatus run(CommandLine line, Console console) throws IOException {
    BackfillOptions options = BackfillOptions.of(line);
    try (ConfigurableApplicationContext context = STORE.open(options.settings());
        WorkPlace place = WorkPlace.open();
        ReportOutput output = new ReportOutput(options.report(), console, false)) {
      return run(options, context, place, new BackfillReport(output), console.err());
    }
  }

  private ExitStatus run(
      BackfillOptions options,
      ApplicationContext context,
      WorkPlace place,
      BackfillReport report,
      PrintStream err)
      throws IOException {
    BridgeProperties settings = context.getBean(BridgeProperties.class);
    LayerPointers opened = new LayerPointers(context.getBean(BlobStorage.class));
    boolean readOnly =
        context.getEnvironment().getProperty("registry.read-only", Boolean.class, false);
    if (readOnly && options.materialize()) {
      throw new MisuseException("--materialize writes to the store, which is read-only");
    }
    BlobStorage storage = readOnly ? new ReadOnlyStorage(opened) : opened;
    int threads = context.getBean(StorageProperties.class).parallelReads();
    int readers =
        settings.workers() > 0 ? settings.workers() : Runtime.getRuntime().availableProcessors();
    BackfillCounts counts = new BackfillCounts();
    Optional<Scratch> scratch =
        options.dryRun() ? Optional.of(new Scratch(place.scratch())) : Optional.empty();
    BlobStorage target =
        storage.isReadOnly()
            ? context.getBean(DirectoryStorages.class).open(Path.of(settings.directory()))
            : storage;
    DerivedStore files = new DerivedStore(new DerivedBlobs(target, counts, scratch));
    try (CommandThreads pool = new CommandThreads(NAME, threads);
        CommandThreads layerReads = new CommandThreads(NAME, readers);
        Progress progress = new Progress(err, () -> counted(counts))) {
      Instant started = Instant.now();
      JsonCodec codec = new JsonCodec();
      StoreWalk walk = new StoreWalk(pool.work(), progress);
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
              new ImagePreparation(images, files, scanner, codec, layerReads.executor()),
              counts,
              report::found)
          .run(place, walk, options.readLayers());
      report.end(storage.describe(), options.dryRun(), started, Instant.now(), counts);
      return status(counts);
    }
  }

  private static ExitStatus status(BackfillCounts counts) {
    return counts.get(Count.FINDINGS) == 0 ? ExitStatus.DONE : ExitStatus.PROBLEMS;
  }

  private static String counted(BackfillCounts counts) {
    return String.format(
        Locale.ROOT,
        "%s of layers read; %,d images prepared; %,d findings",
        Progress.bytes(counts.get(Count.BYTES_READ)),
        counts.get(Count.PREPARED),
        counts.get(Count.FINDINGS));
  }
}
