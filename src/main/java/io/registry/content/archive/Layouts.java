package io.registry.content.archive;

import io.registry.content.manifest.Descriptor;
import io.registry.content.manifest.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** The names in an OCI layout (OCI image-spec, image layout). */
final class Layouts {
  /** The name of an image in the list of a layout. */
  static final String REF_NAME = "org.opencontainers.image.ref.name";

  /** The same for containerd and Docker, with a host. */
  static final String IMAGE_NAME = "io.containerd.image.name";

  private Layouts() {}

  static String path(Digest digest) {
    return "blobs/" + digest.algorithm() + "/" + digest.hex();
  }

  /** Whether a layout in a folder has a blob, which was compared when it was written. */
  static boolean contains(Path layout, Descriptor blob) {
    Path file = layout.resolve(path(blob.digest()));
    try {
      return Files.isRegularFile(file) && Files.size(file) == blob.size();
    } catch (IOException e) {
      return false;
    }
  }

  static byte[] mark() {
    return "{\"imageLayoutVersion\":\"1.0.0\"}".getBytes(StandardCharsets.US_ASCII);
  }

  static Path parent(Path file) {
    return Objects.requireNonNull(file.getParent());
  }
}
