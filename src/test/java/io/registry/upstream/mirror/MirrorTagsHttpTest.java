package io.registry.upstream.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.testkit.FakeSource;
import io.registry.testkit.PassingClock;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tags and image lists of two registries at once (protocol 7.1). */
class MirrorTagsHttpTest {
  private static final String ONE = TestImage.id("one");
  private static final String TWO = TestImage.id("two");

  @TempDir private static Path directory;

  private static FakeSource source;
  private static FakeSource index;
  private static RegistryServer mirror;
  private static TestImage own;

  private TestClient client;

  @BeforeAll
  static void start() throws Exception {
    source = new FakeSource();
    index = new FakeSource();
    mirror =
        MirrorServer.startPassing(
            directory, source.endpoint(), "--registry.mirror.source-index=" + index.endpoint());
    own = TestImage.base("own", "layer").push(mirror.client());
  }

  @AfterAll
  static void stop() {
    mirror.close();
    index.close();
    source.close();
  }

  @BeforeEach
  void connect() {
    client = mirror.client();
    later();
  }

  private static void later() {
    pass(Duration.ofMinutes(1));
  }

  private static void pass(Duration time) {
    ((PassingClock) mirror.bean(Clock.class)).pass(time);
  }

  private static void tags(String repository, String json) {
    source.on("/v1/repositories/" + repository + "/tags", json(200, json));
  }

  private static FakeSource.Answer json(int status, String json) {
    return FakeSource.body(status, json.getBytes(StandardCharsets.UTF_8));
  }

  private void tagHere(String repository, String tag) {
    assertThat(
            client
                .put("/v1/repositories/" + repository + "/tags/" + tag, '"' + own.id() + '"')
                .status())
        .isEqualTo(200);
  }

  private Answer tagsOf(String repository) {
    return client.get("/v1/repositories/" + repository + "/tags");
  }

  @Test
  void theTagsOfBothAreToldAndThoseHereCount() {
    tags("both/r", "{\"a\": \"%s\", \"b\": \"%s\"}".formatted(ONE, TWO));
    tagHere("both/r", "b");
    tagHere("both/r", "c");

    assertThat(tagsOf("both/r").text())
        .isEqualTo("{\"a\": \"%s\", \"b\": \"%s\", \"c\": \"%2$s\"}".formatted(ONE, own.id()));
    assertThat(tagsOf("both/r").header("Warning")).isEmpty();
  }

  @Test
  void tagsOfTheSourceAloneAreTold() {
    tags(
        "far/r",
        "{\"a\": \"%s\", \"x_json\": \"{}\", \"n\": null, \"../b\": \"%1$s\"}".formatted(ONE));

    assertThat(tagsOf("far/r").text()).isEqualTo("{\"a\": \"%s\"}".formatted(ONE));
    assertThat(tagsOf("nobodys/r").text()).isEqualTo("{\"error\": \"Repository not found\"}");
  }

  @Test
  void aSingleTagIsHereOrAtTheSource() {
    source
        .on("/v1/repositories/single/r/tags/far", json(200, '"' + ONE + '"'))
        .on("/v1/repositories/single/r/tags/both", json(200, '"' + ONE + '"'));
    tagHere("single/r", "both");

    assertThat(client.get("/v1/repositories/single/r/tags/far").text()).isEqualTo('"' + ONE + '"');
    assertThat(client.get("/v1/repositories/single/r/tags/both").text())
        .isEqualTo('"' + own.id() + '"');
    assertThat(client.get("/v1/repositories/single/r/tags/none").text())
        .isEqualTo("{\"error\": \"Tag not found\"}");
  }

  @Test
  void aTagThatIsRemovedHereIsThatOfTheSourceAgain() {
    source.on("/v1/repositories/removed/r/tags/t", json(200, '"' + ONE + '"'));
    tagHere("removed/r", "t");

    assertThat(client.delete("/v1/repositories/removed/r/tags/t").status()).isEqualTo(200);

    assertThat(client.get("/v1/repositories/removed/r/tags/t").text()).isEqualTo('"' + ONE + '"');
    assertThat(client.delete("/v1/repositories/removed/r/tags/t").status()).isEqualTo(404);
  }

  @Test
  void theSourceIsAskedAgainAfterAWhileOnly() {
    tags("ttl/r", "{\"a\": \"%s\"}".formatted(ONE));
    assertThat(tagsOf("ttl/r").text()).contains("\"a\"");
    tags("ttl/r", "{\"b\": \"%s\"}".formatted(ONE));

    pass(Duration.ofMinutes(4));
    assertThat(tagsOf("ttl/r").text()).contains("\"a\"");
    assertThat(source.count("GET", "/v1/repositories/ttl/r/tags")).isEqualTo(1);

    pass(Duration.ofMinutes(1));
    assertThat(tagsOf("ttl/r").text()).isEqualTo("{\"b\": \"%s\"}".formatted(ONE));
  }

