package io.registry.content.image;

import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.storage.BlobStorage;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Reads the ancestry files; a missing or damaged one is rebuilt from the parents (protocol 5.1).
 */
final class Ancestries {
  /** The largest number of images in an ancestry, one more than the layers that Docker mounts. */
  static final int MAX_LENGTH = 128;

  private final BlobStorage storage;
  private final JsonCodec codec;

  Ancestries(BlobStorage storage, JsonCodec codec) {
    this.storage = storage;
    this.codec = codec;
  }

  /**
   * The ancestry of an image whose JSON exists.
   *
   * @param id the image
   * @return the ancestry; empty when the image or an ancestor is missing
   */
  Optional<Ancestry> read(ImageId id) {
    return stored(id).or(() -> rebuild(id));
  }

  /**
   * An ancestry that was read.
   *
   * @param ids the image itself first
   * @param version the version of the file; empty when there is none, and the ancestry was rebuilt
   */
  record Ancestry(List<ImageId> ids, String version) {}

  void write(ImageId id, List<ImageId> ancestry) {
    storage.write(ImageKeys.ancestry(id), render(ancestry));
  }

  /** The content of an ancestry file. */
  byte[] render(List<ImageId> ancestry) {
    return codec.render(ancestry.stream().map(ImageId::value).toList());
  }

  /**
   * Computes the ancestry of a new image.
   *
   * @param image the new image
   * @return its ancestry
   * @throws RegistryException when the parent is missing, or the ancestry is circular or too long
   */
  List<ImageId> derive(ImageJson image) {
    if (image.parent().isEmpty()) {
      return List.of(image.id());
    }
    ImageId parent = image.parent().get();
    if (!storage.exists(ImageKeys.json(parent))) {
      throw new RegistryException(Problem.INVALID, "Image depends on a non existing parent");
    }
    if (parent.equals(image.id())) {
      throw new RegistryException(Problem.INVALID, "Image depends on itself");
    }
    return extend(
        image,
        read(parent)
            .map(Ancestry::ids)
            .orElseThrow(
                () ->
                    new RegistryException(
                        Problem.INVALID, "The ancestry of the parent is broken: " + parent)));
  }

  /**
   * Computes the ancestry of a new image from that of its parent.
   *
   * @throws RegistryException when it is circular or too long
   */
  static List<ImageId> extend(ImageJson image, List<ImageId> parents) {
    List<ImageId> ancestry = new ArrayList<>(List.of(image.id()));
    ancestry.addAll(parents);
    if (ancestry.lastIndexOf(image.id()) > 0) {
      throw new RegistryException(Problem.INVALID, "Image depends on itself");
    }
    if (ancestry.size() > MAX_LENGTH) {
      throw new RegistryException(
          Problem.INVALID, "Image has more than " + (MAX_LENGTH - 1) + " ancestors");
    }
    return ancestry;
  }

  private Optional<Ancestry> stored(ImageId id) {
    return storage
        .load(ImageKeys.ancestry(id), ImageKeys.SMALL)
        .flatMap(file -> parse(id, file.bytes()).map(ids -> new Ancestry(ids, file.version())));
  }

  /** Parses an ancestry file; empty when it is damaged or of another image. */
  Optional<List<ImageId>> parse(ImageId id, byte[] bytes) {
    return codec
        .parse(bytes)
        .filter(JsonNode::isArray)
        .flatMap(Ancestries::ids)
        .filter(ids -> !ids.isEmpty() && ids.get(0).equals(id));
  }

  private static Optional<List<ImageId>> ids(JsonNode array) {
    List<ImageId> ids = new ArrayList<>();
    for (JsonNode element : array) {
      Optional<ImageId> id =
          element.isString() ? ImageId.find(element.stringValue()) : Optional.empty();
      if (id.isEmpty()) {
        return Optional.empty();
      }
      ids.add(id.get());
    }
    return Optional.of(ids);
  }

  private Optional<Ancestry> rebuild(ImageId id) {
    Set<ImageId> ancestry = new LinkedHashSet<>();
    Optional<ImageId> next = Optional.of(id);
    while (next.isPresent()) {
      Optional<byte[]> json = storage.read(ImageKeys.json(next.get()), ImageKeys.SMALL);
      if (json.isEmpty() || !ancestry.add(next.get()) || ancestry.size() > MAX_LENGTH) {
        return Optional.empty();
      }
      next = ImageJson.parent(codec, json.get());
    }
    return Optional.of(new Ancestry(List.copyOf(ancestry), ""));
  }
}
