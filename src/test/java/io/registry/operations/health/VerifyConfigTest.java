package io.registry.operations.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.RegistryApplication;
import io.registry.operations.command.Commands;
import io.registry.operations.command.Console;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestDatabase;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** {@code verify-config}: what stops a start stops it, and it leaves nothing behind. */
@ExtendWith(OutputCaptureExtension.class)
class VerifyConfigTest {
  @TempDir Path directory;

  @Test
  void whatWouldStartIsFineAndNothingIsWritten(CapturedOutput output) {
    assertThat(
            run(
                "--registry.index.mode=embedded",
                "--registry.search.enabled=true",
                "--registry.readiness.file=" + directory.resolve("ready"),
                "--logging.file.name=" + directory.resolve("log"),
                "--spring.datasource.url=" + TestDatabase.h2(directory.resolve("index/registry"))))
        .isZero();

    assertThat(output.getOut())
        .contains("The registry would start: store local (" + directory + "/store), mode embedded");
    assertThat(output.getAll()).doesNotContain("There was no admin");
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void aRegistryThatRunsWithTheSameSettingsIsLeftAlone() {
    String[] settings = {
      "--registry.index.mode=embedded",
      "--registry.storage.local.path=" + directory.resolve("store"),
      "--spring.datasource.url=" + TestDatabase.h2(directory.resolve("index/registry"))
    };
    try (RegistryServer server = RegistryServer.startWith(settings)) {
      List<String> all =
          Stream.concat(Arrays.stream(settings), Stream.of("--server.port=" + server.port()))
              .toList();
      assertThat(run(all)).isZero();
      assertThat(server.client().get("/v1/_ping").status()).isEqualTo(200);
    }
  }

  @Test
  void aCertificateThatIsNotThereIsNamed(CapturedOutput output) {
    assertThat(
            run(
                "--server.ssl.bundle=own",
                "--spring.ssl.bundle.pem.own.keystore.certificate=file:/no/cert.pem",
                "--spring.ssl.bundle.pem.own.keystore.private-key=file:/no/key.pem"))
        .isEqualTo(1);

    assertThat(output.getAll()).contains("/no/cert.pem").contains("would not start");
  }

  @Test
  void aDatabaseThatDoesNotAnswerIsNamedWithTheRemedy(CapturedOutput output) {
    assertThat(
            run(
                "--registry.index.mode=embedded",
                "--spring.datasource.url=jdbc:postgresql://127.0.0.1:9/registry"))
        .isEqualTo(1);

    assertThat(output.getAll())
        .contains("spring.datasource.url: the database cannot be used")
        .contains("Check spring.datasource.url, .username and .password");
  }

  @Test
  void aKeyThatIsNotThereIsNamed(CapturedOutput output) {
    assertThat(run("--registry.auth.privileged-keys=/no/key.pem")).isEqualTo(1);

    assertThat(output.getAll()).contains("registry.auth.privileged-keys").contains("Action:");
  }

  @Test
  void aMisspeltSettingAndAWordAreRefused(CapturedOutput output) {
    assertThat(run("--registry.indx.mode=embedded")).isEqualTo(1);
    assertThat(output.getAll()).contains("did you mean registry.index.mode?");

    assertThat(run("file.yml")).isEqualTo(2);
    assertThat(output.getAll()).contains("Usage: java -jar registry.jar verify-config");
  }

  private int run(String... arguments) {
    return run(
        Stream.concat(
                Arrays.stream(arguments),
                Stream.of("--registry.storage.local.path=" + directory.resolve("store")))
            .toList());
  }

  private static int run(List<String> arguments) {
    return new Commands(List.of(new VerifyConfig(RegistryApplication.class)), Console.ofProcess())
        .run(Stream.concat(Stream.of("verify-config"), arguments.stream()).toList())
        .orElseThrow();
  }
}
