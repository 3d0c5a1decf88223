package io.registry.operations.check;

import io.registry.content.defect.Defect;
import io.registry.content.defect.DefectKind;
import io.registry.content.distribution.TreeInspection;
import io.registry.content.image.ImageInspection;
import io.registry.content.manifest.ContentInspection;
import io.registry.content.repository.RepositoryInspection;
import io.registry.content.walk.OrderedWork;
import io.registry.content.walk.Progress;
import io.registry.content.walk.StoreWalk;
import io.registry.platform.json.JsonCodec;
import io.registry.storage.BlobStorage;
import io.registry.storage.StrayLink;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Checks a whole store, phase by phase. Its memory does not grow with the store, because the images
 * and the findings are in files.
 */
final class StoreCheck {
  private final BlobStorage storage;
  private final ImageInspection images;
  private final RepositoryInspection repositories;
  private final ContentInspection contents;
  private final Optional<TreeInspection> tree;
  private final CheckOptions options;
  private final Clock clock;

  private StoreCheck(
      BlobStorage storage,
      ImageInspection images,
      RepositoryInspection repositories,
      ContentInspection contents,
      Optional<TreeInspection> tree,
      CheckOptions options,
      Clock clock) {
    this.storage = storage;
    this.images = images;
    this.repositories = repositories;
    this.contents = contents;
    this.tree = tree;
    this.options = options;
    this.clock = clock;
  }

  /**
   * Creates a check.
   *
   * @param storage the store
   * @param tree inspects the tree of another registry; empty when there is none
   * @param options the options
   * @param clock the time
   * @param readers how many layers and blobs are read concurrently
   */
  static StoreCheck of(
      BlobStorage storage,
      Optional<TreeInspection> tree,
      CheckOptions options,
      Clock clock,
      int readers) {
    JsonCodec codec = new JsonCodec();
    RepositoryInspection repositories = new RepositoryInspection(storage, codec);
    return new StoreCheck(
        storage,
        new ImageInspection(storage, codec, clock, options.olderThan(), readers),
        repositories,
        new ContentInspection(storage, repositories, codec, readers, options.readLayers()),
        tree,
        options,
        clock);
  }

  /**
   * Runs the check from its saved progress to the end.
   *
   * @param work the files that do not fit in memory
   * @param run the progress and the findings
   * @param progress prints the progress
   * @param pool inspects items concurrently
   */
  void run(WorkFolder work, CheckRun run, Progress progress, OrderedWork pool) throws IOException {
    StoreWalk walk = new StoreWalk(pool, progress);
    if (run.phase() == Phase.LIST) {
      list(work, run, walk);
      run.begin(Phase.IMAGES);
    }
    ImageFacts table = new ImageFacts(work.ids(), work.facts());
    run.beforeSaving(table::force);
    inspect(work, run, walk, table);
    if (run.phase() == Phase.LEFTOVERS) {
      UploadLeftovers.find(storage, clock.instant().minus(options.olderThan()), run::found);
      tree.ifPresent(found -> inspect(found, run));
      progress.begin("symbolic links", 0);
      storage.findStrayLinks(link -> run.found(finding(link)));
      run.begin(Phase.DONE);
    }
  }

  private void inspect(WorkFolder work, CheckRun run, StoreWalk walk, ImageFacts table)
      throws IOException {
    Repairs repairs = new Repairs(storage, images, options.repair());
    if (run.phase() == Phase.IMAGES) {
      new ImagePhase(images, repairs, table, options.readLayers()).run(walk, run);
      run.begin(Phase.REPOSITORIES);
    }
    if (run.phase() == Phase.REPOSITORIES) {
      new RepositoryPhase(images, repositories, contents, repairs, table)
          .run(walk, run, work.repositories());
      run.begin(Phase.LINKS);
    }
    if (run.phase() == Phase.LINKS) {
      new LinkPhase(images, repairs, table).run(walk, run);
      run.begin(Phase.BLOBS);
    }
    ContentPhase content = new ContentPhase(contents, tree, repairs);
    if (run.phase() == Phase.BLOBS) {
      content.inspectBlobs(walk, run, work.blobs());
      run.begin(Phase.CONTENT);
    }
    if (run.phase() == Phase.CONTENT) {
      content.inspectRepositories(walk, run, work.repositories());
      run.begin(Phase.LEFTOVERS);
    }
  }

  private static void inspect(TreeInspection tree, CheckRun run) {
    try (Stream<Defect> defects = tree.defects()) {
      defects.forEach(defect -> run.found(CheckFinding.of(defect, "")));
    }
  }

  private static CheckFinding finding(StrayLink link) {
    return CheckFinding.of(
        link.dangling()
            ? Defect.of(DefectKind.LINK_DANGLING, link.key(), "The symbolic link leads to nothing")
            : Defect.of(
                DefectKind.LINK_OUTSIDE,
                link.key(),
                "The symbolic link leads out of the store, and the registry does not follow it"
                    + " (registry.storage.local.follow-links)"),
        "");
  }

  private void list(WorkFolder work, CheckRun run, StoreWalk walk) throws IOException {
    Files.deleteIfExists(work.facts());
    walk.listIds("names of images", images.ids(), work.folder(), work.ids());
    long listed =
        walk.listKeys("names of repositories", repositories.folders(), work.repositories());
    run.counters().add(CheckCounters.REPOSITORIES, listed);
  }
}
