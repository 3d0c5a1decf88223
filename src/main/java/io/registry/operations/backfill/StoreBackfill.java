package io.registry.operations.backfill;

import io.registry.bridge.ImagePreparation;
import io.registry.bridge.PreparedImage;
import io.registry.bridge.ServedNames;
import io.registry.content.image.ImageId;
import io.registry.content.image.ImageReader;
import io.registry.content.repository.InspectedFile;
import io.registry.content.repository.RepositoryInspection;
import io.registry.content.repository.RepositoryName;
import io.registry.content.repository.TagPlace;
import io.registry.content.walk.IdSort;
import io.registry.content.walk.IdTable;
import io.registry.content.walk.StoreWalk;
import io.registry.operations.backfill.BackfillCounts.Count;
import io.registry.operations.backfill.Reasons.Reason;
import io.registry.platform.problem.RegistryException;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.StorageException;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Prepares each image that a tag names. The memory that it needs does not grow with the store: the
 * names and ids lie in files. What is prepared is known from the store, so that there is nothing
 * else to go on from when it was interrupted.
 */
final class StoreBackfill {
  private static final Logger log = LoggerFactory.getLogger(StoreBackfill.class);

  /** With these, the store fails for all images. */
  private static final Set<StorageException.Reason> FATAL =
      Set.of(
          StorageException.Reason.FULL,
          StorageException.Reason.DENIED,
          StorageException.Reason.READ_ONLY,
          StorageException.Reason.UNAVAILABLE);

  private final BlobStorage storage;
  private final RepositoryInspection repositories;
  private final ImageReader images;
  private final ImagePreparation preparation;
  private final BackfillCounts counts;
  private final Consumer<Finding> findings;
  private Optional<RepositoryName> unnamed = Optional.empty();

  /**
   * A backfill.
   *
   * @param storage the store
   * @param repositories names the tags
   * @param images the images
   * @param preparation prepares them
   * @param counts counts what was done
   * @param findings gets what V2 does not serve
   */
  StoreBackfill(
      BlobStorage storage,
      RepositoryInspection repositories,
      ImageReader images,
      ImagePreparation preparation,
      BackfillCounts counts,
      Consumer<Finding> findings) {
    this.storage = storage;
    this.repositories = repositories;
    this.images = images;
    this.preparation = preparation;
    this.counts = counts;
    this.findings =
        finding -> {
          counts.add(Count.FINDINGS, 1);
          findings.accept(finding);
        };
  }

  /** What came of one image. */
  private record Outcome(Count count, Optional<Reason> reason, Collection<ImageId> unread) {
    Outcome(Count count) {
      this(count, Optional.empty(), List.of());
    }

    Outcome(Count count, String code, String text) {
      this(count, Optional.of(new Reason(code, text)), List.of());
    }
  }

  /** The outcome of the image with a number. */
  private record Numbered(int index, Outcome outcome) {}

  /** A tag, and the image that it names; or why that is not known. */
  private record Seen(BlobKey file, TagPlace place, Optional<ImageId> image, String failure) {}

  /**
   * Prepares all images.
   *
   * @param place holds what does not fit into memory
   * @param walk visits the repositories and the images
   * @param readLayers whether layers are read; otherwise it is only found out how much there is to
   *     read
   */
  void run(WorkPlace place, StoreWalk walk, boolean readLayers) throws IOException {
    listTags(place, walk);
    IdTable tops = new IdTable(place.images());
    try (Reasons reasons = new Reasons(place, tops.size())) {
      IdSort unread = StoreWalk.sort(place.folder());
      prepare(tops, reasons, unread, walk, readLayers);
      unread.writeTo(place.layers());
      measure(new IdTable(place.layers()), walk);
      tell(place, tops, reasons);
    }
  }

  private void listTags(WorkPlace place, StoreWalk walk) throws IOException {
    long folders =
        walk.listKeys("names of repositories", repositories.folders(), place.repositories());
    IdSort sort = StoreWalk.sort(place.folder());
    try (BufferedWriter tags = Files.newBufferedWriter(place.tags())) {
      walk.visitFiles(
          "repositories",
          folders,
          place.repositories(),
          0,
          repositories::files,
          new StoreWalk.Visitor<>(
              this::look,
              seen -> seen.ifPresent(tag -> note(tag, sort, tags)),
              position -> counts.add(Count.REPOSITORIES, 1)));
    }
    sort.writeTo(place.images());
  }

  private Optional<Seen> look(BlobKey file) {
    Optional<TagPlace> place = TagPlace.of(file);
    if (place.isEmpty()) {
      return Optional.empty();
    }
    InspectedFile found = repositories.inspect(file);
    if (found.tagged().isPresent()) {
      // V2 serves a manifest as it is.
      return found
          .tagged()
          .filter(image -> !image.isManifest())
          .map(image -> new Seen(file, place.get(), found.tagged(), ""));
    }
    return found
        .defect()
        .filter(RepositoryInspection::isUnreadable)
        .map(defect -> new Seen(file, place.get(), Optional.empty(), defect.text()));
  }

