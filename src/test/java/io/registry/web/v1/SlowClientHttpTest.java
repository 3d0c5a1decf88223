package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.testkit.RawConnection;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestImage;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Clients that keep a connection by sending or taking a byte now and then, and honest slow ones.
 */
class SlowClientHttpTest {
  /** Far longer than any of the settings; a drip goes on so long when nobody cuts it. */
  private static final Duration LONG = Duration.ofSeconds(20);

  private static final long PAUSE_MILLIS = 100;

  @TempDir static Path store;
  private static RegistryServer server;

  @BeforeAll
  static void start() {
    server =
        RegistryServer.start(
            store,
            "--registry.limits.head-timeout=1s",
            "--registry.limits.json-timeout=1s",
            "--registry.limits.transfer-rate=1KB",
            "--registry.limits.transfer-window=1s");
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void aHeadThatComesByteByByteIsCut() throws Exception {
    try (RawConnection client = new RawConnection(server.port())) {
      client.send("GET /v1/_ping HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
      assertThat(isCutWhileItDrips(client, "x")).isTrue();
    }
  }

  @Test
  void emptyLinesBeforeAHeadAreNoWayAroundThat() throws Exception {
    try (RawConnection client = new RawConnection(server.port())) {
      assertThat(isCutWhileItDrips(client, "\r\n")).isTrue();
    }
  }

  @Test
  void theSecondHeadOfAConnectionIsBoundedAsTheFirst() throws Exception {
    try (RawConnection client = new RawConnection(server.port())) {
      client.send("GET /v1/_ping HTTP/1.1\r\nHost: localhost\r\n\r\nGET /v1/_pi");
      assertThat(client.readHead()).startsWith("HTTP/1.1 200");
      assertThat(client.read(2)).isEqualTo("{}");
      assertThat(isCutWhileItDrips(client, "n")).isTrue();
    }
  }

  @Test
  void aHeadInPiecesWithinTheTimeIsServedAndSoIsTheNextOneAfterAPause() throws Exception {
    try (RawConnection client = new RawConnection(server.port())) {
      for (int i = 0; i < 2; i++) {
        for (String piece : List.of("GET /v1/_ping HTTP/1.1\r\n", "Host: localhost\r\n", "\r\n")) {
          client.send(piece);
          Thread.sleep(PAUSE_MILLIS);
        }
        assertThat(client.readHead()).startsWith("HTTP/1.1 200");
        assertThat(client.read(2)).isEqualTo("{}");
        Thread.sleep(1_500);
      }
    }
  }

  @Test
  void aJsonThatComesByteByByteIsCut() throws Exception {
    String path = "/v1/images/" + TestImage.id("json") + "/json";
    try (RawConnection client = new RawConnection(server.port())) {
      client.send(
          "PUT " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n{");
      assertThat(isCutWhileItDrips(client, " ")).isTrue();
    }
  }

  @Test
  void theBodyOfWhatWasRefusedIsNotWaitedForEither() throws Exception {
    String path = "/v1/images/" + TestImage.id("unknown") + "/layer";
    try (RawConnection client = new RawConnection(server.port())) {
      client.send("PUT " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n");
      assertThat(client.readHead()).startsWith("HTTP/1.1 404");
      assertThat(isCutWhileItDrips(client, "x")).isTrue();
    }
  }

  @Test
  void anUploadThatHardlyGetsOnIsCutAndASlowOneIsNot() throws Exception {
    byte[] layer = new byte[12_000];
    TestImage image = TestImage.of("upload", "", layer);
    TestClient http = server.client();
    assertThat(image.putJson(http).status()).isEqualTo(200);
    String head =
        "PUT %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n"
            .formatted(image.path("layer"), layer.length);
    try (RawConnection client = new RawConnection(server.port())) {
      client.send(head);
      assertThat(isCutWhileItDrips(client, "x")).isTrue();
    }
    try (RawConnection client = new RawConnection(server.port())) {
      client.send(head);
      // Four times as fast as it has to be, and three times as long as the window.
      for (int sent = 0; sent < layer.length; sent += 400) {
        client.out().write(layer, sent, 400);
        Thread.sleep(PAUSE_MILLIS);
      }
      assertThat(client.readHead()).startsWith("HTTP/1.1 200");
    }
    assertThat(image.putChecksum(http).status()).isEqualTo(200);
  }

  @Test
  void aDownloadThatIsHardlyTakenIsCutAndASlowOneIsNot() throws Exception {
    byte[] layer = new byte[24 * 1024 * 1024];
    Arrays.fill(layer, (byte) 'x');
    TestImage image = TestImage.of("download", "", layer).push(server.client());
    String get = "GET " + image.path("layer") + " HTTP/1.0\r\n\r\n";
    try (RawConnection client = new RawConnection(server.port())) {
      client.send(get);
      assertThat(client.readHead()).startsWith("HTTP/1.1 200");
      Thread.sleep(4_000);
      assertThat(readRest(client, 0)).isLessThan(layer.length);
    }
    try (RawConnection client = new RawConnection(server.port())) {
      client.send(get);
      assertThat(client.readHead()).startsWith("HTTP/1.1 200");
      assertThat(readRest(client, PAUSE_MILLIS)).isEqualTo(layer.length);
    }
  }

  // Slow are the first 32 pieces only.
  private static long readRest(RawConnection client, long pauseMillis) throws Exception {
    InputStream in = client.in();
    long count = 0;
    try {
      byte[] piece = new byte[256 * 1024];
      for (int read = in.readNBytes(piece, 0, piece.length);
          read > 0;
          read = in.readNBytes(piece, 0, piece.length)) {
        count += read;
        if (count <= 32L * piece.length) {
          Thread.sleep(pauseMillis);
        }
      }
    } catch (SocketException e) {
      return count;
    }
    return count;
  }

  // The server closes, which writing tells after a while.
  private static boolean isCutWhileItDrips(RawConnection client, String drop) throws Exception {
    long end = System.nanoTime() + LONG.toNanos();
    try {
      while (System.nanoTime() < end) {
        client.send(drop);
        Thread.sleep(PAUSE_MILLIS);
      }
    } catch (IOException e) {
      return true;
    }
    return false;
  }
}
