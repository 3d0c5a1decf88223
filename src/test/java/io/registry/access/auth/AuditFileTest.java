package io.registry.access.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.registry.platform.json.JsonCodec;
import io.registry.testkit.PassingClock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** The audit in a file of its own, in which a cut is seen. */
class AuditFileTest {
  private static final AuditActor ANNA = new AuditActor("user:anna", "192.0.2.1");

  private final PassingClock clock = new PassingClock(Instant.parse("2026-11-25T12:00:00Z"));

  @TempDir Path folder;

  @Test
  void eachEventIsALineOfJsonWithAHash() throws Exception {
    Path file = folder.resolve("logs/audit.json");
    audit(
        file,
        audit -> {
          audit.signInFailed(AuditActor.claiming("a\n\"b", "192.0.2.1"), "wrong");
          audit.passwordChanged(ANNA, "anna");
        });

    assertThat(Files.readAllLines(file).get(0))
        .startsWith(
            "{\"event\": \"sign-in\", \"from\": \"192.0.2.1\", \"outcome\": \"failure\","
                + " \"reason\": \"wrong\", \"time\": \"2026-11-25T12:00:00Z\","
                + " \"who\": \"user:a\\n\\\"b\", \"hash\": \"");
    assertThat(isWhole(Files.readAllLines(file))).isTrue();
  }

  @Test
  void aRestartAndANewFileContinueTheChainAndACutIsSeen() throws Exception {
    Path file = folder.resolve("audit.json");
    for (int run = 0; run < 3; run++) {
      audit(
          file,
          audit -> {
            audit.passwordChanged(ANNA, "anna");
            audit.accountChanged(ANNA, "bert", "created");
          });
    }
    List<String> lines = Files.readAllLines(file);
    assertThat(lines).hasSize(6);
    assertThat(isWhole(lines)).isTrue();
    for (int cut = 0; cut < 5; cut++) {
      List<String> rest = new ArrayList<>(lines);
      rest.remove(cut);
      assertThat(isWhole(rest)).as("without line " + cut).isFalse();
    }
    assertThat(isWhole(lines.stream().map(line -> line.replace("bert", "cleo")).toList()))
        .isFalse();

    try (AuditFile open = new AuditFile(file, new JsonCodec())) {
      Files.move(file, folder.resolve("audit.1.json"));
      assertThat(open.reopen()).isEqualTo(file);
    }
    assertThat(file).isEmptyFile();
  }

  @Test
  void aLineThatACrashCutOffIsNotTakenForAnother() throws Exception {
    Path file = folder.resolve("audit.json");
    audit(file, audit -> audit.passwordChanged(ANNA, "anna"));
    String whole = Files.readString(file);
    Files.writeString(file, whole + "{\"time\": \"2026");
    audit(file, audit -> audit.passwordChanged(ANNA, "bert"));

    List<String> lines = Files.readAllLines(file);
    assertThat(lines).hasSize(3);
    assertThat(isWhole(List.of(lines.get(0), lines.get(2)))).isTrue();
  }

  @Test
  void aFileOfSomethingElseIsNotContinued() throws IOException {
    Path file = Files.writeString(folder.resolve("notes.txt"), "notes\n");
    assertThatThrownBy(() -> new AuditFile(file, new JsonCodec()))
        .hasMessageContaining("registry.auth.audit.file");
    assertThat(file).hasContent("notes");
  }

  /** By the words of docs/security.md. */
  private static boolean isWhole(List<String> lines) throws GeneralSecurityException {
    String before = "0".repeat(64);
    for (String line : lines) {
      int at = line.lastIndexOf(", \"hash\": \"");
      byte[] hashed =
          MessageDigest.getInstance("SHA-256")
              .digest((before + line.substring(0, at)).getBytes(StandardCharsets.UTF_8));
      before = HexFormat.of().formatHex(hashed);
      if (!line.endsWith(before + "\"}")) {
        return false;
      }
    }
    return true;
  }

  private void audit(Path file, Consumer<Audit> told) {
    new ApplicationContextRunner()
        .withConfiguration(AutoConfigurations.of(AuditConfiguration.class))
        .withBean(Clock.class, () -> clock)
        .withBean(JsonCodec.class, JsonCodec::new)
        .withPropertyValues("registry.auth.audit.file=" + file)
        .run(context -> told.accept(context.getBean(Audit.class)));
  }
}
