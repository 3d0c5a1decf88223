package io.registry.ops;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The probe as its own process, against a server that says what the test wants. */
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
    HttpServer server = server(200);
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

  private static int exitCode(int status) throws Exception {
    HttpServer server = server(status);
    try {
      return probe(Map.of("SERVER_PORT", String.valueOf(server.getAddress().getPort())));
    } finally {
      server.stop(0);
    }
  }

  private static HttpServer server(int status) throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/actuator/health/readiness",
        exchange -> {
          exchange.getResponseHeaders().set("Location", "/elsewhere");
          byte[] body = "{}".getBytes(StandardCharsets.US_ASCII);
          exchange.sendResponseHeaders(status, body.length);
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

  private static int probe(Map<String, String> environment) throws Exception {
    ProcessBuilder probe =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                Path.of("target", "classes").toString(),
                HealthProbe.class.getName())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD);
    probe.environment().remove("MANAGEMENT_SERVER_PORT");
    probe.environment().putAll(environment);
    return probe.start().waitFor();
  }
}
