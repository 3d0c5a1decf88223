package io.registry.web.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The lines for requests, and the id by which all that is said of a request belongs together. */
@ExtendWith(OutputCaptureExtension.class)
class AccessLogHttpTest {
  private static final String SENT = "req-of.the_proxy:1/a+b=";

  @TempDir static Path directory;

  private static RegistryServer combined;
  private static RegistryServer json;

  @BeforeAll
  static void start() {
    combined =
        RegistryServer.start(
            directory.resolve("store"),
            "--registry.access-log.format=combined",
            "--registry.access-log.file=" + directory.resolve("logs/combined.log"));
    json =
        RegistryServer.start(
            directory.resolve("store"),
            "--registry.access-log.format=json",
            "--registry.access-log.file=" + directory.resolve("logs/json.log"));
  }

  @AfterAll
  static void stop() {
    combined.close();
    json.close();
  }

  @Test
  void aCombinedLineTellsWhatTheOriginalTold() throws IOException {
    TestImage image = TestImage.base("combined", "a layer").push(combined.client());
    Answer answer =
        combined
            .client()
            .get(image.path("json"), "User-Agent", "docker/1.5.0 \"quoted\"", "X-Request-Id", SENT);
    assertThat(answer.header("X-Request-Id")).isEqualTo(SENT);
    assertThat(line("combined.log", SENT))
        .matches(
            "127\\.0\\.0\\.1 - - \\[[^]]+] \"GET /v1/images/%s/json HTTP/1\\.1\" 200 %d \"-\" \"docker/1\\.5\\.0 \\\\\"quoted\\\\\"\" \\d+ 7 %s"
                .formatted(image.id(), image.json().length, SENT.replace("+", "\\+")));
  }

  @Test
  void aJsonLineTellsTheSame() throws IOException {
    TestImage image = TestImage.base("json", "a layer").push(json.client());
    Answer answer = json.client().get(image.path("json"), "User-Agent", "docker/\"1.5.0\"\t");
    JsonNode line = new JsonMapper().readTree(line("json.log", answer.header("X-Request-Id")));
    assertThat(line.path("host").asString()).isEqualTo("127.0.0.1");
    assertThat(line.path("request").asString())
        .isEqualTo("GET " + image.path("json") + " HTTP/1.1");
    assertThat(line.path("statusCode").asString()).isEqualTo("200");
    assertThat(line.path("size").asString()).isEqualTo("" + image.json().length);
    assertThat(line.path("time").asString()).matches("\\d{4}-\\d\\d-\\d\\dT.*");
    assertThat(line.path("elapsedTime").asString()).matches("\\d+");
    assertThat(line.path("requestHeaders").path("User-Agent").asString()).startsWith("docker/");
    assertThat(line.path("responseHeaders").path("X-Docker-Size").asString()).isEqualTo("7");
  }

  @Test
  void aLogThatGotAnotherNameIsGoneOnAnew() throws IOException {
    Path log = directory.resolve("rotated/access.log");
    try (AccessLog rotated = new AccessLog(AccessLogProperties.Format.COMBINED, log.toString())) {
      rotated.write("before");
      Files.move(log, log.resolveSibling("access.log.1"));
      rotated.write("meanwhile");
      assertThat(rotated.reopen()).contains(log.toString());
      rotated.write("after");
    }
    assertThat(log.resolveSibling("access.log.1")).hasContent("before\nmeanwhile");
    assertThat(log).hasContent("after");
  }

  @Test
  void whatAProxySaysOfTheClientIsBelievedOnlyWhenItIsAnAddress() throws IOException {
    Path log = directory.resolve("logs/forwarded.log");
    try (RegistryServer server =
        RegistryServer.start(
            directory.resolve("store"),
            "--server.forward-headers-strategy=native",
            "--registry.access-log.format=combined",
            "--registry.access-log.file=" + log)) {
      TestClient client = server.client();
      String[] forged = {"X-Forwarded-For", "1.2.3.4 - user:admin [x] \"DELETE /v1/x\" 200"};
      String first = client.get("/v1/_ping", forged).header("X-Request-Id");
      String second =
          client.get("/v1/_ping", "X-Forwarded-For", "192.0.2.7").header("X-Request-Id");

      assertThat(line("forwarded.log", first))
          .startsWith("127.0.0.1 - - [")
          .doesNotContain("1.2.3.4");
      assertThat(line("forwarded.log", second)).startsWith("192.0.2.7 - - [");
    }
  }

  @Test
  void everyAnswerHasAnIdAndSoHasTheLogLineOfARefusal(CapturedOutput output) {
    TestClient client = combined.client();
    Answer refused = client.get("/v1/repositories/library/nowhere/tags");
    assertThat(refused.status()).isEqualTo(404);
    String id = refused.header("X-Request-Id");
    assertThat(id).matches("[0-9a-f]{16}");
    assertThat(output.getOut().lines().filter(line -> line.contains(id)))
        .singleElement(org.assertj.core.api.InstanceOfAssertFactories.STRING)
        .contains("-> 404");
    assertThat(client.get("/v1/nowhere").header("X-Request-Id")).hasSize(16).isNotEqualTo(id);
    assertThat(client.get("/v1/_ping").header("X-Request-Id")).hasSize(16);
  }

  @Test
  void anIdThatLooksLikeSomethingElseIsReplaced() {
    for (String sent : List.of("a b", "x\u00e9", "{\"a\":1}", "a".repeat(101))) {
      assertThat(combined.client().get("/v1/_ping", "X-Request-Id", sent).header("X-Request-Id"))
          .matches("[0-9a-f]{16}");
    }
  }

  // Written after the client has its answer.
  private static String line(String file, String id) throws IOException {
    Path log = directory.resolve("logs").resolve(file);
    await().until(() -> Files.readString(log).contains(id));
    return Files.readAllLines(log).stream()
        .filter(line -> line.contains(id))
        .findFirst()
        .orElseThrow();
  }
}
