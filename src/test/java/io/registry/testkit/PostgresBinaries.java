package io.registry.testkit;

import io.zonky.test.db.postgres.embedded.DefaultPostgresBinaryResolver;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;
import org.springframework.util.FileSystemUtils;

/** The programs that the tests run as PostgreSQL: of the machine, else from a Maven artifact. */
final class PostgresBinaries {
  private static final Path DEBIAN = Path.of("/usr/lib/postgresql");
  private static final String SERVER = "postgres";

  private PostgresBinaries() {}

  /** The directory that holds the programs. */
  static Path directory() {
    return Found.DIRECTORY;
  }

  /** That of the machine, if it has them. */
  static Optional<Path> ofTheMachine() {
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
    Stream<Path> onPath =
        Pattern.compile(File.pathSeparator, Pattern.LITERAL)
            .splitAsStream(path)
            .filter(directory -> !directory.isEmpty())
            .map(Path::of);
    return Stream.concat(onPath, debians().stream())
        .filter(directory -> Files.isExecutable(directory.resolve(SERVER)))
        .filter(directory -> Files.isExecutable(directory.resolve("initdb")))
        .findFirst();
  }

  private static List<Path> debians() {
    if (!Files.isDirectory(DEBIAN)) {
      return List.of();
    }
    try (Stream<Path> versions = Files.list(DEBIAN)) {
      return versions
          .sorted(Comparator.comparingInt(PostgresBinaries::version).reversed())
          .map(version -> version.resolve("bin"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int version(Path directory) {
    String digits = directory.getFileName().toString().replaceAll("\\D.*", "");
    return digits.isEmpty() ? 0 : Integer.parseInt(digits);
  }

  /** Those from the Maven artifact, unpacked until the JVM ends. */
  static Path bundled() {
    try {
      Path directory = Files.createTempDirectory(SERVER);
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(() -> FileSystemUtils.deleteRecursively(directory.toFile()), SERVER));
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
      try (TarArchiveInputStream archive =
          new TarArchiveInputStream(new XZCompressorInputStream(archive()))) {
        for (TarArchiveEntry entry = archive.getNextEntry();
            entry != null;
            entry = archive.getNextEntry()) {
          unpack(entry, archive, directory.resolve(entry.getName()));
        }
      }
      return directory.resolve("bin");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static InputStream archive() throws IOException {
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    return DefaultPostgresBinaryResolver.INSTANCE.getPgBinary(
        system.startsWith("mac") ? "Darwin" : system.startsWith("win") ? "Windows" : "Linux",
        System.getProperty("os.arch").replace("amd64", "x86_64"));
  }

  private static void unpack(TarArchiveEntry entry, InputStream content, Path target)
      throws IOException {
    if (entry.isDirectory()) {
      Files.createDirectories(target);
      return;
    }
    Files.createDirectories(target.getParent());
    if (entry.isSymbolicLink()) {
      Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
    } else {
      Files.copy(content, target);
      boolean program = (entry.getMode() & 0100) != 0;
      Files.setPosixFilePermissions(
          target, PosixFilePermissions.fromString(program ? "rwxr-xr-x" : "rw-r--r--"));
    }
  }

  private static final class Found {
    static final Path DIRECTORY = ofTheMachine().orElseGet(PostgresBinaries::bundled);
  }
}
