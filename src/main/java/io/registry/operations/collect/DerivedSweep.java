package io.registry.operations.collect;

import io.registry.content.image.ImageId;
import io.registry.content.image.ImageInspection;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Removes what V2 has derived from images and blobs that are gone. All of it can be derived again,
 * so that nothing has to be decided.
 */
final class DerivedSweep {
  private static final BlobKey ROOT = BlobKey.of("_v2");
  private static final int REMEMBERED = 10_000;

  private final BlobStorage storage;
  private final Map<ImageId, Boolean> known = new HashMap<>();

  DerivedSweep(BlobStorage storage) {
    this.storage = storage;
  }

  void run(Runnable beat) {
    known.clear();
    for (BlobKey shard : below(ROOT.child("images"))) {
      for (BlobKey folder : below(shard)) {
        beat.run();
        if (isGone(name(folder))) {
          deleteAll(folder);
        }
      }
    }
    sweepDigests(beat);
    sweepBlobs(beat);
  }

  private List<BlobKey> below(BlobKey folder) {
    try (Stream<String> names = storage.folders(folder)) {
      return names.map(folder::child).toList();
    }
  }

  private List<BlobKey> files(BlobKey folder) {
    try (Stream<String> names = storage.names(folder)) {
      return names.map(folder::child).toList();
    }
  }

  private void deleteAll(BlobKey folder) {
    storage.deleteAllUnsynced(files(folder));
  }

  // The names of files are KIND-ID, of images that have content with that digest.
  private void sweepDigests(Runnable beat) {
    for (BlobKey algorithm : below(ROOT.child("digests"))) {
      for (BlobKey shard : below(algorithm)) {
        for (BlobKey digest : below(shard)) {
          beat.run();
          List<BlobKey> owners = files(digest);
          List<BlobKey> gone =
              owners.stream()
                  .filter(owner -> isGone(name(owner).replaceFirst("^[A-Za-z]+-", "")))
                  .toList();
          storage.deleteAllUnsynced(gone);
          if (gone.size() == owners.size()) {
            storage.deleteAllUnsynced(
                List.of(
                    ROOT.child("content")
                        .child(name(algorithm))
                        .child(name(shard))
                        .child(name(digest))));
          }
        }
      }
    }
  }

  private void sweepBlobs(Runnable beat) {
    for (BlobKey algorithm : below(ROOT.child("blobs"))) {
      for (BlobKey shard : below(algorithm)) {
        beat.run();
        storage.deleteAllUnsynced(
            files(shard).stream()
                .filter(
                    record ->
                        !storage.exists(
                            new BlobKey(
                                "_oci/blobs/%s/%s/%s"
                                    .formatted(name(algorithm), name(shard), name(record)))))
                .toList());
      }
    }
  }

  private static String name(BlobKey key) {
    return key.path().substring(key.path().lastIndexOf('/') + 1);
  }

  private boolean isGone(String name) {
    Optional<ImageId> image = ImageId.find(name);
    if (known.size() > REMEMBERED) {
      known.clear();
    }
    return image.isPresent() && known.computeIfAbsent(image.get(), this::isAbsent);
  }

  private boolean isAbsent(ImageId image) {
    return files(ImageInspection.folder(image)).isEmpty();
  }
}
