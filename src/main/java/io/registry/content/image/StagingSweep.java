package io.registry.content.image;

import io.registry.platform.problem.RegistryException;
import io.registry.storage.BlobEntry;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.StorageException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes uploads that no request has touched for long, and counts the others. An upload that a
 * dead process has claimed for publication is published instead. Several registries may sweep
 * concurrently.
 */
public final class StagingSweep {
  private static final Logger log = LoggerFactory.getLogger(StagingSweep.class);

  private final BlobStorage storage;
  private final Staging staging;
  private final StagingLedger ledger;
  private final ImagePublication publication;
  private final UploadProperties limits;
  private final Clock clock;

  StagingSweep(
      BlobStorage storage,
      Staging staging,
      StagingLedger ledger,
      ImagePublication publication,
      UploadProperties limits,
      Clock clock) {
    this.storage = storage;
    this.staging = staging;
    this.ledger = ledger;
    this.publication = publication;
    this.limits = limits;
    this.clock = clock;
  }

  /** Sweeps all uploads once. If the store fails, the next sweep tries again. */
  public void run() {
    Instant start = clock.instant();
    Instant expired = start.minus(limits.expireAfter());
    Set<StagingPlace> found = new HashSet<>();
    int removed = 0;
    try {
      for (String image : folders(StagingPlace.ROOT)) {
        for (String name : folders(StagingPlace.ROOT.child(image))) {
          StagingPlace place = StagingPlace.find(image, name).orElse(null);
          if (place == null || ledger.isUnderWay(place)) {
            continue;
          }
          Upload upload = look(place);
          if (upload.touched().isBefore(expired)) {
            removed += remove(place, upload) ? 1 : 0;
          } else {
            found.add(place);
            if (!ImageCopies.isCopy(place)) {
              ledger.found(place, upload.bytes(), upload.touched());
            }
          }
        }
      }
      ledger.retain(found, start);
    } catch (StorageException e) {
      log.warn("The incomplete uploads could not be swept: {}", e.getMessage());
    }
    if (removed > 0) {
      log.info("Removed {} uploads that were not finished in {}", removed, limits.expireAfter());
    }
  }

  /**
   * What an upload has in the store.
   *
   * @param bytes the size of all its files
   * @param touched when the last of them was written; the distant past when there is none
   * @param layers the folders of its layers
   */
  private record Upload(long bytes, Instant touched, List<BlobKey> layers) {}

  private Upload look(StagingPlace place) {
    long bytes = 0;
    Instant touched = Instant.EPOCH;
    List<BlobKey> layers = folders(place.folder()).stream().map(place.folder()::child).toList();
    List<BlobKey> all = new ArrayList<>(layers);
    all.add(place.folder());
    for (BlobKey folder : all) {
      try (Stream<BlobEntry> files = storage.list(folder)) {
        for (BlobEntry file : files.toList()) {
          bytes += file.info().size();
          touched = file.modified().isAfter(touched) ? file.modified() : touched;
        }
      }
    }
    return new Upload(bytes, touched, layers);
  }

  private boolean remove(StagingPlace place, Upload upload) {
    try {
      upload.layers().forEach(layer -> publication.finishClaimed(place.image(), layer));
    } catch (RegistryException | ImageComparison.VanishedException e) {
      log.info("The upload of {} is left to the next sweep: {}", place.image(), e.getMessage());
      return false;
    }
    staging.remove(place);
    return true;
  }

  private List<String> folders(BlobKey folder) {
    try (Stream<String> names = storage.folders(folder)) {
      return names.toList();
    }
  }
}
