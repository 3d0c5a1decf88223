package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.registry.testkit.ObservedRegistry;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestCertificates;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestImage;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.core.env.Environment;

/** The registry with TLS of its own, as docs/security.md sets it up. */
@Tag("external")
@Tag("slow")
class TlsHttpTest {
  /** More than the sockets on both sides keep. */
  private static final int LARGE = 32 * 1024 * 1024;

  @TempDir static Path store;
  @TempDir static Path directory;

  private static TestCertificates first;
  private static TestCertificates second;
  private static SSLContext trust;
  private static HttpClient client;
  private static RegistryServer server;

  @BeforeAll
  static void start() throws IOException, InterruptedException, GeneralSecurityException {
    first = TestCertificates.make(directory, "first");
    second = TestCertificates.make(directory, "second");
    trust = TestCertificates.trusting(first, second);
    first.write(directory.resolve("registry.crt"), directory.resolve("registry.key"));
    server =
        RegistryServer.start(
            ObservedRegistry.class,
            store,
            "--server.ssl.bundle=registry",
            "--management.server.port=0",
            "--management.server.ssl.enabled=false",
            "--spring.ssl.bundle.pem.registry.keystore.certificate="
                + directory.resolve("registry.crt").toUri(),
            "--spring.ssl.bundle.pem.registry.keystore.private-key="
                + directory.resolve("registry.key").toUri(),
            "--spring.ssl.bundle.pem.registry.reload-on-update=true",
            "--spring.ssl.bundle.watch.file.quiet-period=100ms");
    client = HttpClient.newBuilder().sslContext(trust).version(HttpClient.Version.HTTP_1_1).build();
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  @Test
  @Timeout(60)
  void aRenewedCertificateIsServedWithoutRestartAndWithoutBreakingADownload() throws Exception {
    byte[] layer = new byte[LARGE];
    new Random(5).nextBytes(layer);
    TestImage image = TestImage.of("tls", "", layer);
    push(image);
    assertThat(served()).isEqualTo(first.certificate());

    HttpResponse<InputStream> download =
        client.send(request(image.path("layer")).build(), BodyHandlers.ofInputStream());
    assertThat(download.headers().firstValue(ObservedRegistry.SENDFILE))
        .as("Tomcat reads the file itself also when it encrypts what it sends")
        .contains("true");
    try (InputStream body = download.body()) {
      byte[] begin = body.readNBytes(64 * 1024);
      second.write(directory.resolve("registry.crt"), directory.resolve("registry.key"));
      while (!served().equals(second.certificate())) {
        Thread.onSpinWait();
      }

      byte[] rest = body.readAllBytes();
      assertThat(begin.length + rest.length).isEqualTo(LARGE);
      assertThat(begin).isEqualTo(Arrays.copyOf(layer, begin.length));
      assertThat(Arrays.equals(rest, 0, rest.length, layer, begin.length, LARGE)).isTrue();
    }
    noSuiteOfTls12EncryptsInCbcMode();
    HttpResponse<byte[]> range =
        client.send(
            request(image.path("layer")).header("Range", "bytes=1000000-9999999").build(),
            BodyHandlers.ofByteArray());
    assertThat(range.statusCode()).isEqualTo(206);
    assertThat(range.body()).isEqualTo(Arrays.copyOfRange(layer, 1_000_000, 10_000_000));
  }

  @Test
  void noSuiteOfTls12EncryptsInCbcMode() throws IOException {
    assertThat(agreed("_GCM_")).contains("_GCM_");
    assertThatThrownBy(() -> agreed("_CBC_")).isInstanceOf(SSLException.class);
  }

  /** The suite of TLS 1.2 that a client with those only gets. */
  private static String agreed(String kind) throws IOException {
    try (SSLSocket socket =
        (SSLSocket) trust.getSocketFactory().createSocket("127.0.0.1", server.port())) {
      socket.setEnabledProtocols(new String[] {"TLSv1.2"});
      socket.setEnabledCipherSuites(
          Arrays.stream(socket.getSupportedCipherSuites())
              .filter(suite -> suite.contains(kind) && !suite.contains("_anon_"))
              .toArray(String[]::new));
      socket.startHandshake();
      return socket.getSession().getCipherSuite();
    }
  }

  @Test
  void theHostOfAnHttpsRequestIsToldBackWithItsPort() throws Exception {
    HttpResponse<byte[]> answer =
        send("PUT", "/v1/repositories/team/app/", BodyPublishers.ofString("[]"));

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("X-Docker-Endpoints"))
        .contains("localhost:" + server.port());
  }

  @Test
  void theHealthMayBeAskedWithoutTlsAtAPortOfItsOwn() {
    int port =
        server.bean(Environment.class).getRequiredProperty("local.management.port", Integer.class);

    assertThat(new TestClient(port).get("/actuator/health/readiness").text())
        .contains("\"status\":\"UP\"");
    assertThat(new TestClient(port).get("/v1/_ping").status()).isEqualTo(404);
  }

  private static void push(TestImage image) throws IOException, InterruptedException {
    assertThat(
            send("PUT", image.path("json"), BodyPublishers.ofByteArray(image.json())).statusCode())
        .isEqualTo(200);
    assertThat(
            send("PUT", image.path("layer"), BodyPublishers.ofByteArray(image.layer()))
                .statusCode())
        .isEqualTo(200);
    assertThat(
            send(
                    "PUT",
                    image.path("checksum"),
                    BodyPublishers.noBody(),
                    "X-Docker-Checksum-Payload",
                    image.checksum())
                .statusCode())
        .isEqualTo(200);
  }

  private static HttpResponse<byte[]> send(
      String method, String path, BodyPublisher body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request = request(path).method(method, body);
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), BodyHandlers.ofByteArray());
  }

  private static HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("https://localhost:" + server.port() + path))
        .timeout(Duration.ofSeconds(60));
  }

  /** The certificate that a new connection gets. */
  private static Certificate served() throws IOException {
    try (SSLSocket socket =
        (SSLSocket) trust.getSocketFactory().createSocket("127.0.0.1", server.port())) {
      socket.startHandshake();
      return socket.getSession().getPeerCertificates()[0];
    }
  }
}
