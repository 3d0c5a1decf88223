package io.registry.content.image;

import io.registry.content.defect.DamagedFiles;
import io.registry.content.defect.Defect;
import io.registry.content.defect.DefectKind;
import io.registry.content.defect.Remedy;
import io.registry.content.image.InspectedImage.LayerState;
import io.registry.content.image.InspectedImage.State;
import io.registry.content.image.InspectedImage.StoredAncestry;
import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.RegistryException;
import io.registry.storage.BlobContent;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.StorageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The inspection of one image whose files are listed already. */
final class ImageLook {
  private final ImageId id;
  private final ImageFiles files;
  private final BlobStorage storage;
  private final JsonCodec codec;
  private final StoredChecksums checksums;
  private final Ancestries ancestries;
  private final List<Defect> defects = new ArrayList<>();
  private Optional<ImageJson> description = Optional.empty();
  private LayerInspection.Result layer =
      new LayerInspection.Result(LayerState.NOT_READ, 0, Optional.empty());

  ImageLook(
      ImageId id,
      ImageFiles files,
      BlobStorage storage,
      JsonCodec codec,
      StoredChecksums checksums,
      Ancestries ancestries) {
    this.id = id;
    this.files = files;
    this.storage = storage;
    this.codec = codec;
    this.checksums = checksums;
    this.ancestries = ancestries;
  }

  /**
   * Inspects the image.
   *
   * @param recent whether one of the files was written a short while ago
   * @param layers reads the layer; empty to skip that
   */
  InspectedImage result(boolean recent, Optional<LayerInspection> layers) {
    State state = state(recent);
    noteSetAside();
    Optional<BlobContent> json = files.hasJson() ? read(ImageKeys.json(id)) : Optional.empty();
    StoredAncestry ancestry = files.hasAncestry() ? ancestry() : StoredAncestry.NONE;
    if (state == State.FINISHED) {
      lookAtJson(json);
      noteLeftovers();
      lookAtLayer(json, layers);
    } else {
      describe(json);
    }
    if (state == State.STUCK) {
      noteStuck();
    }
    return new InspectedImage(
        state,
        recent,
        description.isPresent(),
        files.hasLayer(),
        files.hasChecksum(),
        description.isPresent() ? description.get().parent() : parent(ancestry),
        ancestry,
        layer.state(),
        layer.bytes(),
        List.copyOf(defects));
  }

  private State state(boolean recent) {
    if (files.hasMark()) {
      return recent ? State.UNDER_WAY : State.STUCK;
    }
    boolean any = files.hasJson() || files.hasLayer() || files.hasAncestry() || files.hasChecksum();
    return any ? State.FINISHED : State.ABSENT;
  }

  private static Optional<ImageId> parent(StoredAncestry ancestry) {
    return ancestry.ids().filter(ids -> ids.size() > 1).map(ids -> ids.get(1));
  }

  private void noteSetAside() {
    files
        .names()
        .filter(DamagedFiles::isOne)
        .map(ImageKeys.folder(id)::child)
        .forEach(
            key ->
                defects.add(
                    Defect.of(
                        DefectKind.SET_ASIDE,
                        key,
                        "A damaged file that was moved out of the way")));
  }

  private void noteStuck() {
    String missing =
        !files.hasJson()
            ? "nothing has arrived"
            : !files.hasLayer() ? "the layer is missing" : "its checksum was never announced";
    defects.add(
        Defect.of(
            DefectKind.STUCK_UPLOAD,
            ImageKeys.mark(id),
            "The upload was not finished: " + missing + ". The next push takes it over"));
  }

  private void noteLeftovers() {
    for (BlobKey claim : files.claims()) {
      defects.add(Defect.of(DefectKind.LEFTOVER, claim, "A claim that was carried out"));
    }
    if (files.hasLayer() && !files.hasChecksum()) {
      defects.add(
          Defect.of(
              DefectKind.CHECKSUM_MISSING,
              ImageKeys.checksum(id),
              "There is no checksum that the layer could be compared with"));
    }
    for (BlobKey aside : files.asideLayers()) {
      boolean copy =
          files
              .info(aside)
              .map(info -> info.size())
              .equals(files.info(ImageKeys.layer(id)).map(info -> info.size()));
      defects.add(
          new Defect(
              DefectKind.LEFTOVER,
              aside,
              "A layer that another push of the image has left",
              copy ? Remedy.REMOVE_COPY : Remedy.NONE,
              ""));
    }
  }

  private void describe(Optional<BlobContent> json) {
    try {
      description = json.map(file -> ImageJson.parse(codec, id, file.bytes()));
    } catch (RegistryException e) {
      description = Optional.empty();
    }
  }

  private void lookAtJson(Optional<BlobContent> json) {
    describe(json);
    if (!files.hasJson()) {
      defects.add(
          Defect.of(
              DefectKind.JSON_MISSING,
              ImageKeys.json(id),
              "There are files of an image, but not its JSON. A push brings it back"));
    } else if (json.isPresent() && description.isEmpty()) {
      defects.add(
          Defect.inFile(
              DefectKind.JSON_BROKEN,
              ImageKeys.json(id),
              "The JSON does not describe the image",
              json.get().version()));
    }
  }

  private StoredAncestry ancestry() {
    Optional<BlobContent> file = read(ImageKeys.ancestry(id));
    if (file.isEmpty()) {
      return StoredAncestry.NONE;
    }
    // Some ancestries contain an image twice (protocol 5.1).
    return new StoredAncestry(
        true,
        file.get().version(),
        ancestries.parse(id, file.get().bytes()).map(ids -> ids.stream().distinct().toList()));
  }

  private void lookAtLayer(Optional<BlobContent> json, Optional<LayerInspection> layers) {
    Optional<BlobContent> sums =
        files.hasChecksum() ? read(ImageKeys.checksum(id)) : Optional.empty();
    List<Checksum> known = sums.map(file -> checksums.parse(file.bytes())).orElse(List.of());
    boolean usable = known.stream().anyMatch(sum -> sum.isSimple() || sum.isTarSum());
    if (sums.isPresent() && !usable) {
      defects.add(
          Defect.inFile(
              DefectKind.CHECKSUM_BROKEN,
              ImageKeys.checksum(id),
              "The checksum file holds no checksum",
              sums.get().version()));
    }
    if (layers.isPresent() && files.hasLayer() && description.isPresent() && json.isPresent()) {
      boolean computed = sums.filter(file -> checksums.isComputed(file.bytes())).isPresent();
      readLayer(layers.get(), json.get().bytes(), known, computed);
    }
  }

  private void readLayer(
      LayerInspection layers, byte[] json, List<Checksum> known, boolean computed) {
    BlobKey key = ImageKeys.layer(id);
    try {
      layer = layers.read(key, json, known, computed);
      layer.defect().ifPresent(defects::add);
    } catch (StorageException e) {
      defects.add(Defect.unreadable(storage, key, e));
      layer = new LayerInspection.Result(LayerState.DAMAGED, 0, Optional.empty());
    }
  }

  private Optional<BlobContent> read(BlobKey key) {
    try {
      Optional<BlobContent> file = storage.load(key, ImageKeys.SMALL);
      if (file.isEmpty()) {
        throw new LayerInspection.VanishedException(key);
      }
      return file;
    } catch (StorageException e) {
      defects.add(Defect.unreadable(storage, key, e));
      return Optional.empty();
    }
  }
}
