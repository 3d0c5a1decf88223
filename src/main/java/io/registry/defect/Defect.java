package io.registry.defect;

import io.registry.storage.BlobKey;

/**
 * Something that is wrong with a store.
 *
 * @param kind what is wrong
 * @param key the file or folder that it is about
 * @param text what was found, for people
 * @param remedy what can be done about it
 * @param version of the file that was found damaged; empty when there is none
 */
public record Defect(DefectKind kind, BlobKey key, String text, Remedy remedy, String version) {

  /** A defect about which nothing can be done here. */
  public static Defect of(DefectKind kind, BlobKey key, String text) {
    return new Defect(kind, key, text, Remedy.NONE, "");
  }

  /**
   * A defect that ends when a file is out of the way.
   *
   * @param version of the damaged file
   */
  public static Defect inFile(DefectKind kind, BlobKey key, String text, String version) {
    return new Defect(kind, key, text, Remedy.SET_ASIDE, version);
  }
}
