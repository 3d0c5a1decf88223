package io.registry.defect;

import java.util.Locale;

/** The kinds of defects. Their codes are part of the report, and stay. */
public enum DefectKind {
  /** An upload that was begun and not finished. */
  STUCK_UPLOAD(Severity.WARNING),
  /** An image without its JSON. */
  JSON_MISSING(Severity.WARNING),
  /** The JSON of an image that is none, or of another image. */
  JSON_BROKEN(Severity.ERROR),
  /** A finished image without its layer. */
  LAYER_MISSING(Severity.ERROR),
  /** An image without layer or parent, as a mirror has those that nobody asked for yet. */
  NOT_FETCHED(Severity.NOTE),
  /** A layer that ends before its end. */
  LAYER_TRUNCATED(Severity.ERROR),
  /** A layer that has not the checksum that was verified when it was pushed. */
  LAYER_MISMATCH(Severity.ERROR),
  /** A layer whose compression is damaged. */
  LAYER_BROKEN(Severity.ERROR),
  /** A layer that has not the checksum that an old client claimed, which nobody verified. */
  CLAIM_MISMATCH(Severity.WARNING),
  /** A finished image without a checksum file. */
  CHECKSUM_MISSING(Severity.NOTE),
  /** A checksum file that holds no checksum. */
  CHECKSUM_BROKEN(Severity.WARNING),
  /** An image that builds upon one that is not there. */
  PARENT_MISSING(Severity.ERROR),
  /** An image without its ancestry. */
  ANCESTRY_MISSING(Severity.WARNING),
  /** An ancestry that is none. */
  ANCESTRY_BROKEN(Severity.WARNING),
  /** An ancestry that names other images than the parents. */
  ANCESTRY_MISMATCH(Severity.ERROR),
  /** What an upload has left. */
  LEFTOVER(Severity.NOTE),
  /** A damaged file that was moved out of the way. */
  SET_ASIDE(Severity.NOTE),
  /** An image that no tag leads to. */
  ORPHAN_IMAGE(Severity.NOTE),
  /** A tag that names no image. */
  TAG_BROKEN(Severity.ERROR),
  /** A tag of an image that is not there. */
  TAG_WITHOUT_IMAGE(Severity.ERROR),
  /** A tag of an image whose upload was never finished. */
  TAG_UNFINISHED(Severity.ERROR),
  /** Another file of a repository that is not the JSON that it should be. */
  REPOSITORY_JSON_BROKEN(Severity.WARNING),
  /** A file that the store could not read. */
  UNREADABLE(Severity.ERROR);

  private final Severity severity;

  DefectKind(Severity severity) {
    this.severity = severity;
  }

  /** How much it matters. */
  public Severity severity() {
    return severity;
  }

  /** The word for it in reports, for example {@code stuck-upload}. */
  public String code() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
