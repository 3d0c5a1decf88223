package io.registry.operations.check;

import static io.registry.operations.check.CheckedStore.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.registry.testkit.OriginalStore;
import io.registry.testkit.RegistryCommand;
import io.registry.testkit.TestImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The command as a process of its own, as it is called from a script. */
@Tag("external")
class StoreCheckProcessTest {
  @TempDir Path directory;

  @Test
  void itReportsEachLinkThatTheRegistryDoesNotFollowAndFollowsNone() throws Exception {
    OriginalStore store = OriginalStore.unpack(directory.resolve("store"));
    Path root = store.root();
    Path outside = Files.createDirectories(directory.resolve("outside/below"));
    Files.createSymbolicLink(outside.resolve("not-looked-at"), Path.of("nothing"));
    String solo = "repositories/library/solo/";
    Path inside = root.resolve(solo + "tag_inside");
    Files.createSymbolicLink(inside, Path.of("tag_latest"));
    Files.createSymbolicLink(root.resolve(solo + "tag_nothing"), Path.of("tag_missing"));
    Files.createSymbolicLink(root.resolve(solo + "tag_circle"), Path.of("tag_circle"));
    Files.createSymbolicLink(root.resolve("repositories/team"), outside);
    Files.createSymbolicLink(
        root.resolve(solo + "tag_outside"), Files.write(outside.resolve("id"), bytes("x")));
    Files.createSymbolicLink(root.resolve("images/top"), Path.of("../repositories/library"));

    assertThat(links(root))
        .containsExactlyInAnyOrder(
            "link-dangling " + solo + "tag_nothing",
            "link-dangling " + solo + "tag_circle",
            "link-outside repositories/team",
            "link-outside " + solo + "tag_outside");
    // The whole store may be behind a link, and links may be allowed.
    Path linked = Files.createSymbolicLink(directory.resolve("linked"), root);
    assertThat(links(linked, "--registry.storage.local.follow-links=true"))
        .containsExactlyInAnyOrder(
            "link-dangling " + solo + "tag_nothing", "link-dangling " + solo + "tag_circle");
    assertThat(Files.readSymbolicLink(inside)).isEqualTo(Path.of("tag_latest"));
  }

  private List<String> links(Path store, String... settings) throws Exception {
    List<String> arguments =
        new ArrayList<>(List.of("--registry.storage.local.path=" + store, "--layers=skip"));
    arguments.addAll(List.of(settings));
    Path out = directory.resolve("out");
    assertThat(run(out, arguments)).isEqualTo(1);
    List<String> found = new ArrayList<>();
    for (JsonNode each : new JsonMapper().readTree(Files.readAllBytes(out)).path("findings")) {
      String code = each.path("code").asString();
      if (code.startsWith("link-")) {
        found.add(code + " " + each.path("key").asString());
      }
    }
    return found;
  }

  @Test
  void itEndsWithAStatusAndHasNothingButTheReportOnItsStandardOutput() throws Exception {
    OriginalStore store = OriginalStore.unpack(directory.resolve("store"));
    store.write("repositories/library/solo/tag_lost", TestImage.id("lost"));
    Map<String, String> before = store.hashes();
    Path out = directory.resolve("out");

    assertThat(
            run(
                out,
                List.of(
                    "--registry.storage.local.path=" + store.root(), "--logging.level.root=debug")))
        .isEqualTo(1);
    JsonNode report = new JsonMapper().readTree(Files.readAllBytes(out));
    assertThat(report.path("findings").findValuesAsString("code")).contains("tag-without-image");
    assertThat(report.path("summary").path("images").asInt()).isEqualTo(store.images().size());
    assertThat(Files.readString(directory.resolve("err"))).contains("problems.");
    assertThat(store.hashes()).isEqualTo(before);
    assertThat(bytes(Files.readString(out))).startsWith('{');
  }

  private int run(Path out, List<String> arguments) throws Exception {
    List<String> command = RegistryCommand.with("-Xmx64m");
    command.add("check");
    command.addAll(arguments);
    command.add("--report=-");
    return new ProcessBuilder(command)
        .redirectOutput(out.toFile())
        .redirectError(directory.resolve("err").toFile())
        .start()
        .waitFor();
  }
}
