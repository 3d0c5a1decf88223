package io.registry.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.operations.check.StoreCheckCommand;
import io.registry.operations.command.Commands;
import io.registry.operations.command.Console;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands of docs/backup.md, while clients push. */
@Tag("external")
class BackupTest {
  private static final List<DocumentedCommands.Block> COMMANDS =
      DocumentedCommands.blocks(Path.of("docs/backup.md"));

  @TempDir Path directory;

  @Test
  void whatIsRestoredIsWholeAlthoughClientsPushedMeanwhile() throws Exception {
    List<String> backup = COMMANDS.get(0).text().lines().toList();
    Path store = Files.createDirectories(directory.resolve("before/data"));
    TestImage first;
    try (RegistryServer server = RegistryServer.start(store)) {
      first = push(server, "first");
      run(directory.resolve("before"), String.join("\n", backup.subList(0, 2)));
      push(server, "second");
      run(directory.resolve("before"), String.join("\n", backup.subList(2, backup.size())));
    }

    Path after = Files.createDirectories(directory.resolve("after"));
    run(after, COMMANDS.get(1).text());

    assertThat(check(after.resolve("data"))).isZero();
    try (RegistryServer server = RegistryServer.start(after.resolve("data"))) {
      assertThat(server.client().get("/v1/repositories/backup/first/tags/latest").text())
          .contains(first.id());
      assertThat(server.client().get(first.path("layer")).bytes()).isEqualTo(first.layer());
    }
  }

  @Test
  void theOtherOrderMayLoseAnImage() throws Exception {
    List<String> backup = COMMANDS.get(0).text().lines().toList();
    Path store = Files.createDirectories(directory.resolve("before/data"));
    try (RegistryServer server = RegistryServer.start(store)) {
      push(server, "first");
      run(directory.resolve("before"), backup.get(0) + "\n" + backup.get(2));
      push(server, "second");
      run(directory.resolve("before"), backup.get(1));
    }

    Path after = Files.createDirectories(directory.resolve("after"));
    run(after, COMMANDS.get(1).text());

    assertThat(check(after.resolve("data"))).isEqualTo(1);
  }

  private static TestImage push(RegistryServer server, String name) {
    TestImage image = TestImage.base(name, "layer of " + name).push(server.client());
    assertThat(
            server
                .client()
                .put("/v1/repositories/backup/" + name + "/tags/latest", '"' + image.id() + '"')
                .status())
        .isEqualTo(200);
    return image;
  }

  private static int check(Path store) {
    return Commands.run(
        new StoreCheckCommand(),
        List.of("--registry.storage.local.path=" + store),
        Console.ofProcess());
  }

  private void run(Path where, String commands) throws IOException, InterruptedException {
    ProcessBuilder shell =
        new ProcessBuilder("sh", "-e", "-c", commands).directory(where.toFile()).inheritIO();
    shell.environment().put("BACKUP", directory.resolve("backup").toString());
    assertThat(shell.start().waitFor()).isZero();
  }
}
