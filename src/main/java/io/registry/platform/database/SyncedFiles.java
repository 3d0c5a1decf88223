package io.registry.platform.database;

import java.io.IOException;
import java.nio.channels.FileChannel;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;

/**
 * Files of H2 of which each write has reached the disk when it returns (O_DSYNC). H2 itself never
 * waits for the disk when it commits, so that a power failure would lose acknowledged changes, and
 * the order of writes with them. Public, because H2 creates instances of it.
 */
public final class SyncedFiles extends FilePathWrapper {
  private static final String SCHEME = "synced";

  /** Makes the files known to H2, whose table of them is one for the whole JVM. */
  static void register() {
    FilePath.register(new SyncedFiles());
  }

  /**
   * The URL with which H2 uses such files.
   *
   * @param file an absolute path, or one that begins with a dot
   * @param rest what follows the path in the URL
   */
  static String url(String file, String rest) {
    return "jdbc:h2:" + SCHEME + ":" + file + rest;
  }

  /** Whether the database at a URL uses such files. */
  static boolean isIn(String url) {
    return url.startsWith("jdbc:h2:" + SCHEME + ":");
  }

  @Override
  public String getScheme() {
    return SCHEME;
  }

  @Override
  public FileChannel open(String mode) throws IOException {
    return super.open(mode.equals("rw") ? "rwd" : mode);
  }
}
