package io.registry.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.registry.RegistryApplication;
import io.registry.platform.problem.SetupException;
import io.registry.testkit.RegistryServer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** What the start says when the store is not set up. */
@ExtendWith(OutputCaptureExtension.class)
class StorageSetupTest {

  @ParameterizedTest
  @ValueSource(strings = {"s3,gcs", "local,s3", "gcs,local"})
  void moreThanOneStoreIsRefused(String profiles, CapturedOutput output) {
    assertThatExceptionOfType(SetupException.class)
        .isThrownBy(() -> run("--spring.profiles.active=" + profiles));

    assertThat(output)
        .contains("APPLICATION FAILED TO START")
        .contains("spring.profiles.active: names more than one store")
        .contains("Leave one of local, s3 and gcs");
  }

  @Test
  void aMissingBucketIsNamed(CapturedOutput output) {
    assertThatCode(() -> run("--spring.profiles.active=s3")).isInstanceOf(RuntimeException.class);

    assertThat(output)
        .contains("APPLICATION FAILED TO START")
        .contains("registry.storage.s3.bucket")
        .contains("must name the bucket that holds the store");
  }

  @Test
  void theLocalStoreMayBeNamed(@TempDir Path store) {
    try (RegistryServer server = RegistryServer.start(store, "--spring.profiles.active=local")) {
      assertThat(server.bean(BlobStorage.class).describe()).startsWith("local (");
      assertThat(server.client().get("/actuator/health/readiness").status()).isEqualTo(200);
      assertThat(server.client().get("/actuator/health").text())
          .contains("\"storage\"")
          .doesNotContain(store.toString());
      assertThat(server.client().get("/actuator").text()).doesNotContain("env");
      assertThat(server.client().get("/actuator/env").status()).isEqualTo(404);
    }
  }

  private static void run(String... arguments) {
    SpringApplication.run(RegistryApplication.class, arguments).close();
  }
}
