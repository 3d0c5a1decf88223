package io.registry.operations.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.registry.testkit.PackagedRegistry;
import io.registry.testkit.RawConnection;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** The signals of docs/operate.md, sent to what was packaged. Those that end it come last. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SignalsIT {
  private static final int MEGABYTES = 24;

  @TempDir static Path directory;
  @TempDir static Path elsewhere;

  private static PackagedRegistry registry;
  private static PackagedRegistry other;
  private static TestClient client;

  @BeforeAll
  static void start() throws IOException {
    registry =
        PackagedRegistry.start(
            directory,
            "--logging.file.name=registry.log",
            "--registry.shutdown.delay=1s",
            "--logging.level.org.springframework.boot.tomcat.GracefulShutdown=info",
            "--registry.limits.concurrency.uploads=8",
            "--spring.lifecycle.timeout-per-shutdown-phase=1m");
    other = PackagedRegistry.start(elsewhere, "--registry.shutdown.stop-on-quit=true");
    client = new TestClient(registry.port());
  }

  @AfterAll
  static void stop() {
    registry.close();
    other.close();
  }

  @Test
  @Order(1)
  void ttinAndTtouRaiseAndLowerTheLimitsWhileItServes() throws IOException {
    registry.signal("TTIN");
    registry.awaitSaid(", uploads 10, ");
    registry.signal("TTOU");
    registry.awaitSaid(", uploads 8, ");
    registry.signal("TTOU");
    registry.awaitSaid(", uploads 6, ");
    assertThat(registry.said()).contains("Raised: metadata ", "Lowered: metadata ");
    assertThat(client.get("/v1/_ping").status()).isEqualTo(200);
  }

  @Test
  @Order(2)
  void usr1BeginsANewFileWhereTheLogWasRenamed() throws IOException {
    Path log = directory.resolve("registry.log");
    Path old = directory.resolve("registry.log.1");
    Files.move(log, old);
    assertThat(client.get("/v1/repositories/before/usr1/tags").status()).isEqualTo(404);
    assertThat(log).doesNotExist();

    registry.signal("USR1");
    registry.awaitSaid("Reopened registry.log");
    assertThat(client.get("/v1/repositories/after/usr1/tags").status()).isEqualTo(404);

    assertThat(Files.readString(old)).contains("before/usr1").doesNotContain("after/usr1");
    await().untilAsserted(() -> assertThat(Files.readString(log)).contains("after/usr1"));
  }

  @Test
  @Order(3)
  void chldWinchAndUsr2DoNothing() {
    registry.signal("CHLD");
    registry.signal("WINCH");
    registry.signal("USR2");
    assertThat(client.get("/v1/_ping").status()).isEqualTo(200);
    assertThat(registry.isAlive()).isTrue();
  }

  @Test
  @Order(4)
  void quitPrintsWhatTheThreadsDo() {
    registry.signal("QUIT");
    registry.awaitSaid("Full thread dump");
    assertThat(client.get("/v1/_ping").status()).isEqualTo(200);
  }

  @Test
  @Order(4)
  void quitStopsAtOnceWhereThatWasAskedFor() throws IOException {
    int port = other.port();
    other.awaitSaid("The signal QUIT ends the registry at once");
    TestImage image = TestImage.base("under way", "0123456789");
    assertThat(image.putJson(new TestClient(port)).status()).isEqualTo(200);
    try (RawConnection upload = upload(port, image)) {
      other.signal("QUIT");
      assertThat(other.awaitEnd()).isEqualTo(3);
      assertThat(upload.readHead()).isEmpty();
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("reset");
    }
    assertThat(other.said()).doesNotContain("Full thread dump");
  }

  @Test
  @Order(5)
  void termTurnsReadinessDownThenClosesThenFinishesWhatIsUnderWay() throws Exception {
    int port = client.port();
    byte[] layer = new byte[MEGABYTES * 1024 * 1024];
    Arrays.fill(layer, (byte) 'x');
    TestImage large = TestImage.of("download", "", layer).push(client);
    TestImage small = TestImage.base("upload", "0123456789");
    assertThat(small.putJson(client).status()).isEqualTo(200);
    try (RawConnection download = new RawConnection(port);
        RawConnection upload = upload(port, small)) {
      download.send("GET " + large.path("layer") + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertThat(download.readHead()).startsWith("HTTP/1.1 200");

      registry.signal("TERM");
      await().until(() -> client.get("/actuator/health/readiness").status() == 503);
      TestClient.Answer ping = client.get("/v1/_ping");
      assertThat(ping.status()).as("still served").isEqualTo(200);
      assertThat(ping.header("Connection")).isEqualTo("close");
      registry.awaitSaid("Waiting for 2 requests under way");
      await().until(() -> isClosed(client));
      registry.signal("TERM");
      registry.awaitSaid("Already stopping");
      assertThat(registry.isAlive()).isTrue();

      upload.send("56789");
      assertThat(upload.readHead()).startsWith("HTTP/1.1 200");
      // So Spring Boot says when no servlet is busy. The file is still being sent.
      registry.awaitSaid("Graceful shutdown complete");
      assertThat(download.in().readNBytes(layer.length)).isEqualTo(layer);
    }
    assertThat(registry.awaitEnd()).isZero();
  }

  private static boolean isClosed(TestClient client) {
    try {
      return client.get("/v1/_ping").status() == 0;
    } catch (UncheckedIOException e) {
      return true;
    }
  }

  // Half of it.
  private static RawConnection upload(int port, TestImage image) throws IOException {
    RawConnection connection = new RawConnection(port);
    connection.send(
        "PUT %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n01234"
            .formatted(image.path("layer")));
    return connection;
  }
}
