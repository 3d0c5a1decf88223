package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestDatabase;
import io.registry.testkit.TestImage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code /v1/search} and what belongs to it, where nobody is asked who it is. */
class SearchHttpTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String LIST = "[{\"id\": \"%s\"}]".formatted(TestImage.id("any"));
  private static final String[] JSON = {"Content-Type", "application/json"};

  @TempDir static Path directory;
  private static RegistryServer server;
  private static TestClient client;

  @BeforeAll
  static void start() {
    server =
        RegistryServer.start(
            directory.resolve("store"),
            "--registry.search.enabled=true",
            "--spring.datasource.url=" + TestDatabase.h2(directory.resolve("db")));
    client = server.client();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void theAnswerHasTheFieldsOfTheHubInTheFormOfTheOriginal() {
    push("form/answered");
    awaitNames("q=form/answered", "form/answered");

    TestClient.Answer answer = client.get("/v1/search?q=Form/ANSWERED&n=7");

    assertThat(answer.text())
        .isEqualTo(
            "{\"num_pages\": 1, \"num_results\": 1, \"page\": 1, \"page_size\": 7, \"query\":"
                + " \"Form/ANSWERED\", \"results\": [{\"description\": \"\", \"is_automated\":"
                + " false, \"is_official\": false, \"is_trusted\": false, \"name\":"
                + " \"form/answered\", \"star_count\": 0}]}");
    assertThat(answer.header("Content-Type")).isEqualTo("application/json");
    assertThat(answer.header("Cache-Control")).isEqualTo("no-cache");
    assertThat(answer.header("Expires")).isEqualTo("-1");
    assertThat(client.head("/v1/search?q=x").status()).isEqualTo(200);
    assertThat(client.post("/v1/search?q=x", "").status()).isEqualTo(405);
    assertThat(client.get("/v1/search/?q=nothing+at+all").text())
        .isEqualTo(
            "{\"num_pages\": 0, \"num_results\": 0, \"page\": 1, \"page_size\": 25, \"query\":"
                + " \"nothing at all\", \"results\": []}");
  }

  @Test
  void theNameItselfComesFirstThenItsBeginningThenAPartThenTheDescription() {
    push("ranked/zz-tool");
    push("ranked/tool");
    push("tool/y");
    push("ranked/toolbox");
    push("ranked/a-tool-b");
    push("ranked/a");
    push("ranked/unrelated");
    awaitNames(
        "q=ranked/",
        "ranked/a",
        "ranked/a-tool-b",
        "ranked/tool",
        "ranked/toolbox",
        "ranked/unrelated",
        "ranked/zz-tool");
    describe("ranked/a", "The best TOOL of all");

    awaitNames(
        "q=tool",
        "ranked/tool",
        "ranked/toolbox",
        "tool/y",
        "ranked/a-tool-b",
        "ranked/zz-tool",
        "ranked/a");
    assertThat(search("q=tOOL").path("results").path(5).path("description").stringValue())
        .isEqualTo("The best TOOL of all");
  }

  @Test
  void percentUnderscoreAndBackslashArePlainCharacters() {
    push("plain/under_score");
    push("plain/under-score");
    push("plain/50%25off");
    awaitNames("q=plain/", "plain/50%off", "plain/under-score", "plain/under_score");

    assertThat(names("q=r_s")).containsExactly("plain/under_score");
    assertThat(names("q=0%25o")).containsExactly("plain/50%off");
    assertThat(names("q=plain%25")).isEmpty();
    assertThat(names("q=%5C")).isEmpty();
    assertThat(names("q=%27+or+%271%27=%271")).isEmpty();
    assertThat(names("q=%00")).isEmpty();
  }

  @Test
  void namesAreWhatIsToBePulled() {
    push("solo-run");
    push("deep/down/below");
    awaitNames("q=solo-run", "library/solo-run");

    awaitNames("q=down/bel", "deep/down/below");
    assertThat(search("q=solo-run").path("results").path(0).path("is_official").booleanValue())
        .isTrue();
    assertThat(names("q=library/solo")).containsExactly("library/solo-run");
  }

  @Test
  void pagesGoThroughAllThatWasFound() {
    for (int i = 0; i < 7; i++) {
      push("paged/n" + i);
    }
    awaitNames(
        "q=paged/&n=100",
        "paged/n0",
        "paged/n1",
        "paged/n2",
        "paged/n3",
        "paged/n4",
        "paged/n5",
        "paged/n6");

    assertThat(names("q=paged/&n=3")).containsExactly("paged/n0", "paged/n1", "paged/n2");
    assertThat(names("q=paged/&n=3&page=2")).containsExactly("paged/n3", "paged/n4", "paged/n5");
    assertThat(names("q=paged/&n=3&page=3")).containsExactly("paged/n6");
    assertThat(names("q=paged/&n=3&page=4")).isEmpty();
    assertThat(names("q=paged/&n=100&page=999999999999999999999")).isEmpty();
    JsonNode beyond = search("q=paged/&n=3&page=4");
    assertThat(beyond.path("num_results").intValue()).isEqualTo(7);
    assertThat(beyond.path("num_pages").intValue()).isEqualTo(3);
    assertThat(beyond.path("page").intValue()).isEqualTo(4);
  }

  @ParameterizedTest
  @CsvSource({
    "n=100, 100, 1",
    "n=101, 100, 1",
    "n=99999999999, 100, 1",
    "n=0, 25, 1",
    "n=-1, 25, 1",
    "n=x, 25, 1",
    "n=, 25, 1",
    "n=1.5, 25, 1",
    "n=007, 7, 1",
    "n=7&n=8, 7, 1",
    "page=0, 25, 1",
    "page=-3, 25, 1",
    "page=two, 25, 1",
    "page=2, 25, 2",
  })
  void whatIsNoNumberIsAsIfItWereNotThere(String query, int size, int page) {
    JsonNode answer = search("q=whatever&" + query);

    assertThat(answer.path("page_size").intValue()).isEqualTo(size);
    assertThat(answer.path("page").intValue()).isEqualTo(page);
  }

  @Test
  void theIndexFollowsPushesAndRemovals() {
    push("followed/one");
    awaitNames("q=followed/", "followed/one");
    TestImage image = TestImage.base("tagged alone", "a layer").push(client);
    client.put("/v1/repositories/followed/two/tags/latest", '"' + image.id() + '"');
    awaitNames("q=followed/", "followed/one", "followed/two");

    client.delete("/v1/repositories/followed/one/");
    awaitNames("q=followed/", "followed/two");
    client.delete("/v1/repositories/followed/two/tags/latest");
    awaitNames("q=followed/");
  }

  @Test
  void aDescriptionStaysThroughARebuildAndGoesWithItsRepository() {
    push("described/it");
    describe("described/it", "Über alles");
    awaitNames("q=%C3%BCber+ALLES", "described/it");

    assertThat(client.post("/api/search/rebuild", "", JSON).status()).isEqualTo(202);
    await().atMost(PATIENCE).until(() -> client.get("/api/search").text().contains("\"ready\""));
    assertThat(names("q=%C3%BCber+alles")).containsExactly("described/it");
    assertThat(client.get("/api/repositories/described/it/description").text())
        .contains("Über alles");

    client.delete("/v1/repositories/described/it/");
    push("described/it");
    await()
        .atMost(PATIENCE)
        .until(
            () -> client.get("/api/repositories/described/it/description").text().contains("\"\""));
    awaitNames("q=%C3%BCber+alles");
  }

  @Test
  void aDescriptionIsALineForARepositoryThatIsThere() {
    push("line/it");
    String path = "/api/repositories/line/it/description";

    assertThat(client.put(path, description("x".repeat(256)), JSON).status()).isEqualTo(400);
    assertThat(client.put(path, description("two\\nlines"), JSON).status()).isEqualTo(400);
    assertThat(client.put(path, description("\\u0000"), JSON).status()).isEqualTo(400);
    assertThat(client.put(path, description("\\ud800"), JSON).status()).isEqualTo(400);
    assertThat(client.put(path, "{}", JSON).status()).isEqualTo(400);
    assertThat(client.put(path, description("plain")).status()).isEqualTo(415);
    assertThat(client.put(path, description("x".repeat(255)), JSON).status()).isEqualTo(200);
    assertThat(client.put("/api/repositories/line/other/description", description("x"), JSON))
        .hasToString("404 {\"error\": \"Repository not found\"}");
    assertThat(client.get("/api/repositories/line/other/description").status()).isEqualTo(404);
  }

  @Test
  void aSlashInANameIsEncodedWhereTheDescriptionIsSet() {
    push("described/far/down");

    describe("described/far%2Fdown", "Bottomless");

    awaitNames("q=bottomless", "described/far/down");
  }

  @Test
  void switchedOffThereIsNeitherSearchNorDatabase() {
    try (RegistryServer other = RegistryServer.start(directory.resolve("other"))) {
      assertThat(other.client().get("/v1/search?q=x"))
          .hasToString("404 {\"error\": \"Not Found\"}");
      for (String path : List.of("/api/search", "/api/repositories/a/b/description")) {
        assertThat(other.client().get(path).status()).isEqualTo(404);
      }
      assertThat(other.client().get("/actuator/health").text())
          .doesNotContain("search")
          .doesNotContain("db");
      assertThatThrownBy(() -> other.bean(DataSource.class))
          .isInstanceOf(NoSuchBeanDefinitionException.class);
    }
  }

  @Test
  void whatAFormCanSendRebuildsNothing() {
    assertThat(client.post("/api/search/rebuild", "").status()).isEqualTo(415);
    assertThat(client.post("/api/search/rebuild", "", "Content-Type", "text/plain").status())
        .isEqualTo(415);
  }

  @Test
  void healthTellsOfTheIndexAndReadinessDoesNotDependOnIt() {
    assertThat(client.get("/actuator/health").text()).contains("\"search\"");
    assertThat(client.get("/actuator/health/readiness").text()).doesNotContain("\"search\"");
  }

  private static void push(String name) {
    assertThat(client.put("/v1/repositories/" + name + "/", LIST).status()).isEqualTo(200);
  }

  private static void describe(String name, String text) {
    assertThat(
            client
                .put("/api/repositories/" + name + "/description", description(text), JSON)
                .status())
        .isEqualTo(200);
  }

  private static String description(String text) {
    return "{\"description\": \"" + text + "\"}";
  }

  private static JsonNode search(String query) {
    TestClient.Answer answer = client.get("/v1/search?" + query);
    assertThat(answer.status()).isEqualTo(200);
    return JsonMapper.shared().readTree(answer.bytes());
  }

  private static List<String> names(String query) {
    return search(query)
        .path("results")
        .valueStream()
        .map(result -> result.path("name").stringValue())
        .toList();
  }

  private static void awaitNames(String query, String... names) {
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(names(query)).containsExactly(names));
  }
}
