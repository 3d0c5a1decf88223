package io.registry.check;

import static io.registry.check.CheckedStore.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.registry.testkit.OriginalStore;
import io.registry.testkit.RegistryCommand;
import io.registry.testkit.TestImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The command as a process of its own, as it is called from a script. */
class StoreCheckProcessTest {
  @TempDir Path directory;

  @Test
  void itEndsWithAStatusAndHasNothingButTheReportOnItsStandardOutput() throws Exception {
    OriginalStore store = OriginalStore.unpack(directory.resolve("store"));
    store.write("repositories/library/solo/tag_lost", TestImage.id("lost"));
    Map<String, String> before = store.hashes();
    Path out = directory.resolve("out");

    List<String> command = RegistryCommand.with("-Xmx64m");
    command.addAll(
        List.of(
            "check",
            "--registry.storage.local.path=" + store.root(),
            "--logging.level.root=debug",
            "--report=-"));
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(directory.resolve("err").toFile())
            .start();

    assertThat(process.waitFor()).isEqualTo(1);
    JsonNode report = new JsonMapper().readTree(Files.readAllBytes(out));
    assertThat(report.path("findings").findValuesAsString("code")).contains("tag-without-image");
    assertThat(report.path("summary").path("images").asInt()).isEqualTo(store.images().size());
    assertThat(Files.readString(directory.resolve("err"))).contains("problems.");
    assertThat(store.hashes()).isEqualTo(before);
    assertThat(bytes(Files.readString(out))).startsWith('{');
  }
}