  private void note(Seen seen, IdSort sort, BufferedWriter tags) {
    RepositoryName repository = seen.place().repository();
    counts.add(Count.TAGS, 1);
    if (ServedNames.name(repository).isEmpty()) {
      if (!unnamed.equals(Optional.of(repository))) {
        findings.accept(
            new Finding(
                Finding.NAME, repository.toString(), "", "", "V2 has no such repository names"));
        unnamed = Optional.of(repository);
      }
    } else if (!ServedNames.isTag(seen.place().tag())) {
      findings.accept(finding(seen, Finding.TAG, "V2 has no such tags"));
    } else if (seen.image().isEmpty()) {
      findings.accept(finding(seen, Finding.FAILED, seen.failure()));
    } else {
      write(seen.image().get(), seen.file(), sort, tags);
    }
  }

  private static void write(ImageId image, BlobKey file, IdSort sort, BufferedWriter tags) {
    try {
      sort.add(image);
      tags.write(image + " " + file.path() + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Finding finding(Seen seen, String code, String text) {
    return new Finding(
        code,
        seen.place().repository().toString(),
        seen.place().tag(),
        seen.image().map(ImageId::value).orElse(""),
        text);
  }

  private void prepare(
      IdTable tops, Reasons reasons, IdSort unread, StoreWalk walk, boolean readLayers) {
    walk.visitNumbers(
        "images",
        tops.size(),
        IntStream.range(0, tops.size()),
        new StoreWalk.Visitor<>(
            index -> new Numbered(index, outcome(tops.id(index), readLayers)),
            done -> {
              counts.add(Count.IMAGES, 1);
              counts.add(done.outcome().count(), 1);
              done.outcome().reason().ifPresent(reason -> reasons.put(done.index(), reason));
              addAll(done.outcome().unread(), unread);
            }));
  }

  private static void addAll(Collection<ImageId> ids, IdSort sort) {
    try {
      for (ImageId id : ids) {
        sort.add(id);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Outcome outcome(ImageId top, boolean readLayers) {
    try {
      Optional<PreparedImage> known = preparation.known(top);
      if (known.isPresent()) {
        return outcome(Count.KNOWN, known.get());
      }
      return readLayers
          ? outcome(Count.PREPARED, preparation.prepare(top))
          : new Outcome(Count.UNPREPARED, Optional.empty(), preparation.unread(top));
    } catch (RuntimeException e) {
      return failure(top, e);
    }
  }

  private static Outcome outcome(Count served, PreparedImage image) {
    if (!image.isServed()) {
      return new Outcome(Count.REFUSED, Finding.NOT_REPRESENTABLE, image.refusal());
    }
    return image.layers() > PreparedImage.MAX_LAYERS
        ? new Outcome(
            served,
            Finding.TOO_DEEP,
            image.layers() + " layers: Docker takes " + PreparedImage.MAX_LAYERS + " at most")
        : new Outcome(served);
  }

  private Outcome failure(ImageId top, RuntimeException failure) {
    if (Thread.currentThread().isInterrupted()) {
      throw failure;
    }
    if (failure instanceof RegistryException refusal) {
      return switch (refusal.problem()) {
        case IN_PROGRESS -> new Outcome(Count.UNDER_WAY);
        case NOT_FOUND ->
            new Outcome(
                Count.ABSENT, Finding.MISSING, "The image, or one that it builds upon, is missing");
        default -> failed(refusal);
      };
    }
    if (failure instanceof StorageException broken) {
      if (FATAL.contains(broken.reason())) {
        throw broken;
      }
      storage.probe();
      return failed(broken);
    }
    if (failure instanceof UncheckedIOException) {
      throw failure;
    }
    log.error("Image {} could not be prepared", top, failure);
    return failed(failure);
  }

  private static Outcome failed(RuntimeException failure) {
    return new Outcome(Count.FAILED, Finding.FAILED, String.valueOf(failure.getMessage()));
  }

  private void measure(IdTable layers, StoreWalk walk) {
    if (layers.size() == 0) {
      return;
    }
    walk.visitNumbers(
        "sizes of layers",
        layers.size(),
        IntStream.range(0, layers.size()),
        new StoreWalk.Visitor<>(
            index -> size(layers.id(index)),
            size -> {
              counts.add(Count.LAYERS_UNREAD, 1);
              counts.add(Count.BYTES_UNREAD, size);
            }));
  }

  private long size(ImageId image) {
    try {
      return images.layerInfo(image).size();
    } catch (RegistryException e) {
      // It was removed meanwhile, or is being replaced.
      log.debug("The layer of {} is gone: {}", image, e.getMessage());
      return 0;
    }
  }

  private void tell(WorkPlace place, IdTable tops, Reasons reasons) throws IOException {
    try (BufferedReader tags = Files.newBufferedReader(place.tags())) {
      for (Iterator<String> lines = tags.lines().iterator(); lines.hasNext(); ) {
        String line = lines.next();
        int blank = line.indexOf(' ');
        ImageId image = new ImageId(line.substring(0, blank));
        BlobKey file = new BlobKey(line.substring(blank + 1));
        reasons
            .get(tops.find(image))
            .ifPresent(
                reason ->
                    findings.accept(
                        finding(
                            new Seen(
                                file,
                                TagPlace.of(file).orElseThrow(),
                                Optional.of(image),
                                reason.text()),
                            reason.code(),
                            reason.text())));
      }
    }
  }
}
