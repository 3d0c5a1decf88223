package io.registry.content.defect;

import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.StorageException;
import io.registry.storage.StorageException.Reason;

/**
 * A defect of a store.
 *
 * @param kind the kind of defect
 * @param key the file or folder that is affected
 * @param text a description for the operator
 * @param remedy how it can be repaired
 * @param version the version of the damaged file; empty when no file is damaged
 */
public record Defect(DefectKind kind, BlobKey key, String text, Remedy remedy, String version) {

  /** A defect that cannot be repaired automatically. */
  public static Defect of(DefectKind kind, BlobKey key, String text) {
    return new Defect(kind, key, text, Remedy.NONE, "");
  }

  /**
   * A defect that is repaired by moving a file out of the way.
   *
   * @param version the version of the damaged file
   */
  public static Defect inFile(DefectKind kind, BlobKey key, String text, String version) {
    return new Defect(kind, key, text, Remedy.SET_ASIDE, version);
  }

  /**
   * A file that a store cannot read.
   *
   * @param failure of the read
   * @throws StorageException when the store does not work at all: then nothing is known of the file
   */
  public static Defect unreadable(BlobStorage storage, BlobKey key, StorageException failure) {
    if (failure.reason() == Reason.UNAVAILABLE || failure.reason() == Reason.FULL) {
      throw failure;
    }
    storage.probe();
    return of(DefectKind.UNREADABLE, key, String.valueOf(failure.getMessage()));
  }
}
