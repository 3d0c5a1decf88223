package io.registry.operations.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.registry.testkit.OriginalStore;
import io.registry.testkit.RegistryCommand;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a command shows of its progress, in a process of its own. */
@Tag("external")
@Tag("slow")
class ProgressProcessTest {
  private static final String CLEAR = "\u001b[K";

  @TempDir Path directory;

  private String run(boolean onTerminal, Path target) throws Exception {
    OriginalStore store = OriginalStore.unpack(directory.resolve("store"));
    // Words without blanks and quotes.
    List<String> registry = RegistryCommand.with();
    Path arguments =
        Files.write(
            directory.resolve("arguments"),
            registry.stream().skip(1).map(word -> "\"" + word + "\"").toList());
    String command =
        "%s @%s export --all --to oci:%s --registry.storage.local.path=%s"
            .formatted(registry.get(0), arguments, target, store.root());
    List<String> words = new ArrayList<>();
    if (onTerminal) {
      words.addAll(List.of("script", "--quiet", "--return", "--command", command, "/dev/null"));
    } else {
      words.addAll(List.of(command.split(" ")));
    }
    Path said = directory.resolve("said");
    ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
    builder.environment().put("TERM", "xterm");
    Process process = builder.redirectOutput(said.toFile()).start();
    assertThat(process.waitFor()).as(Files.readString(said)).isZero();
    return Files.readString(said);
  }

  private static boolean isInstalled(String program) {
    return List.of(System.getenv("PATH").split(":")).stream()
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }

  @Test
  void aTerminalShowsABarThatTheNextLineReplaces() throws Exception {
    assumeTrue(isInstalled("script"), "script (util-linux) is not installed");

    String said = run(true, directory.resolve("layout"));

    assertThat(said).contains(CLEAR + "[--------------------] images: 0 of ");
    assertThat(said).containsPattern("images: 0 of [^\r\n]*\r(?!\n)");
    String last = said.stripTrailing();
    assertThat(last.substring(last.lastIndexOf('\n') + 1))
        .startsWith(CLEAR)
        .contains(", 0 findings, ");
  }

  @Test
  void aFileGetsLinesOnly() throws Exception {
    String said = run(false, directory.resolve("layout"));

    assertThat(said).contains(", 0 findings, ").doesNotContain("\r").doesNotContain(CLEAR);
  }
}
