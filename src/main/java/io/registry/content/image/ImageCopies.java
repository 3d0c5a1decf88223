package io.registry.content.image;

import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.storage.BlobStorage;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Stores images of another registry (protocol 7.1). First the description of an image is staged;
 * when its layer has arrived, the image is published atomically, by the same rules as a pushed one.
 * An existing image is never replaced.
 */
public final class ImageCopies {
  /** One identity for all replicas of a mirror, because they fetch for the same clients. */
  private static final Pusher MIRROR = new Pusher("mirror");

  private final BlobStorage storage;
  private final JsonCodec codec;
  private final StoredChecksums checksums;
  private final Ancestries ancestries;
  private final Staging staging;
  private final ImagePublication publication;
  private final ImageComparison comparison;
  private final PushRule rule;

  ImageCopies(
      BlobStorage storage,
      JsonCodec codec,
      StoredChecksums checksums,
      Ancestries ancestries,
      Staging staging,
      ImagePublication publication,
      ImageComparison comparison,
      PushRule rule) {
    this.storage = storage;
    this.codec = codec;
    this.checksums = checksums;
    this.ancestries = ancestries;
    this.staging = staging;
    this.publication = publication;
    this.comparison = comparison;
    this.rule = rule;
  }

  /**
   * The description of an image whose layer has not arrived yet.
   *
   * @param json the JSON, byte for byte
   * @param ancestry the image first, the base image last
   * @param checksums the checksums that the other registry reported
   */
  @SuppressWarnings("ArrayRecordComponent")
  public record Description(byte[] json, List<ImageId> ancestry, List<Checksum> checksums) {}

  /** Whether the layer of an image is in the store. */
  public boolean hasLayer(ImageId id) {
    return storage.exists(ImageKeys.layer(id));
  }

  /**
   * Finds the description of an image whose layer is not in the store.
   *
   * @return empty when there is none
   */
  public Optional<Description> find(ImageId id) {
    StagingPlace place = place(id);
    return staging.jsons(staging.descriptions(place)).values().stream()
        .findFirst()
        .flatMap(
            json ->
                storage
                    .read(ImageKeys.ancestryIn(place.folder()), ImageKeys.SMALL)
                    .flatMap(bytes -> ancestries.parse(id, bytes))
                    .map(
                        ids ->
                            new Description(
                                json, ids, checksums.read(ImageKeys.checksumIn(place.folder())))));
  }

  /**
   * Stores the description of an image, unless the image or its description is in the store
   * already.
   *
   * @param id the image
   * @param description the description from the other registry
   * @return whether the store now has the image or its description, with exactly that JSON
   * @throws RegistryException {@code INVALID} when JSON and ancestry do not belong to that image;
   *     of any kind when a rule refuses it
   */
  public boolean describe(ImageId id, Description description) {
    byte[] json = description.json();
    requireFitting(ImageJson.parse(codec, id, json), description.ancestry());
    ImageFiles files = ImageFiles.list(storage, id);
    if (files.hasMark()) {
      return false;
    }
    if (files.hasJson()) {
      return storage
          .read(ImageKeys.json(id), ImageKeys.SMALL)
          .filter(stored -> Arrays.equals(stored, json))
          .isPresent();
    }
    if (find(id).isEmpty()) {
      rule.check(id, json, MIRROR);
      StagingPlace place = place(id);
      staging.remove(place);
      staging.write(
          ImageKeys.ancestryIn(place.folder()), ancestries.render(description.ancestry()));
      staging.write(
          ImageKeys.checksumIn(place.folder()), checksums.render(description.checksums()));
      staging.add(place, json);
    }
    return find(id).filter(staged -> Arrays.equals(staged.json(), json)).isPresent();
  }

  /**
   * Starts to store the layer of an image.
   *
   * @param id the image
   * @return receives the bytes; the caller closes it
   * @throws RegistryException {@code NOT_FOUND} when there is no description of the image
   */
  public LayerCopy copyLayer(ImageId id) {
    Description description = find(id).or(() -> stored(id)).orElseThrow(PushRefusals::unknown);
    return new LayerCopy(place(id), description, staging, publication, comparison);
  }

  // Earlier releases stored the description in the image's own folder.
  private Optional<Description> stored(ImageId id) {
    Optional<byte[]> json = storage.read(ImageKeys.json(id), ImageKeys.SMALL);
    return json.flatMap(
        bytes ->
            ancestries
                .read(id)
                .map(
                    ancestry ->
                        new Description(
                            bytes, ancestry.ids(), checksums.read(ImageKeys.checksum(id)))));
  }

  private static StagingPlace place(ImageId id) {
    return StagingPlace.of(id, MIRROR);
  }

  /** Whether an upload is a copy from another registry, which clients may request meanwhile. */
  static boolean isCopy(StagingPlace place) {
    return place.equals(place(place.image()));
  }

  private static void requireFitting(ImageJson image, List<ImageId> ancestry) {
    List<ImageId> start =
        image.parent().map(parent -> List.of(image.id(), parent)).orElse(List.of(image.id()));
    boolean begins =
        ancestry.size() >= start.size() && ancestry.subList(0, start.size()).equals(start);
    boolean ends = image.parent().isPresent() || ancestry.size() == 1;
    if (!begins
        || !ends
        || ancestry.size() > Ancestries.MAX_LENGTH
        || Set.copyOf(ancestry).size() < ancestry.size()) {
      throw new RegistryException(
          Problem.INVALID, "The ancestry is not that of the image " + image.id());
    }
  }
}
