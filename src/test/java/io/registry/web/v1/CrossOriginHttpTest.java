package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pages of other origins may use the registry when they are named, and only then. */
class CrossOriginHttpTest {
  private static final String UI = "https://ui.example.com";
  private static final String ALLOW_ORIGIN = "Access-Control-Allow-Origin";

  @TempDir static Path store;

  private static RegistryServer server;
  private static TestClient client;

  @BeforeAll
  static void start() {
    server =
        RegistryServer.start(
            store,
            "--registry.cors.origins=" + UI + ",https://*.example.org",
            "--registry.cors.headers=Content-Type,Authorization",
            "--registry.cors.expose-headers=X-Docker-Size",
            "--registry.cors.max-age=10m");
    client = server.client();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void aBrowserThatAsksBeforehandIsTold() {
    Answer answer = preflight(client, UI, "PUT");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header(ALLOW_ORIGIN)).isEqualTo(UI);
    assertThat(answer.header("Access-Control-Allow-Methods")).contains("PUT").contains("DELETE");
    assertThat(answer.header("Access-Control-Allow-Headers")).isEqualTo("authorization");
    assertThat(answer.header("Access-Control-Max-Age")).isEqualTo("600");
    assertThat(preflight(client, "https://a.b.example.org", "GET").status()).isEqualTo(200);
  }

  @Test
  void aBrowserIsRefusedForAPageThatMayNot() {
    assertThat(preflight(client, "https://evil.example.net", "PUT").status()).isEqualTo(403);
    assertThat(preflight(client, "https://example.org.evil.net", "PUT").status()).isEqualTo(403);
    assertThat(preflight(client, UI, "TRACE").status()).isEqualTo(403);
  }

  @Test
  void answersAndErrorsSayWhoMayReadThem() {
    Answer ping = client.get("/v1/_ping", "Origin", UI);
    Answer unknown = client.get("/v1/repositories/foo/bar/tags", "Origin", UI);

    assertThat(ping.header(ALLOW_ORIGIN)).isEqualTo(UI);
    assertThat(ping.header("Access-Control-Expose-Headers")).isEqualTo("X-Docker-Size");
    assertThat(ping.headers("Vary")).contains("Origin");
    assertThat(unknown.status()).isEqualTo(404);
    assertThat(unknown.header(ALLOW_ORIGIN)).isEqualTo(UI);
  }

  @Test
  void othersAreAnsweredWithoutLeaveToRead() {
    Answer answer = client.get("/v1/_ping", "Origin", "https://evil.example.net");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.headers(ALLOW_ORIGIN)).isEmpty();
  }

  @Test
  void withoutOriginsNothingOfThisIsThere(@TempDir Path other) {
    try (RegistryServer plain = RegistryServer.start(other)) {
      Answer answer = plain.client().get("/v1/_ping", "Origin", UI);

      assertThat(answer.headers(ALLOW_ORIGIN)).isEmpty();
      assertThat(answer.headers("Vary")).isEmpty();
      assertThat(preflight(plain.client(), UI, "PUT").headers(ALLOW_ORIGIN)).isEmpty();
    }
  }

  @Test
  void credentialsAreNotForAnyPage(@TempDir Path other) {
    assertThatThrownBy(
            () ->
                RegistryServer.start(
                        other,
                        "--registry.cors.origins=*",
                        "--registry.cors.supports-credentials=true")
                    .close())
        .rootCause()
        .hasMessageContaining("registry.cors.origins must name the origins");
  }

  private static Answer preflight(TestClient client, String origin, String method) {
    return client.send(
        "OPTIONS",
        "/v1/repositories/foo/bar/",
        BodyPublishers.noBody(),
        "Origin",
        origin,
        "Access-Control-Request-Method",
        method,
        "Access-Control-Request-Headers",
        "authorization");
  }
}
