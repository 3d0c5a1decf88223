package io.registry.storage.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The user whom this process runs as. */
final class ProcessUser {
  private static final Path SELF = Path.of("/proc/self");

  private ProcessUser() {}

  /**
   * The number of the user, as {@code chown} takes it; the name on systems without Linux's /proc.
   */
  static String name() {
    try {
      return String.valueOf(Files.getAttribute(SELF, "unix:uid"));
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
      return System.getProperty("user.name", "");
    }
  }
}
