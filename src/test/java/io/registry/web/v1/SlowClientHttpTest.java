package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.registry.testkit.RawConnection;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestImage;
import io.registry.testkit.Together;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Clients that keep a connection by sending or taking a byte now and then, and honest slow ones.
 */
@Tag("slow")
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
            "--registry.limits.upload-idle=1s",
            "--registry.limits.transfer-rate=1KB",
            "--registry.limits.transfer-window=1s");
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void whoeverDripsIsCut() throws Exception {
    TestImage upload = TestImage.of("dripped", "", new byte[0]);
    assertThat(upload.putJson(server.client()).status()).isEqualTo(200);
    String json = "/v1/images/" + TestImage.id("json") + "/json";
    Together.run(
        List.of(
            () -> cut("a head", "GET /v1/_ping HTTP/1.1\r\nHost: localhost\r\nX-Slow: ", "", "x"),
            () -> cut("empty lines before a head", "", "", "\r\n"),
            () ->
                cut(
                    "the second head of a connection",
                    "GET /v1/_ping HTTP/1.1\r\nHost: localhost\r\n\r\nGET /v1/_pi",
                    "HTTP/1.1 200",
                    "n"),
            () -> cut("a JSON", put(json, 100_000) + "{", "", " "),
            () ->
                cut(
                    "the body of what was refused",
                    put(TestImage.base("unknown", "").path("layer"), 100_000),
                    "HTTP/1.1 404",
                    "x"),
            () ->
                cut(
                    "a body that was not asked for",
                    put("/v1/_ping", 100_000)
                        .replace("PUT", "GET")
                        .replace("Content", "Expect: 100-continue\r\nContent"),
                    "HTTP/1.1 200",
                    "x"),
            () -> cut("an upload", put(upload.path("layer"), 100_000), "", "x")));
  }

  @Test
  void whoeverDripsAroundTheChunksOfABodyIsCut() throws Exception {
    TestImage upload = TestImage.of("chunked", "", new byte[0]);
    assertThat(upload.putJson(server.client()).status()).isEqualTo(200);
    String json = "/v1/images/" + TestImage.id("chunks") + "/json";
    String trailer = "1\r\n{\r\n0\r\nX-Slow: ";
    Together.run(
        List.of(
            () -> cut("an extension in a JSON", chunked("PUT", json) + "1;", "", "x"),
            () -> cut("a trailer after a JSON", chunked("PUT", json) + trailer, "", "x"),
            () ->
                cut(
                    "an extension in a layer",
                    chunked("PUT", upload.path("layer")) + "1;",
                    "",
                    "x"),
            () ->
                cut(
                    "a trailer after a layer",
                    chunked("PUT", upload.path("layer")) + trailer,
                    "",
                    "x"),
            () ->
                cut(
                    "a trailer after what nobody reads",
                    chunked("GET", "/v1/_ping") + trailer,
                    "HTTP/1.1 200",
                    "x")));
    MeterRegistry meters = server.bean(MeterRegistry.class);
    await()
        .until(
            () ->
                meters.get("registry.limits.in.use").gauges().stream()
                    .allMatch(places -> places.value() == 0));
  }

  @Test
  void whoIsSlowAndHonestIsServed() throws Exception {
    byte[] layer = new byte[8_000];
    TestImage image = TestImage.of("upload", "", layer);
    assertThat(image.putJson(server.client()).status()).isEqualTo(200);
    Together.run(List.of(SlowClientHttpTest::headsInPieces, () -> uploadSlowly(image)));
    assertThat(image.putChecksum(server.client()).status()).isEqualTo(200);
  }

  @Test
  void aDownloadThatIsHardlyTakenIsCutAndASlowOneIsNot() throws Exception {
    byte[] layer = new byte[24 * 1024 * 1024];
    Arrays.fill(layer, (byte) 'x');
    TestImage image = TestImage.of("download", "", layer).push(server.client());
    String get = "GET " + image.path("layer") + " HTTP/1.0\r\n\r\n";
    try (RawConnection stalled = new RawConnection(server.port());
        RawConnection slow = new RawConnection(server.port())) {
      stalled.send(get);
      slow.send(get);
      assertThat(stalled.readHead()).startsWith("HTTP/1.1 200");
      assertThat(slow.readHead()).startsWith("HTTP/1.1 200");
      // Three times as long as the window.
      assertThat(readRest(slow, PAUSE_MILLIS)).isEqualTo(layer.length);
      assertThat(readRest(stalled, 0)).isLessThan(layer.length);
    }
  }

  // The second one after a pause that is longer than a head may take.
  private static void headsInPieces() throws Exception {
    try (RawConnection client = new RawConnection(server.port())) {
      for (int i = 0; i < 2; i++) {
        for (String piece : List.of("GET /v1/_ping HTTP/1.1\r\n", "Host: localhost\r\n", "\r\n")) {
          client.send(piece);
          Thread.sleep(PAUSE_MILLIS);
        }
        assertThat(client.readHead()).startsWith("HTTP/1.1 200");
        assertThat(client.read(2)).isEqualTo("{}");
        Thread.sleep(1_200);
      }
    }
  }

  // Four times as fast as it has to be, and twice as long as the window.
  private static void uploadSlowly(TestImage image) throws Exception {
    try (RawConnection client = new RawConnection(server.port())) {
      client.send(put(image.path("layer"), image.layer().length));
      for (int sent = 0; sent < image.layer().length; sent += 400) {
        client.out().write(image.layer(), sent, 400);
        Thread.sleep(PAUSE_MILLIS);
      }
      assertThat(client.readHead()).startsWith("HTTP/1.1 200");
    }
  }

  private static void cut(String what, String begin, String answer, String drop) throws Exception {
    try (RawConnection client = new RawConnection(server.port())) {
      client.send(begin);
      if (!answer.isEmpty()) {
        assertThat(client.readHead()).as(what).startsWith(answer);
      }
      assertThat(isCutWhileItDrips(client, drop)).as(what).isTrue();
    }
  }

  private static String put(String path, int length) {
    return "PUT %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n"
        .formatted(path, length);
  }

  private static String chunked(String method, String path) {
    return "%s %s HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
        .formatted(method, path);
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
