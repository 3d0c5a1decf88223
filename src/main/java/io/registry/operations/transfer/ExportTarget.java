package io.registry.operations.transfer;

import io.registry.operations.transfer.ServedImages.Tagged;
import java.io.IOException;

/** The place that images are exported to. */
interface ExportTarget extends AutoCloseable {

  /**
   * What was done with an image.
   *
   * @param bytes how many bytes were carried
   * @param digest of the manifest where the image is now; empty when it has none there
   */
  record Outcome(ReportLine.Result result, long bytes, String digest) {
    Outcome(ReportLine.Result result, long bytes) {
      this(result, bytes, "");
    }
  }

  /**
   * Adds an image.
   *
   * @throws RefusedException when the form cannot express it
   * @throws io.registry.content.archive.DamagedContentException when its bytes are others than its
   *     digests say
   * @throws IOException when the target cannot be written
   */
  Outcome add(Tagged image) throws IOException;

  /** What {@link #add} would do. Writes nothing. */
  Outcome plan(Tagged image) throws IOException;

  /** Whether the target cannot be completed any more. */
  boolean isBroken();

  /** Makes everything that was added readable. */
  void finish() throws IOException;

  /** Removes what was not finished. */
  @Override
  void close() throws IOException;
}
