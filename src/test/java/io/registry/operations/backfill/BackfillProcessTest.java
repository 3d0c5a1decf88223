package io.registry.operations.backfill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.registry.operations.backfill.Backfills.Answer;
import io.registry.testkit.ChildProcess;
import io.registry.testkit.OriginalStore;
import io.registry.testkit.RegistryCommand;
import io.registry.testkit.RegistryServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command as a process of its own, as it is called from a script. */
@Tag("external")
@Tag("slow")
class BackfillProcessTest {
  @TempDir Path directory;
  private OriginalStore store;

  @BeforeEach
  void unpack() {
    store = OriginalStore.unpack(directory.resolve("store"));
  }

  private List<String> command(String... arguments) throws IOException {
    Path temporary = Files.createDirectories(directory.resolve("tmp"));
    List<String> command = RegistryCommand.with("-Xmx64m", "-Djava.io.tmpdir=" + temporary);
    command.addAll(List.of("backfill", "--registry.storage.local.path=" + store.root()));
    command.addAll(List.of(arguments));
    return command;
  }

  private ChildProcess start(String... arguments) throws IOException {
    return new ChildProcess(command(arguments), directory, directory.resolve("said"));
  }

  private long layersKnown() {
    return store.hashes().keySet().stream()
        .filter(file -> file.matches("_v2/images/../[0-9a-f]+/layer"))
        .count();
  }

  @Test
  void whatWasKilledGoesOnWhereItWas() throws Exception {
    try (ChildProcess slow = start("--rate=15KB")) {
      await().until(() -> layersKnown() > 3);
    }
    long known = layersKnown();

    Answer rest = Backfills.run(store);

    OriginalStore undisturbed = OriginalStore.unpack(directory.resolve("undisturbed"));
    Answer whole = Backfills.run(undisturbed);
    assertThat(rest.status()).isZero();
    assertThat(rest.count("layersRead")).isPositive().isEqualTo(whole.count("layersRead") - known);
    assertThat(Backfills.contents(store.root())).isEqualTo(Backfills.contents(undisturbed.root()));
  }

  @Test
  void twoAtOnceMakeTheSameBytesAsOne() throws Exception {
    OriginalStore alone = OriginalStore.unpack(directory.resolve("alone"));
    Backfills.run(alone);
    List<Process> both = new ArrayList<>();
    for (String name : List.of("one", "two")) {
      both.add(
          new ProcessBuilder(
                  command("--rate=40KB", "--report=" + directory.resolve(name + ".jsonl")))
              .redirectErrorStream(true)
              .redirectOutput(directory.resolve(name).toFile())
              .start());
    }
    for (Process each : both) {
      assertThat(each.waitFor()).isZero();
    }

    long prepared = 0;
    for (String name : List.of("one", "two")) {
      prepared += Backfills.parse(directory.resolve(name + ".jsonl")).count("preparedNow");
    }
    // Otherwise one of them had nothing to do, and the test says nothing.
    assertThat(prepared).isGreaterThan(9);
    assertThat(Backfills.contents(store.root())).isEqualTo(Backfills.contents(alone.root()));
    assertThat(Backfills.run(store).count("layersRead")).isZero();
  }

  @Test
  void itEndsWithAStatusAndHasNothingButTheReportOnItsStandardOutput() throws Exception {
    store.write("repositories/library/solo/tag_-x", "0".repeat(64));
    Path out = directory.resolve("out");

    Process process =
        new ProcessBuilder(command("--report=-", "--logging.level.root=debug"))
            .redirectOutput(out.toFile())
            .redirectError(directory.resolve("err").toFile())
            .start();

    assertThat(process.waitFor()).isEqualTo(1);
    assertThat(Files.readAllLines(out)).hasSize(2).allMatch(line -> line.startsWith("{\"code\":"));
    assertThat(directory.resolve("err")).content().contains("1 findings.");
    assertThat(directory.resolve("tmp")).isEmptyDirectory();
  }

  @Test
  void aStoreThatIsOnlyReadIsPreparedInADirectoryOfItsOwn() throws Exception {
    Map<String, String> before = store.hashes();
    Path derived = directory.resolve("derived");
    String[] settings = {"--registry.read-only=true", "--registry.v2.directory=" + derived};

    Process dry = new ProcessBuilder(command(settings[0], settings[1], "--dry-run")).start();
    assertThat(dry.waitFor()).isZero();
    assertThat(derived).doesNotExist();
    Process process = new ProcessBuilder(command(settings)).start();

    assertThat(process.waitFor()).isZero();
    assertThat(store.hashes()).isEqualTo(before);
    Map<String, String> prepared = Backfills.hashes(derived);
    assertThat(Backfills.contents(derived)).isNotEmpty();
    try (RegistryServer server = RegistryServer.start(store.root(), settings)) {
      assertThat(server.client().get("/v2/solo/manifests/latest").status()).isEqualTo(200);
    }
    assertThat(Backfills.hashes(derived)).isEqualTo(prepared);
  }
}
