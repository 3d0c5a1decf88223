package io.registry.operations.check;

import io.registry.content.defect.Defect;
import io.registry.content.defect.DefectKind;
import io.registry.content.image.ImageId;
import io.registry.content.image.ImageInspection;
import io.registry.content.image.InspectedImage;
import io.registry.content.image.InspectedImage.State;
import io.registry.content.manifest.ContentInspection;
import io.registry.content.repository.InspectedFile;
import io.registry.content.repository.RepositoryInspection;
import io.registry.content.walk.StoreWalk;
import io.registry.operations.check.ImageFacts.Flag;
import io.registry.storage.BlobKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The phase of a check that inspects the files of repositories, and marks tagged images. */
final class RepositoryPhase {
  private final ImageInspection images;
  private final RepositoryInspection repositories;
  private final ContentInspection contents;
  private final Repairs repairs;
  private final ImageFacts table;

  RepositoryPhase(
      ImageInspection images,
      RepositoryInspection repositories,
      ContentInspection contents,
      Repairs repairs,
      ImageFacts table) {
    this.images = images;
    this.repositories = repositories;
    this.contents = contents;
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

  void run(StoreWalk walk, CheckRun run, Path list) throws IOException {
    walk.visitFiles(
        "repositories",
        run.counters().get(CheckCounters.REPOSITORIES),
        list,
        run.next(),
        repositories::files,
        new StoreWalk.Visitor<>(this::lookAtFile, file -> note(file, run), run::done));
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
    if (id.isManifest()) {
      return lookAtTaggedManifest(key, id);
    }
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
    boolean still = defect.isPresent() && isTagged(key, id);
    return new SeenFile(
        true,
        reached(id, image),
        still ? defect.map(found -> CheckFinding.of(found, "")) : Optional.empty());
  }

  private SeenFile lookAtTaggedManifest(BlobKey key, ImageId id) {
    return new SeenFile(
        true,
        List.of(),
        Optional.of(
                Defect.of(
                    DefectKind.TAG_WITHOUT_IMAGE,
                    key,
                    "The repository lacks the tagged manifest: " + id))
            .filter(defect -> isLost(key, id))
            // The tag and the manifest may have been removed meanwhile.
            .filter(defect -> isTagged(key, id) && isLost(key, id))
            .map(defect -> CheckFinding.of(defect, "")));
  }

  private boolean isLost(BlobKey tag, ImageId manifest) {
    String folder = tag.path().substring(0, tag.path().lastIndexOf('/'));
    return !contents.hasManifest(new BlobKey(folder), manifest);
  }

  private boolean isTagged(BlobKey key, ImageId id) {
    return repositories.inspect(key).tagged().filter(id::equals).isPresent();
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
