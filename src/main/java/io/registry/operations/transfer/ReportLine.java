package io.registry.operations.transfer;

import io.registry.content.manifest.Descriptor;
import java.util.Optional;

/**
 * What became of one image: a line of the report.
 *
 * @param code the kind of the line
 * @param repository the repository
 * @param tag the tag; empty when the line is about something else
 * @param image the V1 id; empty when there is none
 * @param digest the digest of the manifest; empty when it is not known
 * @param target what it is where it goes: a name with a digest, or a digest
 * @param bytes how many bytes were carried
 * @param result what became of it
 * @param text why, for people; empty when there is nothing to say
 */
record ReportLine(
    String code,
    String repository,
    String tag,
    String image,
    String digest,
    String target,
    long bytes,
    Result result,
    String text) {

  /** What became of an image. */
  enum Result {
    /** It is there now. */
    DONE(false),
    /** It was there before, with all its bytes. */
    PRESENT(false),
    /** The same, in a dry run: it would be carried. */
    WOULD(false),
    /** The target cannot have it. */
    REFUSED(true),
    /** Something else has its name or id already. */
    CONFLICT(true),
    /** There is no such image. */
    MISSING(true),
    /** It is damaged, or something failed. */
    FAILED(true);

    private final boolean isFinding;

    Result(boolean isFinding) {
      this.isFinding = isFinding;
    }

    boolean isFinding() {
      return isFinding;
    }
  }

  static ReportLine of(
      String repository,
      String tag,
      String image,
      Optional<Descriptor> manifest,
      String target,
      long bytes,
      Result result,
      String text) {
    return new ReportLine(
        "image",
        repository,
        tag,
        image,
        manifest.map(found -> found.digest().toString()).orElse(""),
        target,
        bytes,
        result,
        text);
  }

  static ReportLine missing(String wanted) {
    return new ReportLine(
        "image", wanted, "", "", "", "", 0, Result.MISSING, "There is no such repository or tag");
  }
}
