package io.registry.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.registry.deployment.DocumentedCommands.Block;
import io.registry.testkit.RegistryServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The commands of each page, in their order, with the packaged registry in an empty directory. What
 * the shell is told beforehand is in {@code documented-commands.sh}.
 */
class DocumentedCommandsIT {
  private static final Path BEFORE =
      Path.of("src/test/resources/documented-commands.sh").toAbsolutePath();

  @TempDir Path directory;

  static Stream<Path> pages() {
    return DocumentedCommands.pages().stream().filter(page -> !commands(page).isEmpty());
  }

  private static List<Block> commands(Path page) {
    return DocumentedCommands.blocks(page).stream()
        .filter(block -> block.comment().equals("run"))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("pages")
  void theCommandsOfThePageWork(Path page) throws Exception {
    for (Path program : List.of(Path.of("/bin/bash"), Path.of("/usr/bin/curl"))) {
      assumeTrue(Files.isExecutable(program), "there is no " + program);
    }
    for (String name : List.of("target", "examples")) {
      Files.createSymbolicLink(directory.resolve(name), Path.of(name).toAbsolutePath());
    }
    String commands = commands(page).stream().map(Block::text).collect(Collectors.joining("\n"));

    Process shell = shell(commands);

    int status = shell.waitFor();
    assertThat(status).as(Files.readString(directory.resolve("said"))).isZero();
  }

  private Process shell(String commands) throws IOException {
    int port = RegistryServer.freePort();
    Path script = directory.resolve("commands");
    Files.writeString(
        script,
        "source " + BEFORE + "\n" + commands.replace("localhost:5000", "localhost:" + port));
    ProcessBuilder shell =
        new ProcessBuilder("/bin/bash", "-euo", "pipefail", script.toString())
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("said").toFile());
    shell.environment().put("PORT", String.valueOf(port));
    shell
        .environment()
        .put("JAVA", Path.of(System.getProperty("java.home"), "bin/java").toString());
    return shell.start();
  }
}
