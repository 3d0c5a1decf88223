package io.registry.image;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.registry.problem.Problem;
import io.registry.problem.RegistryException;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.StorageException;
import io.registry.storage.StorageException.Reason;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes a verified image visible as a whole: the one way by which an image comes into being.
 *
 * <p>Where the store can move a folder in one step, the staged folder becomes the image's folder.
 * Elsewhere, and where something lies at that place already, one small file that only one process
 * in the world can create claims the place for a staged folder. Any process carries the claim out,
 * and all of them write the same bytes, so it does not matter which of them does, how many do, or
 * which of them dies. Readers see the image when its JSON is there and no mark is.
 */
final class ImagePublication {
  private static final byte[] MARK = "true".getBytes(StandardCharsets.US_ASCII);

  /** Each attempt finds another claim, of which each is void. */
  private static final int ATTEMPTS = 100;

  private static final int MAX_PREPARED = 10_000;

  private final BlobStorage storage;
  private final Staging staging;
  private final Ancestries ancestries;
  private final StoredChecksums checksums;
  private final ImageChanges changes;
  private final ImageEvents events;

  /** What this process has written into staged folders. */
  private final Cache<BlobKey, String> prepared =
      Caffeine.newBuilder().maximumSize(MAX_PREPARED).build();

  ImagePublication(
      BlobStorage storage,
      Staging staging,
      Ancestries ancestries,
      StoredChecksums checksums,
      ImageChanges changes,
      ImageEvents events) {
    this.storage = storage;
    this.staging = staging;
    this.ancestries = ancestries;
    this.checksums = checksums;
    this.changes = changes;
    this.events = events;
  }

  /**
   * Writes what belongs to a layer into its staged folder, before the layer itself is there. From
   * then on the folder is never changed, so all that publish it publish the same.
   */
  void prepare(StagedImage image) {
    Map<BlobKey, byte[]> files = files(image);
    files.forEach(staging::write);
    prepared.put(image.folder(), digest(files));
  }

  private Map<BlobKey, byte[]> files(StagedImage image) {
    Map<BlobKey, byte[]> files = new LinkedHashMap<>();
    files.put(ImageKeys.jsonIn(image.folder()), image.json());
    files.put(ImageKeys.ancestryIn(image.folder()), ancestries.render(image.ancestry()));
    files.put(ImageKeys.checksumIn(image.folder()), checksums.render(image.checksums()));
    return files;
  }

  private static String digest(Map<BlobKey, byte[]> files) {
    MessageDigest digest = Checksum.sha256();
    files.forEach(
        (key, bytes) -> {
          digest.update((key.path() + " " + bytes.length + "\n").getBytes(StandardCharsets.UTF_8));
          digest.update(bytes);
        });
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Whether the staged folder holds exactly that image. */
  boolean isPrepared(StagedImage image) {
    Map<BlobKey, byte[]> files = files(image);
    return digest(files).equals(prepared.getIfPresent(image.folder()))
        || files.entrySet().stream().allMatch(file -> holds(file.getKey(), file.getValue()));
  }

  private boolean holds(BlobKey key, byte[] bytes) {
    return storage
        .read(key, ImageKeys.SMALL)
        .filter(found -> Arrays.equals(found, bytes))
        .isPresent();
  }

  /**
   * Publishes an image that was prepared, unless it is complete.
   *
   * @param id the image
   * @param folder the staged folder with all its files
   * @return whether the staged folder has become the image by this call; when not, the image that
   *     is there has to be compared with it
   */
  boolean publish(ImageId id, BlobKey folder) {
    if (storage.moveFolder(folder, ImageKeys.folder(id))) {
      events.publish(new ImagePushed(id));
      return true;
    }
    return publishByClaim(id, folder);
  }

  /**
   * Finishes an image of which all files lie in their place, and only the mark says that it was not
   * verified.
   *
   * @param sums what the checksum file will hold
   * @return whether this call has finished it
   */
  boolean finishStored(ImageId id, List<Checksum> sums) {
    if (!checksums.read(ImageKeys.checksum(id)).equals(sums)) {
      checksums.write(ImageKeys.checksum(id), sums);
    }
    return publishByClaim(id, ImageKeys.folder(id));
  }

  /** Finishes what a process that died has claimed for a staged folder, if it is claimed. */
  void finishClaimed(ImageId id, BlobKey folder) {
    Optional<Claim> claim = lastClaim(id, ImageFiles.list(storage, id));
    if (claim.filter(last -> last.folder().equals(folder)).isPresent()) {
      boolean unused = publishByClaim(id, folder);
    }
  }

  private boolean publishByClaim(ImageId id, BlobKey folder) {
    boolean isThere = false;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      ImageFiles files = ImageFiles.list(storage, id);
      if (files.isComplete()) {
        staging.discard(files.claims());
        return false;
      }
      if (files.hasMark() && ImageRemoval.isUnderWay(storage, id)) {
        throw new RegistryException(
            Problem.UNAVAILABLE, "The image with this id is being removed: push again later");
      }
      Optional<Claim> claim = lastClaim(id, files);
      boolean own = claim.filter(last -> last.folder().equals(folder)).isPresent();
      if (claim.isPresent() && ((own && isThere) || !isVoid(claim.get()))) {
        isThere = carryOut(id, claim.get().folder(), files);
        if (own && isThere) {
          return true;
        }
      } else if (isVoid(new Claim(0, folder))) {
        throw new ImageComparison.VanishedException(folder);
      } else {
        isThere = true;
        int number = claim.map(last -> last.number() + 1).orElse(1);
        // Who was first is found out by the next look.
        boolean unused =
            storage.writeIfAbsent(
                ImageKeys.claim(id, number), folder.path().getBytes(StandardCharsets.UTF_8));
      }
    }
    throw new StorageException(
        Reason.UNAVAILABLE,
        storage.describe(),
        "publish",
        ImageKeys.folder(id),
        new IllegalStateException("the claims of other registries come and go"));
  }

