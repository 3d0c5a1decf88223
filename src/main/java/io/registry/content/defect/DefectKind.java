package io.registry.content.defect;

import java.util.Locale;

/** The kinds of defects. Their codes are part of the report's format and must not change. */
public enum DefectKind {
  /** An upload that was begun and not completed. */
  STUCK_UPLOAD(Severity.WARNING),
  /** An image without its JSON. */
  JSON_MISSING(Severity.WARNING),
  /** The JSON of an image is invalid, or of another image. */
  JSON_BROKEN(Severity.ERROR),
  /** A complete image without its layer. */
  LAYER_MISSING(Severity.ERROR),
  /** An image without layer or parent, as in a mirror that has not fetched them yet. */
  NOT_FETCHED(Severity.NOTE),
  /** A layer that is truncated. */
  LAYER_TRUNCATED(Severity.ERROR),
  /** A layer that does not have the checksum that was verified when it was pushed. */
  LAYER_MISMATCH(Severity.ERROR),
  /** A layer whose compression is damaged. */
  LAYER_BROKEN(Severity.ERROR),
  /**
   * A layer that does not have the checksum that an old client claimed and the registry never
   * verified.
   */
  CLAIM_MISMATCH(Severity.WARNING),
  /** A complete image without a checksum file. */
  CHECKSUM_MISSING(Severity.NOTE),
  /** A checksum file without a valid checksum. */
  CHECKSUM_BROKEN(Severity.WARNING),
  /** An image whose parent is missing. */
  PARENT_MISSING(Severity.ERROR),
  /** An image without its ancestry. */
  ANCESTRY_MISSING(Severity.WARNING),
  /** An invalid ancestry. */
  ANCESTRY_BROKEN(Severity.WARNING),
  /** An ancestry that does not agree with the parents. */
  ANCESTRY_MISMATCH(Severity.ERROR),
  /** A file or folder that an upload has left behind. */
  LEFTOVER(Severity.NOTE),
  /** A damaged file that was moved out of the way. */
  SET_ASIDE(Severity.NOTE),
  /** An image that is not reachable from any tag. */
  ORPHAN_IMAGE(Severity.NOTE),
  /** A tag file without a valid image id. */
  TAG_BROKEN(Severity.ERROR),
  /** A tag that names a missing image. */
  TAG_WITHOUT_IMAGE(Severity.ERROR),
  /** A tag that names an image whose upload was never completed. */
  TAG_UNFINISHED(Severity.ERROR),
  /** Another file of a repository with invalid JSON. */
  REPOSITORY_JSON_BROKEN(Severity.WARNING),
  /** A blob that a repository contains, or a manifest of it names, and that is missing. */
  BLOB_MISSING(Severity.ERROR),
  /** A blob with other bytes than its digest, or its size, says. */
  BLOB_MISMATCH(Severity.ERROR),
  /** A manifest that a repository contains, and whose bytes are missing. */
  MANIFEST_MISSING(Severity.ERROR),
  /** A manifest of schema 1 with a signature that does not verify. */
  MANIFEST_UNVERIFIED(Severity.ERROR),
  /** A file that says what a repository contains, with an invalid content. */
  CONTENT_BROKEN(Severity.ERROR),
  /** A manifest that is not listed as the referrer of its subject. */
  REFERRER_MISSING(Severity.WARNING),
  /** Two repositories of a tree of Distribution that are one repository here. */
  REPOSITORIES_MERGED(Severity.NOTE),
  /** A symbolic link that leads out of the store, and is not followed. */
  LINK_OUTSIDE(Severity.ERROR),
  /** A symbolic link that leads to nothing. */
  LINK_DANGLING(Severity.WARNING),
  /** A file that the store failed to read. */
  UNREADABLE(Severity.ERROR);

  private final Severity severity;

  DefectKind(Severity severity) {
    this.severity = severity;
  }

  /** The severity of the defect. */
  public Severity severity() {
    return severity;
  }

  /** The code in reports, for example {@code stuck-upload}. */
  public String code() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
