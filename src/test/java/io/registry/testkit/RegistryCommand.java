package io.registry.testkit;

import io.registry.RegistryApplication;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * The command that runs the registry in a process of its own. The first one of a build makes an
 * archive of the parsed and verified classes (class data sharing), from which the others start with
 * two thirds of the work.
 */
public final class RegistryCommand {
  private static final String JAVA = Path.of(System.getProperty("java.home"), "bin", "java") + "";

  /** For short lives. */
  private static final List<String> QUICK = List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

  private RegistryCommand() {}

  /**
   * The command, to which the arguments of the registry are added.
   *
   * @param options what the virtual machine is to do differently, for example {@code -Xmx64m}
   */
  public static List<String> with(String... options) {
    List<String> command = new ArrayList<>();
    command.add(JAVA);
    command.addAll(QUICK);
    command.add("-XX:SharedArchiveFile=" + Prepared.BY_THIS_BUILD.archive());
    command.addAll(List.of(options));
    command.addAll(Prepared.BY_THIS_BUILD.main());
    return command;
  }

  /** What all processes of a build share, also those of other forks. */
  private record Prepared(Path jar, Path archive) {
    static final Prepared BY_THIS_BUILD = prepare();

    // Only classes of a jar can be archived. Those of the tests are of no use to the registry.
    private static Prepared prepare() {
      try {
        Path folder = Files.createDirectories(Path.of("target", "registry-command"));
        Prepared prepared =
            new Prepared(
                folder.resolve("registry.jar").toAbsolutePath(),
                folder.resolve("registry.jsa").toAbsolutePath());
        try (FileChannel channel =
                FileChannel.open(
                    folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = channel.lock()) {
          if (!lock.isValid()) {
            throw new IOException("no lock of " + folder);
          }
          Path jar = folder.resolve("registry.jar.new");
          prepared.pack(jar);
          if (!Files.exists(prepared.archive)
              || !Files.exists(prepared.jar)
              || Files.mismatch(jar, prepared.jar) >= 0) {
            Files.move(jar, prepared.jar, StandardCopyOption.REPLACE_EXISTING);
            prepared.dump(folder);
          }
        }
        return prepared;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (URISyntaxException e) {
        throw new IllegalStateException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }

    List<String> main() {
      return List.of("-cp", classPath(), RegistryApplication.class.getName());
    }

    private String classPath() {
      List<String> jars = new ArrayList<>(List.of(jar.toString()));
      Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
          .filter(entry -> !Files.isDirectory(Path.of(entry)))
          .forEach(jars::add);
      return String.join(File.pathSeparator, jars);
    }

    // The same bytes for the same classes, the same libraries and the same Java.
    private void pack(Path target) throws IOException, URISyntaxException {
      Path classes =
          Path.of(
              RegistryApplication.class
                  .getProtectionDomain()
                  .getCodeSource()
                  .getLocation()
                  .toURI());
      try (OutputStream out = Files.newOutputStream(target);
          ZipOutputStream zip = new ZipOutputStream(out);
          Stream<Path> all = Files.walk(classes)) {
        zip.setLevel(0);
        for (Path path : all.sorted().toList()) {
          String name = classes.relativize(path).toString();
          if (Files.isDirectory(path)) {
            if (!name.isEmpty()) {
              add(zip, name + "/", new byte[0]);
            }
          } else {
            add(zip, name, Files.readAllBytes(path));
          }
        }
        add(
            zip,
            "made-for",
            (System.getProperty("java.vm.version") + "\n" + classPath())
                .getBytes(StandardCharsets.UTF_8));
      }
    }

    private static void add(ZipOutputStream zip, String name, byte[] content) throws IOException {
      ZipEntry entry = new ZipEntry(name);
      entry.setTime(0);
      zip.putNextEntry(entry);
      zip.write(content);
      zip.closeEntry();
    }

    // Spring ends the process when all is there, before it listens.
    private void dump(Path folder) throws IOException, InterruptedException {
      Files.deleteIfExists(archive);
      Path made = folder.resolve("registry.jsa.new").toAbsolutePath();
      Path store = Files.createTempDirectory("registry-command");
      List<String> command = new ArrayList<>(List.of(JAVA));
      command.addAll(QUICK);
      command.addAll(
          List.of("-XX:ArchiveClassesAtExit=" + made, "-Dspring.context.exit=onRefresh"));
      command.addAll(main());
      command.addAll(
          List.of(
              "--server.port=0", "--registry.storage.local.path=" + store.resolve("unpopulated")));
      Path said = folder.resolve("said");
      int status =
          new ProcessBuilder(command)
              .directory(store.toFile())
              .redirectErrorStream(true)
              .redirectOutput(said.toFile())
              .start()
              .waitFor();
      if (status != 0) {
        throw new IOException("no archive of the classes: " + Files.readString(said));
      }
      Files.move(made, archive);
    }
  }
}
