package io.registry.operations.health;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestCertificates;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.mock.env.MockEnvironment;

/** The probe as its own process, against a server that says what the test wants. */
@Tag("external")
class HealthProbeTest {
  @Test
  void whoIsReadyGetsZero() throws Exception {
    assertThat(exitCode(200)).isZero();
  }

  @Test
  void whoIsNotReadyOrSomethingElseGetsOne() throws Exception {
    assertThat(exitCode(503)).isOne();
    assertThat(exitCode(404)).isOne();
    assertThat(exitCode(302)).isOne();
  }

  @Test
  void whoIsNotThereGetsOne() throws Exception {
    HttpServer server = server(() -> 200);
    int port = server.getAddress().getPort();
    server.stop(0);

    assertThat(probe(Map.of("SERVER_PORT", String.valueOf(port)))).isOne();
    assertThat(probe(Map.of("SERVER_PORT", "none"))).isOne();
  }

  @Test
  void thePortIsThatOfTheRegistry() {
    assertThat(HealthProbe.defaultUrl(Map.of()))
        .isEqualTo("http://127.0.0.1:5000/actuator/health/readiness");
    assertThat(HealthProbe.defaultUrl(Map.of("SERVER_PORT", "5001"))).contains(":5001/");
    assertThat(
            HealthProbe.defaultUrl(Map.of("SERVER_PORT", "5001", "MANAGEMENT_SERVER_PORT", "5002")))
        .contains(":5002/");
  }

  @Test
  void itWaitsForWhoGetsReady() throws Exception {
    AtomicInteger status = new AtomicInteger(503);
    AtomicInteger questions = new AtomicInteger();
    HttpServer server =
        server(
            () -> {
              if (questions.incrementAndGet() == 3) {
                status.set(200);
              }
              return status.get();
            });
    try {
      assertThat(probe(port(server), "--wait=60")).isZero();
      assertThat(questions).hasValue(3);
    } finally {
      server.stop(0);
    }
  }

  @Test
  void itWaitsForNobodyWhoseTimeIsUpOrWhoHasEnded() throws Exception {
    Process ended = new ProcessBuilder("true").start();
    ended.waitFor();

    assertThat(probe(Map.of("SERVER_PORT", "1"), "--wait=0")).isOne();
    assertThat(probe(Map.of("SERVER_PORT", "1"), "--wait=600", "--process=" + ended.pid())).isOne();
  }

  @Test
  void whereTheRegistrySaysThatItListensItIsAsked(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("readiness");
    Path certificate = folder.resolve("certificate.pem");
    Path key = folder.resolve("key.pem");
    TestCertificates.make(folder, "registry").write(certificate, key);
    try (RegistryServer server =
        RegistryServer.start(
            folder.resolve("store"),
            "--registry.readiness.file=" + file,
            "--management.server.port=0",
            "--management.server.base-path=/watch",
            "--management.server.ssl.certificate=" + certificate,
            "--management.server.ssl.certificate-private-key=" + key)) {
      assertThat(Files.readString(file))
          .startsWith("https://127.0.0.1:")
          .doesNotContain(":" + server.port() + "/")
          .endsWith("/watch/actuator/health/readiness");
      assertThat(probe(Map.of("REGISTRY_READINESS_FILE", file.toString()))).isZero();
    }
  }

  @Test
  void withoutAPortOfItsOwnTheReadinessIsAtThatOfTheRegistry() {
    MockEnvironment settings =
        new MockEnvironment()
            .withProperty("server.address", "::1")
            .withProperty("server.servlet.context-path", "/registry")
            .withProperty("server.ssl.key-store", "some.p12");

    assertThat(ReadinessAddress.of(settings).namespace()).isEmpty();
    assertThat(ReadinessAddress.of(settings).at(5001))
        .isEqualTo("https://[0:0:0:0:0:0:0:1]:5001/registry/actuator/health/readiness");
    assertThat(ReadinessAddress.of(new MockEnvironment()).at(5000))
        .isEqualTo(HealthProbe.defaultUrl(Map.of()));
  }

  private static int exitCode(int status) throws Exception {
    HttpServer server = server(() -> status);
    try {
      return probe(port(server));
    } finally {
      server.stop(0);
    }
  }

  private static HttpServer server(IntSupplier status) throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/actuator/health/readiness",
        exchange -> {
          exchange.getResponseHeaders().set("Location", "/elsewhere");
          byte[] body = "{}".getBytes(StandardCharsets.US_ASCII);
          exchange.sendResponseHeaders(status.getAsInt(), body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.createContext(
        "/elsewhere",
        exchange -> {
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    server.start();
    return server;
  }

  private static Map<String, String> port(HttpServer server) {
    return Map.of("SERVER_PORT", String.valueOf(server.getAddress().getPort()));
  }

  private static int probe(Map<String, String> environment, String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                Path.of("target", "classes").toString(),
                HealthProbe.class.getName()));
    command.addAll(List.of(arguments));
    ProcessBuilder probe =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD);
    probe.environment().remove("MANAGEMENT_SERVER_PORT");
    probe.environment().putAll(environment);
    return probe.start().waitFor();
  }
}
