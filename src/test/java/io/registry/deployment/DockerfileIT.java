package io.registry.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.registry.deployment.Dockerfile.Instruction;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestImage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.FileSystemUtils;

/**
 * The steps of the Dockerfile that need no engine, done in a folder: the layers are extracted and
 * put together, the cache of a first start is made, and what its ENTRYPOINT starts is asked by its
 * HEALTHCHECK. With a JDK 25, when there is one; an older one does without the cache.
 */
class DockerfileIT {
  /** Far more than it takes; only there so that a hang fails. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final Path JAR = Path.of("target", "registry.jar").toAbsolutePath();

  @TempDir Path root;

  @Test
  void theLayersTogetherAreARegistryThatTellsItsHealthAndStopsWhenItIsTold() throws Exception {
    Dockerfile file = Dockerfile.read();
    layOut(file);
    train(file);
    Path workdir = Files.createDirectories(inRoot(file.last("WORKDIR").arguments()));
    int port = freePort();
    List<String> probe = command(file.last("HEALTHCHECK"));
    assertThat(run(probe, workdir, port).waitFor()).isOne();

    Process registry = run(command(file.last("ENTRYPOINT")), workdir, port);
    try {
      await()
          .atMost(PATIENCE)
          .until(() -> !registry.isAlive() || run(probe, workdir, port).waitFor() == 0);
      assertThat(registry.isAlive()).as(Files.readString(root.resolve("log"))).isTrue();
      TestImage image = TestImage.base("image", "layer").push(new TestClient(port));
      assertThat(inRoot(file.last("VOLUME").exec().get(0)).resolve("images").resolve(image.id()))
          .isDirectoryContaining("glob:**layer");

      registry.destroy();
      assertThat(registry.waitFor()).as("ended by SIGTERM").isZero();
      assertThat(Files.readString(root.resolve("log"))).contains("Graceful shutdown complete");
    } finally {
      registry.destroyForcibly();
    }
    assertThat(run(probe, workdir, port).waitFor()).isOne();
  }

  private void train(Dockerfile file) throws Exception {
    String run =
        file.all("RUN").stream()
            .map(Instruction::arguments)
            .filter(arguments -> arguments.contains("AOTCacheOutput"))
            .findFirst()
            .orElseThrow();
    Process training = run(inRoot(List.of(run.split("\\s+"))), root, 0);
    assertThat(training.waitFor()).as(Files.readString(root.resolve("log"))).isZero();
  }

  private void layOut(Dockerfile file) throws Exception {
    Instruction extract =
        file.all("RUN").stream()
            .filter(run -> run.arguments().contains("jarmode=tools"))
            .findFirst()
            .orElseThrow();
    Path build = Files.createDirectories(root.resolve("build"));
    List<String> words = new ArrayList<>(extract.words());
    words.replaceAll(word -> word.equals("target/registry.jar") ? JAR.toString() : word);
    assertThat(run(withJava(words), build, 0).waitFor()).isZero();

    List<String> copied = new ArrayList<>();
    for (Instruction copy : file.all("COPY")) {
      if (copy.arguments().startsWith("--from=build ")) {
        Path layer = inRoot(copy.words().get(1));
        copied.add(String.valueOf(layer.getFileName()));
        FileSystemUtils.copyRecursively(layer, inRoot(copy.words().get(2)));
      }
    }
    try (Stream<Path> layers = Files.list(build.resolve("extracted"))) {
      assertThat(layers.map(layer -> String.valueOf(layer.getFileName())))
          .as("the layers that there are")
          .containsExactlyInAnyOrderElementsOf(copied);
    }
  }

  private List<String> command(Instruction instruction) {
    return inRoot(instruction.exec());
  }

  // Paths are words, or the values of options.
  private List<String> inRoot(List<String> words) {
    return withJava(
        words.stream().map(word -> word.replaceFirst("(?<=^|=)/", root + "/")).toList());
  }

  private static List<String> withJava(List<String> words) {
    Jdk jdk = Jdk.newest();
    List<String> command = new ArrayList<>(words);
    assertThat(command.get(0)).isEqualTo("java");
    command.set(0, jdk.java().toString());
    command.removeIf(word -> !jdk.hasAotCache() && word.startsWith("-XX:AOT"));
    return command;
  }

  private Path inRoot(String path) {
    return root.resolve(path.substring(1));
  }

  private Process run(List<String> command, Path directory, int port) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(root.resolve("log").toFile()));
    // What cannot be read is passed over in silence otherwise.
    if (command.stream().anyMatch(word -> word.startsWith("-XX:AOTCache="))) {
      builder.environment().put("JDK_JAVA_OPTIONS", "-XX:AOTMode=on");
    }
    builder.environment().put("SERVER_PORT", String.valueOf(port));
    return builder.start();
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }
}
