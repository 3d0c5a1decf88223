package io.registry.mirror;

import io.registry.testkit.RegistryServer;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts mirrors for tests. */
final class MirrorServer {
  private MirrorServer() {}

  /** A mirror of that source, with its store and its spool in a directory. */
  static RegistryServer start(Path directory, URI source, String... arguments) {
    return RegistryServer.start(
        directory.resolve("store"), arguments(directory, source, arguments));
  }

  /** The command line of such a mirror, without its store. */
  static String[] arguments(Path directory, URI source, String... arguments) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "--registry.mirror.source=" + source,
                "--registry.mirror.spool=" + directory.resolve("spool")));
    all.addAll(List.of(arguments));
    return all.toArray(String[]::new);
  }
}
