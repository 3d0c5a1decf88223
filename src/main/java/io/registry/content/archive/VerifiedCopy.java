package io.registry.content.archive;

import io.registry.content.manifest.Descriptor;
import io.registry.platform.concurrent.HashedCopies;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.List;
import org.apache.commons.io.input.BoundedInputStream;

/** Copies content, and compares it with its digest on the way. */
public final class VerifiedCopy {

  private VerifiedCopy() {}

  /**
   * Copies content. When this throws, some of it may be written. Where the size of the content is
   * not known, its digest alone tells whether it is whole.
   *
   * @throws DamagedContentException when size or digest of the content are others
   * @throws IOException when reading or writing fails
   */
  public static void copy(Descriptor descriptor, Content content, OutputStream out)
      throws IOException {
    MessageDigest hash = descriptor.digest().newHash();
    long count;
    try (InputStream in = content.open();
        // What follows would not fit into the place that was announced for the content.
        InputStream expected =
            descriptor.hasSize()
                ? BoundedInputStream.builder()
                    .setInputStream(in)
                    .setMaxCount(descriptor.size())
                    .get()
                : in) {
      count = new HashedCopies().copy(expected, out, List.of(hash));
      if (descriptor.hasSize() && in.read() >= 0) {
        throw damaged(descriptor, "more");
      }
    }
    if (descriptor.hasSize() && count < descriptor.size()) {
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
