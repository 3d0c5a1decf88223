package io.registry.operations.backfill;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.springframework.util.FileSystemUtils;

/** The temporary directory that holds what does not fit into memory. */
final class WorkPlace implements AutoCloseable {
  private final Path folder;

  /** Also when the process is told to end. */
  private final Thread end = new Thread(this::remove, "backfill-end");

  private WorkPlace(Path folder) {
    this.folder = folder;
  }

  static WorkPlace open() throws IOException {
    WorkPlace place = new WorkPlace(Files.createTempDirectory("registry-backfill-"));
    Runtime.getRuntime().addShutdownHook(place.end);
    return place;
  }

  Path folder() {
    return folder;
  }

  /** The folders of all repositories, one a line. */
  Path repositories() {
    return folder.resolve("repositories.txt");
  }

  /** Each tag that V2 can name, one a line: the image and the file. */
  Path tags() {
    return folder.resolve("tags.txt");
  }

  /** The sorted ids of the images that tags name. */
  Path images() {
    return folder.resolve("images.ids");
  }

  /** The sorted ids of the images whose layers are to be read. */
  Path layers() {
    return folder.resolve("layers.ids");
  }

  /** Where the reason of an image begins. */
  Path offsets() {
    return folder.resolve("reasons.index");
  }

  /** Why images are not served. */
  Path reasons() {
    return folder.resolve("reasons.data");
  }

  /** What a dry run knows of layers. */
  Path scratch() {
    return folder.resolve("layers");
  }

  private void remove() {
    FileSystemUtils.deleteRecursively(folder.toFile());
  }

  @Override
  public void close() {
    remove();
    try {
      Runtime.getRuntime().removeShutdownHook(end);
    } catch (IllegalStateException e) {
      // The process ends right now, and the directory is gone.
    }
  }
}
