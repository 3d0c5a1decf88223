package io.registry.testkit;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import redis.embedded.core.ExecutableProvider;

/** The program that the tests run as Redis: that of the machine, else one from a Maven artifact. */
final class RedisBinary {
  private static final String NAME = "redis-server";

  private RedisBinary() {}

  /** Where the program is. */
  static Path path() {
    return Found.PATH;
  }

  /** Whether the program was built with TLS; one without does not know what a TLS port is. */
  static boolean hasTls() {
    return Found.TLS;
  }

  /** The program of the machine, if it has one. */
  static Optional<Path> onPath() {
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
    return Pattern.compile(File.pathSeparator, Pattern.LITERAL)
        .splitAsStream(path)
        .filter(directory -> !directory.isEmpty())
        .map(directory -> Path.of(directory, NAME))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** The program from the Maven artifact, unpacked until the JVM ends. */
  static Path bundled() {
    try {
      File directory = Files.createTempDirectory(NAME).toFile();
      directory.deleteOnExit();
      File program = ExecutableProvider.newJarResourceProvider(directory).get();
      program.deleteOnExit();
      return program.toPath();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean knowsTls(Path program) {
    try {
      // Asked to listen nowhere it ends at once, if it understands the question.
      Process process =
          new ProcessBuilder(List.of(program.toString(), "--port", "0", "--tls-port", "0"))
              .redirectErrorStream(true)
              .start();
      try (var said = process.inputReader(StandardCharsets.UTF_8)) {
        return said.lines().anyMatch(line -> line.contains("not listen anywhere"));
      } finally {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final class Found {
    static final Path PATH = onPath().orElseGet(RedisBinary::bundled);
    static final boolean TLS = knowsTls(PATH);
  }
}
