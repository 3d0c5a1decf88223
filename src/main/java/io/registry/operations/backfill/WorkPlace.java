package io.registry.operations.backfill;

import io.registry.operations.command.TemporaryFolder;
import java.io.IOException;
import java.nio.file.Path;

/** The temporary directory that holds what does not fit into memory. */
final class WorkPlace implements AutoCloseable {
  private final TemporaryFolder folder;

  private WorkPlace(TemporaryFolder folder) {
    this.folder = folder;
  }

  static WorkPlace open() throws IOException {
    return new WorkPlace(TemporaryFolder.create("backfill"));
  }

  Path folder() {
    return folder.path();
  }

  /** The folders of all repositories, one a line. */
  Path repositories() {
    return folder().resolve("repositories.txt");
  }

  /** Each tag that V2 can name, one a line: the image and the file. */
  Path tags() {
    return folder().resolve("tags.txt");
  }

  /** The sorted ids of the images that tags name. */
  Path images() {
    return folder().resolve("images.ids");
  }

  /** The sorted ids of the images whose layers are to be read. */
  Path layers() {
    return folder().resolve("layers.ids");
  }

  /** Where the reason of an image begins. */
  Path offsets() {
    return folder().resolve("reasons.index");
  }

  /** Why images are not served. */
  Path reasons() {
    return folder().resolve("reasons.data");
  }

  /** What a dry run knows of layers. */
  Path scratch() {
    return folder().resolve("layers");
  }

  @Override
  public void close() {
    folder.close();
  }
}
