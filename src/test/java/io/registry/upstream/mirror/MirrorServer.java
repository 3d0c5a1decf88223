package io.registry.upstream.mirror;

import io.registry.testkit.PassingClock;
import io.registry.testkit.PassingRegistry;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestImage;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** Starts mirrors for tests. */
final class MirrorServer {
  private MirrorServer() {}

  /** A mirror of that source, with its store and its spool in a directory. */
  static RegistryServer start(Path directory, URI source, String... arguments) {
    return RegistryServer.start(
        directory.resolve("store"), arguments(directory, source, arguments));
  }

  /** The same with a clock that the test lets pass. */
  static RegistryServer startPassing(Path directory, URI source, String... arguments) {
    return PassingRegistry.start(
        directory.resolve("store"), arguments(directory, source, arguments));
  }

  /** Lets so much time pass that what is remembered of failures is over. */
  static void pass(RegistryServer mirror) {
    ((PassingClock) mirror.bean(Clock.class)).pass(Duration.ofMinutes(1));
  }

  /** An image with a layer of that size; the same name gives the same image. */
  static TestImage image(String name, int size) {
    byte[] layer = new byte[size];
    new Random(name.hashCode()).nextBytes(layer);
    return TestImage.of(name, "", layer);
  }

  /** The names of the files that a mirror has of an image. */
  static List<String> files(Path directory, TestImage image) throws IOException {
    Path folder = directory.resolve("store/images").resolve(image.id());
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
    }
  }

  /** How many layers lie in its spool. */
  static long spooled(Path directory) throws IOException {
    Path spool = directory.resolve("spool");
    if (!Files.isDirectory(spool)) {
      return 0;
    }
    try (Stream<Path> files = Files.walk(spool)) {
      return files.filter(Files::isRegularFile).filter(file -> !file.endsWith("lock")).count();
    }
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
