package io.registry.archive;

import io.registry.manifest.Descriptor;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;

/** Copies content, and compares it with its digest on the way. */
public final class VerifiedCopy {
  private static final int BUFFER = 64 * 1024;

  private VerifiedCopy() {}

  /**
   * Copies content. When this throws, some of it may be written.
   *
   * @throws DamagedContentException when size or digest of the content are others
   * @throws IOException when reading or writing fails
   */
  public static void copy(Descriptor descriptor, Content content, OutputStream out)
      throws IOException {
    MessageDigest hash = descriptor.digest().newHash();
    byte[] buffer = new byte[BUFFER];
    long count = 0;
    try (InputStream in = content.open()) {
      int read;
      while ((read = in.read(buffer)) >= 0) {
        count += read;
        // What follows would not fit into the place that was announced for the content.
        if (count > descriptor.size()) {
          throw damaged(descriptor, "more");
        }
        hash.update(buffer, 0, read);
        out.write(buffer, 0, read);
      }
    }
    if (count < descriptor.size()) {
      throw damaged(descriptor, "only " + count);
    }
    if (!descriptor.digest().isOf(hash.digest())) {
      throw new DamagedContentException(
          "The bytes of " + descriptor.digest() + " have another digest");
    }
  }

  private static DamagedContentException damaged(Descriptor descriptor, String found) {
    return new DamagedContentException(
        "%s has %s bytes, not %d".formatted(descriptor.digest(), found, descriptor.size()));
  }
}
