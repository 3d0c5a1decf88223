package io.registry.operations.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.registry.testkit.PackagedRegistry;
import io.registry.testkit.RawConnection;
import io.registry.testkit.SigningKeyPair;
import io.registry.testkit.TestCertificates;
import io.registry.testkit.TestImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** HUP, sent to what was packaged: with TLS, and with a privileged key for all that it is asked. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class HangUpIT {
  private static final String SETTINGS =
      """
      registry:
        index:
          mode: remote
          remote:
            endpoint: http://127.0.0.1:1
        auth:
          privileged-keys: [%s]
        limits:
          json-size: %s
          head-timeout: 2s
      logging:
        level:
          io.registry: %s
      server:
        ssl:
          bundle: own
      spring:
        ssl:
          bundle:
            pem:
              own:
                keystore:
                  certificate: file:server.crt
                  private-key: file:server.key
      """;

  @TempDir static Path directory;

  private static final SigningKeyPair OLD_KEY = new SigningKeyPair();
  private static final SigningKeyPair NEW_KEY = new SigningKeyPair();

  private static TestCertificates oldCertificate;
  private static TestCertificates newCertificate;
  private static PackagedRegistry registry;
  private static int port;

  @BeforeAll
  static void start() throws Exception {
    oldCertificate = TestCertificates.make(directory, "old");
    newCertificate = TestCertificates.make(directory, "new");
    show(oldCertificate);
    OLD_KEY.writePublicKey(directory.resolve("old.pem"));
    set("old.pem", "8MB", "info");
    registry = PackagedRegistry.start(directory);
    port = registry.port();
  }

  @AfterAll
  static void stop() {
    registry.close();
  }

  @Test
  @Order(0)
  void aHandshakeThatComesByteByByteIsCut() throws Exception {
    try (RawConnection client = new RawConnection(port)) {
      // A record of TLS that says that 512 bytes follow.
      client.send("\u0016\u0003\u0001\u0002\u0000");
      await()
          .pollInterval(Duration.ofMillis(100))
          .atMost(Duration.ofSeconds(30))
          .until(() -> isCut(client));
    }
  }

  private static boolean isCut(RawConnection client) {
    try {
      client.send("\u0001");
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  @Test
  @Order(1)
  void hupTakesOverAllThatIsSetAnewOrNothingAndNoConnectionNoticesIt() throws Exception {
    SSLContext old = TestCertificates.trusting(oldCertificate);
    SSLContext renewed = TestCertificates.trusting(newCertificate);
    TestImage image = TestImage.base("image", "0123456789");
    assertThat(ask(old, "PUT", image.path("json"), OLD_KEY, text(image.json())))
        .startsWith("HTTP/1.1 200");
    try (RawConnection upload = RawConnection.secured(port, old);
        RawConnection idle = RawConnection.secured(port, old)) {
      assertThat(ping(idle)).startsWith("HTTP/1.1 200");
      upload.send(head("PUT", image.path("layer"), OLD_KEY, 10) + "01234");

      mistakesChangeNothing(old, image);

      NEW_KEY.writePublicKey(directory.resolve("new.pem"));
      show(newCertificate);
      set("new.pem", "20B", "debug");
      registry.signal("HUP");
      registry.awaitSaid("Changed: log levels of [io.registry]");
      registry.awaitSaid("Changed: certificates of [own]");
      registry.awaitSaid("Changed: privileged keys: [new.pem]");
      registry.awaitSaid("Changed: limits (at the same time: metadata ");

      assertThat(ping(idle)).startsWith("HTTP/1.1 200");
      assertThatThrownBy(() -> RawConnection.secured(port, old)).isInstanceOf(SSLException.class);
      assertThat(ask(renewed, "PUT", image.path("json"), OLD_KEY, "{}")).startsWith("HTTP/1.1 401");
      assertThat(ask(renewed, "PUT", image.path("json"), NEW_KEY, text(image.json())))
          .startsWith("HTTP/1.1 413");

      upload.send("56789");
      assertThat(upload.readHead()).startsWith("HTTP/1.1 200");
    }
    whatCannotChangeIsNamed();
  }

  @Test
  @Order(2)
  void theSecondIntDoesNotWaitForWhatIsUnderWay() throws Exception {
    SSLContext trust = TestCertificates.trusting(newCertificate);
    String path = TestImage.id("other");
    try (RawConnection upload = RawConnection.secured(port, trust)) {
      upload.send(head("PUT", "/v1/images/" + path + "/json", NEW_KEY, 10) + "{");
      registry.signal("INT");
      registry.awaitSaid("Waiting for 1 requests under way");
      assertThat(registry.isAlive()).isTrue();

      registry.signal("INT");
      assertThat(registry.awaitEnd()).isEqualTo(130);
      assertThat(registry.said()).contains("Stopped at once");
    }
  }

  private static void mistakesChangeNothing(SSLContext old, TestImage image) throws Exception {
    set("old.pem", "100MB", "debug");
    registry.signal("HUP");
    registry.awaitSaid(
        "registry.limits.json-size must be at least 1B and at most 64MB, not 104857600B");
    set("missing.pem", "20B", "debug");
    registry.signal("HUP");
    registry.awaitSaid("missing.pem of registry.auth.privileged-keys cannot be read");
    Files.writeString(directory.resolve("application.yml"), "registry: [secret");
    registry.signal("HUP");
    registry.awaitSaid("line 1, column ");
    assertThat(registry.said()).contains("cannot be applied").doesNotContain("Changed:", "secret");
    assertThat(ask(old, "PUT", image.path("json"), OLD_KEY, text(image.json())))
        .startsWith("HTTP/1.1 200");
  }

  private static void whatCannotChangeIsNamed() throws IOException {
    Files.writeString(
        directory.resolve("application.yml"),
        Files.readString(directory.resolve("application.yml"))
            .replace("registry:\n", "registry:\n  issue: secret\n"));
    registry.signal("HUP");
    registry.awaitSaid("Changed, but applied only after a restart: [registry.issue]");
  }

  private static void show(TestCertificates certificate) throws Exception {
    certificate.write(directory.resolve("server.crt"), directory.resolve("server.key"));
  }

  private static void set(String key, String jsonSize, String level) throws IOException {
    Files.writeString(
        directory.resolve("application.yml"), SETTINGS.formatted(key, jsonSize, level));
  }

  private static String ping(RawConnection connection) throws IOException {
    connection.send("GET /v1/_ping HTTP/1.1\r\nHost: localhost\r\n\r\n");
    String head = connection.readHead();
    assertThat(connection.read(2)).isEqualTo("{}");
    return head;
  }

  private static String ask(
      SSLContext trust, String method, String path, SigningKeyPair key, String body)
      throws IOException {
    try (RawConnection connection = RawConnection.secured(port, trust)) {
      connection.send(head(method, path, key, body.length()) + body);
      return connection.readHead();
    }
  }

  private static String head(String method, String path, SigningKeyPair key, int length) {
    return "%s %s HTTP/1.1\r\nHost: localhost\r\nX-Signature: %s\r\nContent-Length: %d\r\n\r\n"
        .formatted(method, path, key.signText(method + "," + path), length);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }
}