  @Test
  void aRepositoryThatComesIntoBeingIsSeenSoon() {
    assertThat(tagsOf("new/r").status()).isEqualTo(404);
    tags("new/r", "{\"a\": \"%s\"}".formatted(ONE));

    pass(Duration.ofSeconds(5));

    assertThat(tagsOf("new/r").status()).isEqualTo(200);
  }

  @Test
  void whileTheSourceIsAwayWhatItToldLastIsToldWithAWarning() {
    tags("away/r", "{\"a\": \"%s\"}".formatted(ONE));
    source.on("/v1/repositories/away/r/tags/a", json(200, '"' + ONE + '"'));
    index.on("/v1/repositories/away/r/images", json(200, "[{\"id\": \"%s\"}]".formatted(ONE)));
    List<String> paths =
        List.of(
            "/v1/repositories/away/r/tags",
            "/v1/repositories/away/r/tags/a",
            "/v1/repositories/away/r/images");
    List<String> before = paths.stream().map(path -> client.get(path).text()).toList();
    source.on(paths.get(0), json(500, "")).on(paths.get(1), json(503, ""));
    index.on(paths.get(2), json(500, ""));

    pass(Duration.ofDays(6));
    for (int i = 0; i < paths.size(); i++) {
      Answer answer = client.get(paths.get(i));
      assertThat(answer.text()).isEqualTo(before.get(i));
      assertThat(answer.headers("Warning"))
          .containsExactly("110 - \"Response is Stale\"", "111 - \"Revalidation Failed\"");
    }
    pass(Duration.ofDays(2));
    paths.forEach(path -> assertThat(client.get(path).status()).isEqualTo(404));

    tags("away/r", "{\"b\": \"%s\"}".formatted(TWO));
    later();
    assertThat(tagsOf("away/r").text()).isEqualTo("{\"b\": \"%s\"}".formatted(TWO));
    assertThat(tagsOf("away/r").header("Warning")).isEmpty();
  }

  @Test
  void aListOfTagsThatMayNotBeAllOfThemSaysSo() {
    source.on("/v1/repositories/half/r/tags", json(500, ""));
    tagHere("half/r", "here");

    Answer answer = tagsOf("half/r");

    assertThat(answer.text()).isEqualTo("{\"here\": \"%s\"}".formatted(own.id()));
    assertThat(answer.header("Warning")).isNotEmpty();
  }

  @Test
  void imageListsComeFromTheIndexOfTheSourceWithEndpointsAndTokensOfTheMirror() {
    index.on(
        "/v1/repositories/listed/r/images",
        FakeSource.body(
            200,
            "[{\"id\": \"%s\"}]".formatted(ONE).getBytes(StandardCharsets.UTF_8),
            "X-Docker-Endpoints",
            "elsewhere.example.com",
            "X-Docker-Token",
            "signature=foreign"));

    Answer answer = client.get("/v1/repositories/listed/r/images", "X-Docker-Token", "true");

    assertThat(answer.text()).isEqualTo("[{\"id\": \"%s\"}]".formatted(ONE));
    assertThat(answer.headers("X-Docker-Endpoints")).containsExactly("127.0.0.1:" + client.port());
    assertThat(answer.headers("X-Docker-Token"))
        .singleElement()
        .satisfies(token -> assertThat(token).contains("\"listed/r\"").doesNotContain("foreign"));
    assertThat(client.get("/v1/repositories/nobodys/r/images").text())
        .isEqualTo("{\"error\": \"images not found\"}");
  }

  @Test
  void whatIsNoListIsNotPassedOn() {
    index.on("/v1/repositories/odd/r/images", json(200, "{\"a\": 1}"));
    tags("odd/r", "[1, 2]");

    assertThat(client.get("/v1/repositories/odd/r/images").status()).isEqualTo(404);
    assertThat(tagsOf("odd/r").status()).isEqualTo(404);
  }

  @Test
  void theIndexOfTheSourceCanBeSearched() {
    V1Source registry = mirror.bean(V1Source.class);
    index.on("/v1/search?q=a%26b&n=10&page=2", json(200, "{\"num_results\": 1}"));
    index.on("/v1/search?q=list&n=10&page=1", json(200, "[]"));

    assertThat(registry.search("a&b", 10, 2).orElseThrow().path("num_results").intValue())
        .isEqualTo(1);
    assertThat(registry.search("list", 10, 1)).isEmpty();
    assertThat(registry.search("unknown", 10, 1)).isEmpty();
  }

  @Test
  void metadataIsThatOfTheMirrorAlone() {
    source.on("/v1/repositories/meta/r/json", json(200, "{\"arch\": \"foreign\"}"));

    Answer answer = client.get("/v1/repositories/meta/r/json");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.text()).contains("\"arch\": \"amd64\"");
    assertThat(source.count("GET", "/v1/repositories/meta/r/json")).isZero();
  }
}
