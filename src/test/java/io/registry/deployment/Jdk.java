package io.registry.deployment;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.stream.Stream;

/**
 * A JDK of this machine.
 *
 * @param home where it lies
 * @param version its feature version
 */
record Jdk(Path home, int version) {
  /** From this one on, the classes of a start can be kept with one option. */
  private static final int AOT_CACHE = 25;

  /** The newest that there is: at least the one that runs the tests. */
  static Jdk newest() {
    Jdk own = new Jdk(Path.of(System.getProperty("java.home")), Runtime.version().feature());
    return Stream.concat(Stream.of(own), installed())
        .max(Comparator.comparingInt(Jdk::version))
        .orElse(own);
  }

  private static Stream<Jdk> installed() {
    Stream<Path> named =
        System.getenv().entrySet().stream()
            .filter(variable -> variable.getKey().startsWith("JAVA_HOME_"))
            .map(Map.Entry::getValue)
            .map(Path::of);
    return Stream.concat(named, list(Path.of("/usr/lib/jvm")).stream())
        .filter(home -> Files.isExecutable(home.resolve("bin/java")))
        .filter(home -> Files.isRegularFile(home.resolve("release")))
        .map(home -> new Jdk(home, version(home.resolve("release"))));
  }

  private static List<Path> list(Path directory) {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int version(Path release) {
    Properties properties = new Properties();
    try (var in = Files.newBufferedReader(release)) {
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String version = Objects.requireNonNullElse(properties.getProperty("JAVA_VERSION"), "0");
    String feature = version.replace("\"", "").split("[.+-]", 2)[0];
    return feature.matches("\\d+") ? Integer.parseInt(feature) : 0;
  }

  /** Its program {@code java}. */
  Path java() {
    return home.resolve("bin/java");
  }

  /** Whether it can keep the classes of a start. */
  boolean hasAotCache() {
    return version >= AOT_CACHE;
  }
}
