package io.registry.check;

import io.registry.check.ImageTable.Flag;
import io.registry.defect.Defect;
import io.registry.defect.DefectKind;
import io.registry.image.ImageId;
import io.registry.image.ImageInspection;
import io.registry.image.InspectedImage;
import io.registry.image.InspectedImage.State;
import io.registry.repository.InspectedFile;
import io.registry.repository.RepositoryInspection;
import io.registry.storage.BlobKey;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The phase of a check that inspects the files of repositories, and marks tagged images. */
final class RepositoryPhase {
  /** A repository with more files is inspected by several threads. */
  private static final int LARGE = 1000;

  private final ImageInspection images;
  private final RepositoryInspection repositories;
  private final Repairs repairs;
  private final ImageTable table;

  RepositoryPhase(
      ImageInspection images,
      RepositoryInspection repositories,
      Repairs repairs,
      ImageTable table) {
    this.images = images;
    this.repositories = repositories;
    this.repairs = repairs;
    this.table = table;
  }

  /**
   * The result for one file.
   *
   * @param tag whether it is a tag
   * @param tagged the numbers of the images to which it leads
   */
  private record SeenFile(boolean tag, List<Integer> tagged, Optional<CheckFinding> finding) {
    static final SeenFile FINE = new SeenFile(false, List.of(), Optional.empty());
  }

  /** The result for one repository; without files for a large one. */
  private record Seen(BlobKey folder, Optional<List<SeenFile>> files) {}

  void run(OrderedWork work, CheckRun run, Progress progress, Path list) throws IOException {
    progress.begin("repositories", run.counters().get(CheckCounters.REPOSITORIES), run.counters());
    try (BufferedReader lines = Files.newBufferedReader(list)) {
      Stream<BlobKey> folders = lines.lines().skip(run.next()).map(BlobKey::new);
      work.run(
          folders.iterator(),
          this::look,
          seen -> {
            seen.files()
                .ifPresentOrElse(
                    files -> files.forEach(file -> note(file, run)),
                    () -> lookAtMany(seen.folder(), work, run));
            progress.done(run.next() + 1);
            run.done(run.next() + 1);
          });
    }
  }

  private Seen look(BlobKey folder) {
    List<BlobKey> keys;
    try (Stream<BlobKey> files = repositories.files(folder)) {
      keys = files.limit(LARGE + 1L).toList();
    }
    return keys.size() > LARGE
        ? new Seen(folder, Optional.empty())
        : new Seen(folder, Optional.of(keys.stream().map(this::lookAtFile).toList()));
  }

  private void lookAtMany(BlobKey folder, OrderedWork work, CheckRun run) {
    try (Stream<BlobKey> files = repositories.files(folder)) {
      work.run(files.iterator(), this::lookAtFile, file -> note(file, run));
    }
  }

  private void note(SeenFile file, CheckRun run) {
    if (file.tag()) {
      run.counters().add(CheckCounters.TAGS, 1);
    }
    file.tagged().forEach(index -> table.set(index, Flag.TAGGED));
    file.finding().ifPresent(run::found);
  }

  private SeenFile lookAtFile(BlobKey key) {
    InspectedFile file = repositories.inspect(key);
    if (file.tagged().isPresent()) {
      return lookAtTag(key, file.tagged().get());
    }
    // The original does not write atomically: a file that is invalid now may be valid a moment
    // later.
    if (file.defect().isEmpty() || !repositories.inspect(key).equals(file)) {
      return SeenFile.FINE;
    }
    return new SeenFile(false, List.of(), file.defect().map(repairs::of));
  }

  private SeenFile lookAtTag(BlobKey key, ImageId id) {
    int index = table.find(id);
    if (index >= 0 && table.is(index, Flag.HAS_JSON) && !table.is(index, Flag.STUCK)) {
      return new SeenFile(true, List.of(index), Optional.empty());
    }
    InspectedImage image = images.inspect(id, false);
    Optional<Defect> defect = Optional.empty();
    if (image.state() == State.STUCK) {
      defect =
          Optional.of(
              Defect.of(
                  DefectKind.TAG_UNFINISHED,
                  key,
                  "The upload of the tagged image was not finished: " + id));
    } else if (image.state() != State.UNDER_WAY && !images.exists(id)) {
      defect =
          Optional.of(
              Defect.of(DefectKind.TAG_WITHOUT_IMAGE, key, "The tagged image is not there: " + id));
    }
    boolean still =
        defect.isPresent() && repositories.inspect(key).tagged().filter(id::equals).isPresent();
    return new SeenFile(
        true,
        reached(id, image),
        still ? defect.map(found -> CheckFinding.of(found, "")) : Optional.empty());
  }

  // An image that was pushed after the images were listed is not in the table, but its ancestors
  // are.
  private List<Integer> reached(ImageId id, InspectedImage image) {
    return Stream.concat(Stream.of(id), image.ancestry().ids().stream().flatMap(List::stream))
        .map(table::find)
        .filter(index -> index >= 0)
        .distinct()
        .toList();
  }
}
