package io.registry.image;

import io.registry.problem.Problem;
import io.registry.problem.RegistryException;
import io.registry.storage.BlobEntry;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.BlobWriter;
import io.registry.storage.StorageException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of uploads that are not complete. A client's descriptions and layers each have a name
 * of their own, so no request replaces what another request has sent. Nothing here needs to survive
 * a loss of power: what completes an image is flushed then.
 */
final class Staging {
  private static final Logger log = LoggerFactory.getLogger(Staging.class);

  /** Begins the name of each accepted description: {@code json_SHA256_UUID}. */
  private static final String JSON = "json_";

  private static final String SHARED = "shared";
  private static final int SHA256_DIGITS = 64;

  /** More accepted PUT json, different descriptions, or layers are refused for one place. */
  private static final int MAX_ACCEPTED = 1_000;

  private static final int MAX_DESCRIPTIONS = 4;
  private static final int MAX_LAYERS = 1_000;

  private final BlobStorage storage;

  Staging(BlobStorage storage) {
    this.storage = storage;
  }

  /**
   * The descriptions that a client has sent of an image.
   *
   * @param accepted the file of each accepted PUT json
   * @param variants the files of each different one among them, by its SHA-256
   * @param isShared whether requests of several clients that look the same have met here
   */
  record Descriptions(
      List<BlobKey> accepted, Map<String, List<BlobKey>> variants, boolean isShared) {
    boolean isEmpty() {
      return accepted.isEmpty();
    }
  }

  Descriptions descriptions(StagingPlace place) {
    List<BlobKey> accepted = new ArrayList<>();
    Map<String, List<BlobKey>> variants = new LinkedHashMap<>();
    boolean shared = false;
    try (Stream<BlobEntry> files = storage.list(place.folder())) {
      for (String name : files.map(BlobEntry::name).sorted().toList()) {
        shared |= name.equals(SHARED);
        if (name.startsWith(JSON) && name.length() > JSON.length() + SHA256_DIGITS) {
          BlobKey file = place.folder().child(name);
          accepted.add(file);
          String digest = name.substring(JSON.length(), JSON.length() + SHA256_DIGITS);
          variants.computeIfAbsent(digest, key -> new ArrayList<>()).add(file);
        }
      }
    }
    return new Descriptions(List.copyOf(accepted), variants, shared);
  }

  /** Whether any client has an unfinished upload of an image. */
  boolean isUnderWay(ImageId image) {
    BlobKey folder = StagingPlace.folder(image);
    try (Stream<String> places = storage.folders(folder)) {
      // A folder may be left in which nothing lies.
      return places.anyMatch(
          place -> !isCopy(image, place) && !files(folder.child(place)).isEmpty());
    }
  }

  // What a mirror copies can be had meanwhile.
  private static boolean isCopy(ImageId image, String place) {
    return StagingPlace.find(image.value(), place).filter(ImageCopies::isCopy).isPresent();
  }

  /** The JSON of each different description, by its SHA-256. */
  Map<String, byte[]> jsons(Descriptions described) {
    Map<String, byte[]> jsons = new LinkedHashMap<>();
    described
        .variants()
        .forEach(
            (digest, files) ->
                files.stream()
                    .flatMap(file -> storage.read(file, ImageKeys.SMALL).stream())
                    .findFirst()
                    .ifPresent(json -> jsons.put(digest, json)));
    return jsons;
  }

  /**
   * Requires that a client may send another description of an image.
   *
   * @throws RegistryException {@code TOO_MANY} when it has sent too many
   */
  void requireRoomFor(StagingPlace place, byte[] json) {
    Descriptions there = descriptions(place);
    String digest = digest(json);
    if (there.accepted().size() >= MAX_ACCEPTED
        || (there.variants().size() >= MAX_DESCRIPTIONS && !there.variants().containsKey(digest))) {
      throw new RegistryException(
          Problem.TOO_MANY, "Too many unfinished uploads of this image: finish one first");
    }
  }

  /** Keeps a description. */
  void add(StagingPlace place, byte[] json) {
    write(place.folder().child(JSON + digest(json) + "_" + UUID.randomUUID()), json);
  }

  private static String digest(byte[] json) {
    return HexFormat.of().formatHex(Checksum.sha256().digest(json));
  }

  /** Takes note that several clients that cannot be told apart push the image. */
  void share(StagingPlace place) {
    BlobKey mark = place.folder().child(SHARED);
    if (!storage.exists(mark)) {
      write(mark, new byte[0]);
    }
  }

  /** Begins a layer in a folder of its own. */
  BlobWriter createLayer(BlobKey folder) {
    return storage.createUnsynced(ImageKeys.layerIn(folder));
  }

  /** The folder of each layer that has arrived whole. */
  List<BlobKey> layerFolders(StagingPlace place) {
    try (Stream<String> folders = storage.folders(place.folder())) {
      return folders
          .map(name -> place.folder().child(name))
          .filter(folder -> storage.exists(ImageKeys.layerIn(folder)))
          .toList();
    }
  }

  void requireRoomForLayer(StagingPlace place) {
    try (Stream<String> folders = storage.folders(place.folder())) {
      if (folders.limit(MAX_LAYERS).count() >= MAX_LAYERS) {
        throw new RegistryException(
            Problem.TOO_MANY, "Too many layers of this image wait for their checksum");
      }
    }
  }

  /** Removes one accepted description. */
  void remove(BlobKey description) {
    discard(List.of(description));
  }

  /** Removes a layer, with what lies in its folder. */
  void removeLayer(BlobKey folder) {
    discard(files(folder));
  }

  /** Removes all that a client has sent of an image. */
  void remove(StagingPlace place) {
    List<BlobKey> all = new ArrayList<>();
    try (Stream<String> folders = storage.folders(place.folder())) {
      folders.map(place.folder()::child).forEach(layer -> all.addAll(files(layer)));
    }
    all.addAll(files(place.folder()));
    discard(all);
  }

  /** Removes files that cost space only. A request is not refused because they stay. */
  void discard(List<BlobKey> files) {
    try {
      storage.deleteAllUnsynced(files);
    } catch (StorageException e) {
      log.warn("Files of an upload are left to the next sweep: {}", e.getMessage());
    }
  }

  private List<BlobKey> files(BlobKey folder) {
    try (Stream<String> names = storage.names(folder)) {
      return names.map(folder::child).toList();
    }
  }

  /** Writes a small file that can be lost with the power. */
  void write(BlobKey key, byte[] bytes) {
    try (BlobWriter writer = storage.createUnsynced(key)) {
      writer.write(bytes);
      boolean unused = writer.commit();
    }
  }
}
