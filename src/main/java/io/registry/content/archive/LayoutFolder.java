package io.registry.content.archive;

import io.registry.content.manifest.Descriptor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * An OCI layout in a folder (OCI image-spec, image layout). A blob appears under its name when it
 * is whole and compared with its digest, so that an export which broke off goes on with the blobs
 * that are not there yet.
 */
public final class LayoutFolder implements BlobSink {
  static final String MARK = "oci-layout";
  static final String INDEX = "index.json";
  private static final int MAX_INDEX = 64 * 1024 * 1024;

  private final Path folder;
  private final WholeFiles files;

  private LayoutFolder(Path folder, WholeFiles files) {
    this.folder = folder;
    this.files = files;
  }

  /**
   * Opens a folder, which need not exist.
   *
   * @throws IOException when it cannot be written, has something else in it, or another process
   *     writes to it
   */
  public static LayoutFolder open(Path folder) throws IOException {
    requireLayout(folder);
    LayoutFolder layout = new LayoutFolder(folder, WholeFiles.open(folder));
    boolean opened = false;
    try {
      layout.files.write(folder.resolve(MARK), Layouts.mark());
      opened = true;
      return layout;
    } finally {
      if (!opened) {
        layout.close();
      }
    }
  }

  private static void requireLayout(Path folder) throws IOException {
    if (!Files.exists(folder) || Files.exists(folder.resolve(MARK))) {
      return;
    }
    try (var files = Files.list(folder)) {
      if (files.anyMatch(file -> !file.endsWith(WholeFiles.PARTS))) {
        throw new IOException(folder + " is not empty, and not an OCI layout");
      }
    }
  }

  @Override
  public boolean has(Descriptor descriptor) {
    return Layouts.contains(folder, descriptor);
  }

  @Override
  public boolean add(Descriptor descriptor, Content content) throws IOException {
    if (has(descriptor)) {
      return false;
    }
    files.copy(descriptor, content, folder.resolve(Layouts.path(descriptor.digest())));
    return true;
  }

  @Override
  public byte[] index() throws IOException {
    Path file = folder.resolve(INDEX);
    if (!Files.exists(file)) {
      return new byte[0];
    }
    if (Files.size(file) > MAX_INDEX) {
      throw new IOException(file + " is too large");
    }
    return Files.readAllBytes(file);
  }

  @Override
  public void finish(byte[] index) throws IOException {
    files.write(folder.resolve(INDEX), index);
  }

  @Override
  public void close() throws IOException {
    files.close();
  }
}
