package io.registry.web.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.registry.content.retention.TagPulls;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestImage;
import io.registry.web.v2.V2Pusher;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The rules of retention say what they do, and do it. */
@TestInstance(Lifecycle.PER_CLASS)
class RetentionHttpTest {
  private RegistryServer server;
  private TestClient client;
  private ApiClient api;

  @BeforeAll
  void start(@TempDir Path store) {
    server =
        RegistryServer.start(
            store,
            "--registry.tags.immutable[0].repositories=team/app",
            "--registry.tags.immutable[0].tags=fixed",
            "--registry.retention.rules[0].name=recent",
            "--registry.retention.rules[0].repositories=team/*",
            "--registry.retention.rules[0].except=free",
            "--registry.retention.rules[0].pulled-within=1d",
            "--registry.retention.rules[1].name=releases",
            "--registry.retention.rules[1].repositories=team/*",
            "--registry.retention.rules[1].except=free",
            "--registry.retention.rules[1].expression=release-[0-9]+");
    client = server.client();
    api = ApiClient.anonymous(client);
  }

  @AfterAll
  void stop() {
    server.close();
  }

  private Map<String, String> verdicts(String repository) {
    Map<String, String> verdicts = new TreeMap<>();
    for (JsonNode tag :
        api.get("/api/repositories/" + repository + "/retention").json().path("tags")) {
      verdicts.put(
          tag.path("tag").asString(),
          (tag.path("kept").asBoolean() ? "kept " : "removed ") + tag.path("rule").asString(""));
    }
    return verdicts;
  }

  private List<String> tags(String repository) {
    return client.get("/v2/" + repository + "/tags/list").text().contains("tags")
        ? api.get("/v2/" + repository + "/tags/list")
            .json()
            .path("tags")
            .valueStream()
            .map(JsonNode::asString)
            .toList()
        : List.of();
  }

  @Test
  void whatNoRuleKeepsIsNamedThenRemovedAndComesBack() {
    V2Pusher pusher = new V2Pusher(client, "team/app");
    for (String tag : List.of("fixed", "free", "old", "pulled", "release-1")) {
      pusher.tagged(tag, "an artifact " + tag);
    }
    V2Pusher other = new V2Pusher(client, "other/app");
    other.tagged("old", "another artifact");
    assertThat(pusher.get("manifests/pulled").status()).isEqualTo(200);
    server.bean(TagPulls.class).flush();
    Map<String, String> expected =
        Map.of(
            "fixed", "kept ",
            "free", "kept ",
            "old", "removed recent, releases",
            "pulled", "kept recent",
            "release-1", "kept releases");
    assertThat(verdicts("team/app")).isEqualTo(expected);
    assertThat(tags("team/app")).hasSize(5);

    assertThat(api.post("/api/retention", "{}").status()).isEqualTo(202);
    await()
        .untilAsserted(() -> assertThat(api.get("/api/retention").json().has("finished")).isTrue());

    JsonNode run = api.get("/api/retention").json();
    assertThat(run.path("removed").asInt()).isEqualTo(1);
    assertThat(run.path("running").asBoolean()).isFalse();
    assertThat(tags("team/app")).containsExactly("fixed", "free", "pulled", "release-1");
    assertThat(tags("other/app")).containsExactly("old");
    JsonNode item = api.get("/api/trash?namespace=team").json().at("/items/0");
    assertThat(item.path("name").asString()).isEqualTo("old");
    String path = "/api/trash/team/app/" + item.path("id").asString() + "/restore";
    assertThat(api.post(path, "{}").status()).isEqualTo(200);
    assertThat(pusher.get("manifests/old").status()).isEqualTo(200);
  }

  @Test
  void aV1ClientThatListsAllTagsPullsThem() {
    TestImage image = TestImage.base("retention", "layer").push(client);
    for (String tag : List.of("one", "two")) {
      assertThat(
              client.put("/v1/repositories/team/old/tags/" + tag, '"' + image.id() + '"').status())
          .isEqualTo(200);
    }
    assertThat(verdicts("team/old").values()).containsOnly("removed recent, releases");
    assertThat(client.get("/v1/repositories/team/old/tags").status()).isEqualTo(200);
    server.bean(TagPulls.class).flush();

    assertThat(verdicts("team/old").values()).containsOnly("kept recent");
  }
}
