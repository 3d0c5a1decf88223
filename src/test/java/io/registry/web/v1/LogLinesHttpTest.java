package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.registry.storage.StorageException.Reason;
import io.registry.testkit.BrokenRegistry;
import io.registry.testkit.BrokenStorage;
import io.registry.testkit.BrokenStorage.Outcome;
import io.registry.testkit.PassingClock;
import io.registry.testkit.RawConnection;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestImage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** How much of the log a failure takes, and what is not worth a line. */
@ExtendWith(OutputCaptureExtension.class)
class LogLinesHttpTest {
  @TempDir Path store;

  @ParameterizedTest
  @EnumSource(names = {"FULL", "DENIED"})
  void aFailureOfTheStoreIsOneLineWithTheStackOnceAMinute(Reason reason, CapturedOutput output) {
    try (RegistryServer server = BrokenRegistry.startPassing(store)) {
      TestClient client = server.client();
      PassingClock clock = (PassingClock) server.bean(Clock.class);
      TestImage image = TestImage.base("base", "a layer");
      server.bean(BrokenStorage.class).fail(reason, (number, verb, key) -> Outcome.FAILED);
      for (int i = 0; i < 5; i++) {
        assertThat(image.putJson(client).status()).isEqualTo(reason == Reason.FULL ? 507 : 503);
      }

      assertThat(lines(output, "/json failed")).isEqualTo(5);
      assertThat(stacks(output)).isEqualTo(1);
      clock.pass(Duration.ofSeconds(61));
      assertThat(image.putJson(client).status()).isGreaterThan(500);
      assertThat(stacks(output)).isEqualTo(2);
    }
  }

  @Test
  void whatDaemonsAskAndTryAsAMatterOfCourseIsDebug(CapturedOutput output) throws IOException {
    try (RegistryServer server = RegistryServer.start(store, "--logging.level.io.registry=debug")) {
      TestClient client = server.client();
      TestImage image = TestImage.base("base", "a layer");
      assertThat(client.get(image.path("json")).status()).isEqualTo(404);
      assertThat(client.get(image.path("layer")).status()).isEqualTo(404);
      assertThat(client.head("/v2/foo/bar/blobs/sha256:" + image.id()).status()).isEqualTo(404);
      String hello =
          RawConnection.exchange(server.port(), "\u0016\u0003\u0001\u0002\u0000\r\n\r\n");
      assertThat(hello).startsWith("HTTP/1.1 400");
      await().until(() -> output.getOut().contains("a TLS hello, and this port has none"));
      assertThat(RawConnection.exchange(server.port(), "G\u0001T / HTTP/1.1\r\n\r\n"))
          .startsWith("HTTP/1.1 400");
      await().until(() -> output.getOut().contains("the request is malformed"));

      assertThat(level(output, "/json -> 404: the client asks whether it exists"))
          .isEqualTo("DEBUG");
      assertThat(level(output, "/blobs/sha256:" + image.id() + " -> 404")).isEqualTo("DEBUG");
      assertThat(level(output, "a TLS hello, and this port has none")).isEqualTo("DEBUG");
      assertThat(level(output, "/layer -> 404")).isEqualTo("INFO");
      assertThat(level(output, "the request is malformed")).isEqualTo("INFO");
    }
  }

  private static String level(CapturedOutput output, String text) {
    return output
        .getOut()
        .lines()
        .filter(line -> line.contains(text))
        .map(line -> line.replaceFirst("^\\S+ +(\\S+) .*", "$1"))
        .findFirst()
        .orElse("no line");
  }

  private static long stacks(CapturedOutput output) {
    return output
        .getOut()
        .lines()
        .filter(line -> line.startsWith("io.registry.storage.StorageException: "))
        .count();
  }

  private static long lines(CapturedOutput output, String text) {
    return output.getOut().lines().filter(line -> line.contains(text)).count();
  }
}
