package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.ops.HealthProbe;
import io.registry.testkit.FakeIndex;
import io.registry.testkit.RawConnection;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.Scrape;
import io.registry.testkit.SigningKeyPair;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestDatabase;
import io.registry.web.api.ApiClient;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.core.env.Environment;

/** Who is told what by the actuator, on the port of the clients and on one of its own. */
class ActuatorAccessHttpTest {
  private static final String PASSWORD = "correct horse";
  private static final List<String> FOR_OPERATORS =
      List.of("/actuator", "/actuator/prometheus", "/actuator/metrics", "/actuator/info");

  private static final List<String> FOR_ALL =
      List.of("/actuator/health", "/actuator/health/readiness", "/actuator/health/liveness");

  @TempDir private static Path directory;

  private static final SigningKeyPair KEY = new SigningKeyPair();

  private static FakeIndex index;

  /** With accounts, on one port. */
  private static RegistryServer embedded;

  /** With an index elsewhere, and the actuator on a port of its own. */
  private static RegistryServer apart;

  @BeforeAll
  static void start() throws IOException {
    index = FakeIndex.start();
    String key =
        "--registry.auth.privileged-keys=" + KEY.writePublicKey(directory.resolve("key.pem"));
    embedded =
        RegistryServer.start(
            directory.resolve("store"),
            key,
            "--registry.index.mode=embedded",
            "--registry.index.admin.password=" + PASSWORD,
            "--spring.datasource.url=" + TestDatabase.h2(directory.resolve("db")));
    apart =
        RegistryServer.start(
            directory.resolve("other"),
            key,
            "--registry.index.mode=remote",
            "--registry.index.remote.endpoint=" + index.endpoint(),
            "--registry.cors.origins=*",
            "--management.server.port=0");
    TestClient client = embedded.client();
    assertThat(
            client
                .post(
                    "/api/users",
                    "{\"name\": \"carol\", \"password\": \"" + PASSWORD + "\"}",
                    "Content-Type",
                    "application/json",
                    "Authorization",
                    ApiClient.basic("admin", PASSWORD))
                .status())
        .isEqualTo(201);
  }

  @AfterAll
  static void stop() {
    embedded.close();
    apart.close();
    index.close();
  }

  @Test
  void onThePortOfTheClientsOnlyAdminsAreToldMoreThanWhetherItIsWell() {
    TestClient client = embedded.client();
    for (String path : FOR_OPERATORS) {
      TestClient.Answer refused = client.get(path);
      assertThat(refused.status()).as(path).isEqualTo(401);
      assertThat(refused.header("WWW-Authenticate")).startsWith("Basic");
      assertThat(refused.text()).isEqualTo("{\"error\": \"Requires authorization\"}");
      assertThat(get(client, path, "carol").status()).as(path).isEqualTo(403);
      assertThat(get(client, path, "nobody").status()).as(path).isEqualTo(401);
      assertThat(get(client, path, "admin").status()).as(path).isEqualTo(200);
      assertThat(client.get(path, "X-Signature", KEY.signText("GET," + path)).status())
          .as(path)
          .isEqualTo(200);
      assertThat(client.get(path, "X-Signature", KEY.signText("GET,/other")).status())
          .as(path)
          .isEqualTo(401);
    }
    for (String path : FOR_ALL) {
      assertThat(client.get(path).text()).as(path).contains("\"UP\"");
    }
  }

