package io.registry.content.image;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
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
import org.apache.commons.codec.digest.DigestUtils;

/**
 * Publishes verified images atomically; images become visible in no other way.
 *
 * <p>If the store can move a folder atomically, the staged folder becomes the image's folder.
 * Otherwise, and if the image's folder has files already, a small file that only one process can
 * create claims the image for a staged folder. Any process may then carry out the claim, and all of
 * them write the same bytes, so that it does not matter which processes do it, or die in the
 * middle. Readers see the image when its JSON exists and there is no mark.
 */
final class ImagePublication {
  private static final byte[] MARK = "true".getBytes(StandardCharsets.US_ASCII);

  /** The largest number of attempts; each fails because it finds another void claim. */
  private static final int ATTEMPTS = 100;

  private static final int MAX_PREPARED = 10_000;

  private final BlobStorage storage;
  private final Staging staging;
  private final Ancestries ancestries;
  private final StoredChecksums checksums;
  private final ImageChanges changes;
  private final ImageEvents events;

  /** The staged folders that this process has prepared. */
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
   * Writes all files that belong to a layer to its staged folder, before the layer itself is
   * written. From then on the folder is never changed, so that all processes publish the same
   * bytes.
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
    MessageDigest digest = DigestUtils.getSha256Digest();
    files.forEach(
        (key, bytes) -> {
          digest.update((key.path() + " " + bytes.length + "\n").getBytes(StandardCharsets.UTF_8));
          digest.update(bytes);
        });
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Whether the staged folder contains exactly that image. */
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
   * Publishes a prepared image, unless the image is complete already.
   *
   * @param id the image
   * @param folder the staged folder with all its files
   * @return whether this call has published the staged folder; if not, it must be compared with the
   *     existing image
   */
  boolean publish(ImageId id, BlobKey folder) {
    if (storage.moveFolder(folder, ImageKeys.folder(id))) {
      events.publish(new ImagePushed(id));
      return true;
    }
    return publishByClaim(id, folder);
  }

  /**
   * Completes an image whose files all exist, and which only its mark hides because it was not
   * verified.
   *
   * @param sums the content of the checksum file
   * @return whether this call has completed it
   */
  boolean finishStored(ImageId id, List<Checksum> sums) {
    if (!checksums.read(ImageKeys.checksum(id)).equals(sums)) {
      checksums.write(ImageKeys.checksum(id), sums);
    }
    return publishByClaim(id, ImageKeys.folder(id));
  }

  /** Carries out the claim of a dead process for a staged folder, if there is one. */
  void finishClaimed(ImageId id, BlobKey folder) {
    Optional<Claim> claim = lastClaim(id, ImageFiles.list(storage, id));
    if (claim.filter(last -> last.folder().equals(folder)).isPresent()) {
      publishByClaim(id, folder);
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
        // The next iteration finds out which process was first.
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
   * A claim for publishing an image.
   *
   * @param number the highest one is valid
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

  // The files of a claimed folder exist until the claim is carried out.
  private boolean isVoid(Claim claim) {
    return !storage.exists(ImageKeys.jsonIn(claim.folder()))
        || !storage.exists(ImageKeys.layerIn(claim.folder()));
  }

  // Each step can be repeated, by this process or another one. The JSON is written last, because it
  // makes the image visible. An existing image with a JSON is hidden by a mark meanwhile.
  private boolean carryOut(ImageId id, BlobKey folder, ImageFiles files) {
    BlobKey place = ImageKeys.folder(id);
    if (!folder.equals(place)) {
      if (files.hasJson() && !files.hasMark() && !isWithoutLayerOnly(id, folder)) {
        changes.beforeReplacing(id);
        storage.writeIfAbsent(ImageKeys.mark(id), MARK);
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
    // Documents derived from the old layer are not valid for the new one.
    ImageFiles now = ImageFiles.list(storage, id);
    storage.deleteAll(now.dependentFiles());
    if (now.hasMark()) {
      storage.delete(ImageKeys.mark(id));
    }
    staging.discard(now.claims());
    events.publish(new ImagePushed(id));
    return true;
  }

  // An image that lacks only its layer, as mirrors of an earlier release left it, need not be
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
