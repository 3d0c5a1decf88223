package io.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.registry.testkit.RegistryCommand;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator reads when the registry starts, or does not, in a process of its own. */
@Tag("external")
@Tag("slow")
class StartProcessTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir Path directory;

  private final List<Process> processes = new ArrayList<>();

  @AfterEach
  void stop() {
    processes.forEach(Process::destroyForcibly);
  }

  @Test
  void aStartEndsWithVersionStoreModeAndAddress() throws Exception {
    Process registry = start("--server.port=0", "--server.address=127.0.0.1");
    await().atMost(PATIENCE).until(() -> said().contains("Listening on "));

    List<String> lines = said().lines().filter(line -> line.contains(" INFO ")).toList();
    assertThat(lines).allMatch(line -> line.contains("registry"));
    assertThat(lines.get(lines.size() - 4)).contains("Version ").contains("Java ");
    assertThat(lines.get(lines.size() - 3)).endsWith("Store: local (" + directory + "/data)");
    assertThat(lines.get(lines.size() - 2))
        .endsWith("Mode standalone: every client may pull, push and remove");
    assertThat(lines.get(lines.size() - 1)).matches(".*Listening on http://127.0.0.1:\\d+");
    assertThat(said()).doesNotContain("Tomcat", "Spring");

    registry.destroy();
    assertThat(registry.waitFor()).isZero();
  }

  @Test
  void aFileThatIsNoYamlIsNamedWithTheLine() throws Exception {
    Files.writeString(
        directory.resolve("application.yml"), "registry:\n  issue: 'secret\n  index: x\n");

    assertThat(start().waitFor()).isEqualTo(1);

    assertThat(said())
        .contains("application.yml")
        .contains("line 4")
        .contains("Action:")
        .doesNotContain("secret")
        .doesNotContain("\tat ");
  }

  @Test
  void aPortThatIsNoneIsNamed() throws Exception {
    assertThat(start("--server.port=70000").waitFor()).isEqualTo(1);

    assertThat(said()).contains("server.port is 70000", "Action:").doesNotContain("\tat ");
  }

  @Test
  void anUnknownProfileWritesNoStore() throws Exception {
    assertThat(start("--spring.profiles.active=s4").waitFor()).isEqualTo(1);

    assertThat(said()).contains("no profile s4; did you mean s3?");
    assertThat(directory.resolve("data")).doesNotExist();
  }

  /** The database takes the connection and says nothing, so that the start is under way. */
  @Test
  void termDuringTheStartEndsIt() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Process registry =
          start(
              "--registry.index.mode=embedded",
              "--spring.datasource.url=jdbc:postgresql://127.0.0.1:"
                  + silent.getLocalPort()
                  + "/registry");
      try (Socket reached = silent.accept()) {
        assertThat(reached.isConnected()).isTrue();
        registry.destroy();
        assertThat(registry.waitFor(2, TimeUnit.MINUTES)).isTrue();
      }
      assertThat(registry.exitValue()).isIn(0, 143);
      assertThat(said()).doesNotContain("\tat ").doesNotContain("APPLICATION FAILED");
    }
  }

  private Process start(String... settings) throws IOException {
    List<String> command = RegistryCommand.with("-Xmx128m");
    command.addAll(List.of(settings));
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("said").toFile())
            .start();
    processes.add(process);
    return process;
  }

  private String said() throws IOException {
    return Files.readString(directory.resolve("said"));
  }
}
