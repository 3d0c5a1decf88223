package io.registry.content.image;

import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.storage.BlobEntry;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.BlobWriter;
import io.registry.storage.StorageException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of incomplete uploads. Each JSON and each layer of a client has a name of its own, so
 * that no request replaces what another one has sent. Nothing here needs to survive a power
 * failure: the files are flushed when they complete an image.
 */
final class Staging {
  private static final Logger log = LoggerFactory.getLogger(Staging.class);

  /** Prefix of the name of each accepted JSON: {@code json_SHA256_UUID}. */
  private static final String JSON = "json_";

  private static final String SHARED = "shared";
  private static final int SHA256_DIGITS = 64;

  /**
   * The limit of accepted PUT json requests, of different JSON documents, and of layers, for one
   * upload.
   */
  private static final int MAX_ACCEPTED = 1_000;

  private static final int MAX_DESCRIPTIONS = 4;
  private static final int MAX_LAYERS = 1_000;

  private final BlobStorage storage;

  Staging(BlobStorage storage) {
    this.storage = storage;
  }

  /**
   * The JSON documents that a client has sent for an image.
   *
   * @param accepted the file of each accepted PUT json
   * @param variants the files of each distinct document, by its SHA-256
   * @param isShared whether several clients with the same identity have sent requests for the
   *     upload
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

  /** Whether any client has an incomplete upload of an image. */
  boolean isUnderWay(ImageId image) {
    BlobKey folder = StagingPlace.folder(image);
    try (Stream<String> places = storage.folders(folder)) {
      // An empty folder may be left.
      return places.anyMatch(
          place -> !isCopy(image, place) && !files(folder.child(place)).isEmpty());
    }
  }

  // Clients may request an image while a mirror is copying it.
  private static boolean isCopy(ImageId image, String place) {
    return StagingPlace.find(image.value(), place).filter(ImageCopies::isCopy).isPresent();
  }

  /** The content of each distinct JSON document, by its SHA-256. */
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
   * Requires that a client may send another JSON for an image.
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

  /** Stores a JSON document. */
  void add(StagingPlace place, byte[] json) {
    write(place.folder().child(JSON + digest(json) + "_" + UUID.randomUUID()), json);
  }

  private static String digest(byte[] json) {
    return DigestUtils.sha256Hex(json);
  }

  /** Records that several clients with the same identity push the image. */
  void share(StagingPlace place) {
    BlobKey mark = place.folder().child(SHARED);
    if (!storage.exists(mark)) {
      write(mark, new byte[0]);
    }
  }

  /** Starts to write a layer in a folder of its own. */
  BlobWriter createLayer(BlobKey folder) {
    return storage.createUnsynced(ImageKeys.layerIn(folder));
  }

  /** The folders of all layers that have arrived completely. */
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

  /** Deletes one accepted JSON. */
  void remove(BlobKey description) {
    discard(List.of(description));
  }

  /** Deletes a layer and the other files in its folder. */
  void removeLayer(BlobKey folder) {
    discard(files(folder));
  }

  /** Deletes all that a client has sent for an image. */
  void remove(StagingPlace place) {
    List<BlobKey> all = new ArrayList<>();
    try (Stream<String> folders = storage.folders(place.folder())) {
      folders.map(place.folder()::child).forEach(layer -> all.addAll(files(layer)));
    }
    all.addAll(files(place.folder()));
    discard(all);
  }

  /** Deletes files that only take space; a failure does not make the request fail. */
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

  /** Writes a small file that may be lost in a power failure. */
  void write(BlobKey key, byte[] bytes) {
    try (BlobWriter writer = storage.createUnsynced(key)) {
      writer.write(bytes);
      writer.commit();
    }
  }
}