  @Test
  void noOtherSpellingOfAPathOpensIt() throws IOException {
    for (String path :
        List.of(
            "//actuator/prometheus",
            "/actuator//prometheus",
            "/actuator/%70rometheus",
            "/%61ctuator/prometheus",
            "/actuator/prometheus/",
            "/actuator/./prometheus",
            "/v1/../actuator/prometheus",
            "/actuator/health/../prometheus",
            "/actuator/prometheus;x=y",
            "/actuator;x/prometheus",
            "/actuator/health/..;/prometheus",
            "/ACTUATOR/prometheus",
            "/actuator/prometheus?x=/actuator/health")) {
      String answer =
          RawConnection.exchange(
              embedded.port(),
              "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + embedded.port() + "\r\n\r\n");
      assertThat(answer).as(path).startsWith("HTTP/1.1 ").doesNotContain("HTTP/1.1 200", "jvm_");
    }
    for (String method : List.of("HEAD", "POST", "OPTIONS", "DELETE", "BREW")) {
      assertThat(
              embedded
                  .client()
                  .send(method, "/actuator/prometheus", BodyPublishers.noBody())
                  .status())
          .as(method)
          .isEqualTo(401);
    }
  }

  @Test
  void requestsThatAreRefusedAreCountedOnTheirRoute() {
    assertThat(embedded.client().get("/v1/repositories/team/secret/tags").status()).isEqualTo(401);
    assertThat(embedded.client().get("/v1/repositories/secret/tags").status())
        .as("a name without a namespace belongs to the same route")
        .isEqualTo(401);

    Scrape scrape =
        Scrape.of(embedded.client(), "Authorization", ApiClient.basic("admin", PASSWORD));
    assertThat(
            scrape.sum(
                "registry_http_requests_seconds_count",
                "route",
                "/v1/repositories/{namespace}/{name}/tags",
                "method",
                "GET",
                "status",
                "401"))
        .isEqualTo(2);
  }

  @Test
  void onAPortOfItsOwnWhoeverReachesItIsToldAll() throws Exception {
    TestClient operators = operators();
    for (String path : FOR_OPERATORS) {
      TestClient.Answer answer = operators.get(path, "Origin", "http://page.example");
      assertThat(answer.status()).as(path).isEqualTo(200);
      assertThat(answer.header("Access-Control-Allow-Origin")).isEmpty();
    }
    for (String path : FOR_ALL) {
      assertThat(operators.get(path).text()).as(path).contains("\"UP\"");
    }
    assertThat(operators.get("/actuator/health/readiness").text()).contains("\"index\"");
    assertThat(operators.get("/actuator/env").status()).isEqualTo(404);
    assertThat(operators.get("/v1/_ping").status()).isEqualTo(404);
    assertThat(operators.get("/v1/_ping").text()).contains("\"error\"");
    assertThat(operators.get("/v1/repositories/team/app/tags").status()).isNotEqualTo(200);
    assertThat(RawConnection.exchange(operators.port(), "GARBAGE\r\n\r\n"))
        .contains("application/json")
        .endsWith("{\"error\": \"Bad Request\"}");
    assertThat(
            HealthProbe.defaultUrl(
                Map.of("MANAGEMENT_SERVER_PORT", String.valueOf(operators.port()))))
        .isEqualTo("http://127.0.0.1:" + operators.port() + "/actuator/health/readiness");
  }

  @Test
  void thenThereIsNothingOnThePortOfTheClients() {
    for (String path : FOR_OPERATORS) {
      assertThat(apart.client().get(path).status()).as(path).isEqualTo(404);
      assertThat(apart.client().get(path).text()).isEqualTo("{\"error\": \"Not Found\"}");
    }
    for (String path : FOR_ALL) {
      assertThat(apart.client().get(path).status()).as(path).isEqualTo(404);
    }
    assertThat(apart.client().get("/v1/_ping").status()).isEqualTo(200);
    assertThat(
            Scrape.of(operators())
                .sum("registry_http_requests_seconds_count", "route", "unmatched"))
        .isGreaterThanOrEqualTo(7);
  }

  @Test
  void itTellsWhichRegistryItIsAndNoPlace() {
    String info = operators().get("/actuator/info").text();
    assertThat(info)
        .contains("\"storage\":\"local\"", "\"index\":\"remote\"", "\"version\":")
        .doesNotContain(directory.toString(), index.endpoint(), System.getProperty("user.name"));
    assertThat(Scrape.of(operators()).sum("registry_info", "storage", "local", "index", "remote"))
        .isEqualTo(1);
  }

  private static TestClient operators() {
    return new TestClient(
        apart.bean(Environment.class).getRequiredProperty("local.management.port", Integer.class));
  }

  private static TestClient.Answer get(TestClient client, String path, String user) {
    return client.get(path, "Authorization", ApiClient.basic(user, PASSWORD));
  }
}
