package io.registry.upstream.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.registry.platform.json.JsonCodec;
import io.registry.testkit.FakeSource;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestDatabase;
import io.registry.testkit.TestImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A mirror finds what is here, and then what its source finds. */
class MirrorSearchHttpTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir static Path directory;

  private static FakeSource source;
  private static RegistryServer mirror;
  private static TestClient client;

  @BeforeAll
  static void start() throws IOException {
    source = new FakeSource();
    mirror =
        MirrorServer.start(
            directory,
            source.endpoint(),
            "--registry.search.enabled=true",
            "--spring.datasource.url=" + TestDatabase.h2(directory.resolve("db")));
    client = mirror.client();
    for (String name : List.of("here/app1", "here/app2", "both/app3")) {
      assertThat(
              client
                  .put(
                      "/v1/repositories/" + name + "/",
                      "[{\"id\": \"%s\"}]".formatted(TestImage.id("any")))
                  .status())
          .isEqualTo(200);
    }
    await().atMost(PATIENCE).until(() -> names("/v1/search?q=here/").size() == 2);
  }

  @AfterAll
  static void stop() {
    mirror.close();
    source.close();
  }

  @Test
  void whatTheSourceFindsFollowsOnceEach() {
    found(
        "app",
        1,
        2,
        result("there/app9", 7),
        result("both/app3", 1),
        "{\"name\": \"not a name at all!/../\"}",
        "{\"name\": \"solo\", \"is_official\": true, \"description\": null}");

    assertThat(names("/v1/search?q=app"))
        .containsExactly("both/app3", "here/app1", "here/app2", "there/app9", "library/solo");
    JsonNode there = json(client.get("/v1/search?q=app")).path("results").get(3);
    assertThat(there.path("star_count").asInt(-1)).isEqualTo(7);
    assertThat(there.path("description").asString("")).isEqualTo("from there");
  }

  @Test
  void pagesGoOnFromHereToThere() {
    String[] many =
        IntStream.range(0, 150)
            .mapToObj(number -> result("there/page%03d".formatted(number), 0))
            .toArray(String[]::new);
    found("p", 1, 150, List.of(many).subList(0, 100).toArray(String[]::new));
    found("p", 2, 150, List.of(many).subList(100, 150).toArray(String[]::new));

    JsonNode first = json(client.get("/v1/search?q=p&n=50"));

    assertThat(first.path("num_results").asInt(0)).isEqualTo(153);
    assertThat(first.path("num_pages").asInt(0)).isEqualTo(4);
    assertThat(first.path("results")).hasSize(50);
    List<String> all =
        IntStream.rangeClosed(1, 5)
            .mapToObj(page -> names("/v1/search?q=p&n=50&page=" + page))
            .flatMap(List::stream)
            .toList();
    assertThat(all)
        .hasSize(153)
        .doesNotHaveDuplicates()
        .startsWith("both/app3")
        .endsWith("there/page149");
  }

  @Test
  void aSourceWithoutPagesGivesAllAtOnce() {
    String body =
        "{\"num_results\": 3, \"query\": \"old\", \"results\": [%s]}"
            .formatted(
                String.join(
                    ",", result("old/one", 0), result("old/two", 0), result("old/three", 0)));
    source.on(path("old", 1), FakeSource.body(200, body.getBytes(StandardCharsets.UTF_8)));

    assertThat(names("/v1/search?q=old&n=2")).containsExactly("old/one", "old/two");
    assertThat(names("/v1/search?q=old&n=2&page=2")).containsExactly("old/three");
    assertThat(names("/v1/search?q=old&n=2&page=3")).isEmpty();
  }

  @Test
  void withoutAnAnswerThereIsWhatIsHere() {
    assertThat(names("/v1/search?q=here/app1")).containsExactly("here/app1");
    source.on(path("here/app2", 1), FakeSource.body(200, "[]".getBytes(StandardCharsets.UTF_8)));
    assertThat(names("/v1/search?q=here/app2")).containsExactly("here/app2");
    source.on(
        path("broken", 1),
        FakeSource.body(200, "{\"results\": 5}".getBytes(StandardCharsets.UTF_8)));
    assertThat(names("/v1/search?q=broken")).isEmpty();
  }

  private static void found(String term, int page, int total, String... results) {
    String body =
        "{\"num_results\": %d, \"page\": %d, \"results\": [%s]}"
            .formatted(total, page, String.join(",", results));
    source.on(path(term, page), FakeSource.body(200, body.getBytes(StandardCharsets.UTF_8)));
  }

  private static String path(String term, int page) {
    return "/v1/search?q=%s&n=100&page=%d".formatted(term.replace("/", "%2F"), page);
  }

  private static String result(String name, int stars) {
    return "{\"name\": \"%s\", \"description\": \"from there\", \"star_count\": %d}"
        .formatted(name, stars);
  }

  private static List<String> names(String path) {
    return StreamSupport.stream(json(client.get(path)).path("results").spliterator(), false)
        .map(result -> result.path("name").asString(""))
        .collect(Collectors.toList());
  }

  private static JsonNode json(Answer answer) {
    assertThat(answer.status()).isEqualTo(200);
    return new JsonCodec().parse(answer.bytes()).orElseThrow();
  }
}