  /**
   * A claim on the place of an image.
   *
   * @param number the highest one counts
   * @param folder the folder that becomes the image
   */
  private record Claim(int number, BlobKey folder) {}

  private Optional<Claim> lastClaim(ImageId id, ImageFiles files) {
    return files
        .lastClaim()
        .flatMap(
            number ->
                storage
                    .read(ImageKeys.claim(id, number), ImageKeys.SMALL)
                    .map(bytes -> new String(bytes, StandardCharsets.UTF_8).strip())
                    .map(path -> new Claim(number, new BlobKey(path))));
  }

  // The files that a claim names are there until it is carried out.
  private boolean isVoid(Claim claim) {
    return !storage.exists(ImageKeys.jsonIn(claim.folder()))
        || !storage.exists(ImageKeys.layerIn(claim.folder()));
  }

  // Each step can be repeated, by this process or another one. The JSON comes last, because with it
  // the image is there. What lies there with a JSON is hidden by a mark meanwhile.
  private boolean carryOut(ImageId id, BlobKey folder, ImageFiles files) {
    BlobKey place = ImageKeys.folder(id);
    if (!folder.equals(place)) {
      if (files.hasJson() && !files.hasMark() && !isWithoutLayerOnly(id, folder)) {
        changes.beforeReplacing(id);
        boolean unused = storage.writeIfAbsent(ImageKeys.mark(id), MARK);
      }
      boolean copied =
          storage.copy(ImageKeys.layerIn(folder), ImageKeys.layer(id))
              && storage.copy(ImageKeys.ancestryIn(folder), ImageKeys.ancestry(id))
              && storage.copy(ImageKeys.checksumIn(folder), ImageKeys.checksum(id))
              && storage.copy(ImageKeys.jsonIn(folder), ImageKeys.json(id));
      if (!copied) {
        return false;
      }
    }
    // What the old layer held says nothing of the new one.
    ImageFiles now = ImageFiles.list(storage, id);
    storage.deleteAll(now.dependentFiles());
    if (now.hasMark()) {
      storage.delete(ImageKeys.mark(id));
    }
    staging.discard(now.claims());
    events.publish(new ImagePushed(id));
    return true;
  }

  // An image that has only to get its layer, as a mirror of an earlier version left it, need not be
  // hidden meanwhile.
  private boolean isWithoutLayerOnly(ImageId id, BlobKey folder) {
    List<Checksum> stored = checksums.read(ImageKeys.checksum(id));
    boolean sameSum =
        stored.isEmpty()
            || checksums.read(ImageKeys.checksumIn(folder)).stream().anyMatch(stored::contains);
    return sameSum
        && storage
            .read(ImageKeys.json(id), ImageKeys.SMALL)
            .filter(json -> holds(ImageKeys.jsonIn(folder), json))
            .isPresent();
  }
}
