package io.registry.web.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.registry.content.manifest.Digest;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestImage;
import io.registry.testkit.TestLayer;
import io.registry.web.v2.V2Image;
import io.registry.web.v2.V2Pusher;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What is removed comes back, with all its content, over both protocols. */
@TestInstance(Lifecycle.PER_CLASS)
abstract class TrashHttpContract {
  private RegistryServer server;
  private TestClient client;
  private ApiClient api;

  /** The arguments of a registry on a store of its own. */
  abstract List<String> store(Path directory) throws Exception;

  @BeforeAll
  void start(@TempDir Path directory) throws Exception {
    server = RegistryServer.startWith(store(directory).toArray(String[]::new));
    client = server.client();
    api = ApiClient.anonymous(client);
  }

  @AfterAll
  void stop() {
    server.close();
  }

  private Digest push(String repository, String tag, V2Image image) {
    V2Pusher pusher = new V2Pusher(client, repository);
    pusher.blob(image.config());
    image.packed().forEach(pusher::blob);
    TestClient.Answer put = pusher.put(tag, image.manifest());
    assertThat(put.status()).as(put.text()).isEqualTo(201);
    return Digest.of(image.manifest());
  }

  private List<JsonNode> trash(String repository) {
    String namespace = repository.substring(0, repository.indexOf('/'));
    JsonNode page = api.get("/api/trash?namespace=" + namespace).json();
    return page.path("items")
        .valueStream()
        .filter(item -> repository.endsWith("/" + item.path("repository").asString()))
        .toList();
  }

  private JsonNode only(String repository, String kind) {
    List<JsonNode> found =
        trash(repository).stream()
            .filter(item -> item.path("kind").asString().equals(kind))
            .toList();
    assertThat(found).hasSize(1);
    return found.get(0);
  }

  private ApiClient.Answer restore(String repository, JsonNode item) {
    return api.post(
        "/api/trash/" + repository + "/" + item.path("id").asString() + "/restore", "{}");
  }

  private void assertPulled(String repository, String tag, V2Image image) {
    TestClient.Answer manifest =
        client.get("/v2/" + repository + "/manifests/" + tag, "Accept", V2Pusher.OCI_MANIFEST);
    assertThat(manifest.status()).as(manifest.text()).isEqualTo(200);
    assertThat(manifest.bytes()).isEqualTo(image.manifest());
    Stream.concat(Stream.of(image.config()), image.packed().stream())
        .forEach(
            blob ->
                assertThat(client.get("/v2/" + repository + "/blobs/" + Digest.of(blob)).bytes())
                    .isEqualTo(blob));
    assertThat(client.get("/v1/repositories/" + repository + "/tags/" + tag).text())
        .isEqualTo('"' + image.id() + '"');
  }

  private static void ok(TestClient.Answer answer, int status) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(status);
  }

  @Test
  void aTagThatAV2ClientRemovedComesBack() {
    V2Image image = V2Image.of("tag", "a", "b");
    Digest digest = push("trash/tag", "v1", image);
    ok(client.delete("/v2/trash/tag/manifests/v1"), 202);
    ok(client.get("/v2/trash/tag/manifests/v1"), 404);

    JsonNode item = only("trash/tag", "tag");
    assertThat(item.path("name").asString()).isEqualTo("v1");
    assertThat(item.path("image").asString()).isEqualTo(image.id());
    assertThat(item.path("digest").asString()).isEqualTo(digest.toString());
    ApiClient.Answer restored = restore("trash/tag", item);

    assertThat(restored.json().path("tags").valueStream().map(JsonNode::asString))
        .containsExactly("v1");
    assertPulled("trash/tag", "v1", image);
    assertThat(trash("trash/tag")).isEmpty();
  }

  @Test
  void aTagThatAV1ClientRemovedComesBack() {
    TestImage image = TestImage.base("trash v1", "layer").push(client);
    ok(client.put("/v1/repositories/trash/one/tags/v1", '"' + image.id() + '"'), 200);
    ok(client.delete("/v1/repositories/trash/one/tags/v1"), 200);
    ok(client.get("/v1/repositories/trash/one/tags/v1"), 404);

    assertThat(restore("trash/one", only("trash/one", "tag")).status()).isEqualTo(200);

    assertThat(client.get("/v1/repositories/trash/one/tags/v1").text())
        .isEqualTo('"' + image.id() + '"');
  }

  @Test
  void aTagBringsBackItsManifestThatWasRemovedByDigest() {
    V2Image image = V2Image.of("manifest", "c");
    Digest digest = push("trash/manifest", "v1", image);
    ok(client.delete("/v2/trash/manifest/manifests/" + digest), 202);
    ok(client.get("/v2/trash/manifest/manifests/" + digest), 404);

    assertThat(only("trash/manifest", "manifest").path("name").asString())
        .isEqualTo(digest.toString());
    assertThat(restore("trash/manifest", only("trash/manifest", "tag")).status()).isEqualTo(200);

    assertPulled("trash/manifest", "v1", image);
  }

  @Test
  void anIndexBringsBackItsManifestsAndBlobs() {
    V2Pusher pusher = new V2Pusher(client, "trash/index");
    byte[] child = pusher.artifact("a child", Map.of());
    ok(pusher.put(Digest.of(child), child), 201);
    byte[] index =
        V2Pusher.render(V2Pusher.index(List.of(V2Pusher.descriptor(V2Pusher.OCI_MANIFEST, child))));
    ok(pusher.put("all", index, V2Pusher.OCI_INDEX), 201);
    Digest layer = Digest.of("a child".getBytes(UTF_8));
    ok(pusher.delete("manifests/" + Digest.of(index)), 202);
    ok(pusher.delete("manifests/" + Digest.of(child)), 202);
    ok(pusher.delete("blobs/" + layer), 202);
    ok(pusher.get("blobs/" + layer), 404);

    assertThat(restore("trash/index", only("trash/index", "tag")).status()).isEqualTo(200);

    assertThat(pusher.get("manifests/all", "Accept", V2Pusher.OCI_INDEX).bytes()).isEqualTo(index);
    assertThat(pusher.get("manifests/" + Digest.of(child)).bytes()).isEqualTo(child);
    assertThat(pusher.get("blobs/" + layer).text()).isEqualTo("a child");
  }

  @Test
  void aBlobThatWasRemovedComesBack() {
    V2Pusher pusher = new V2Pusher(client, "trash/blob");
    Digest digest = pusher.blob("a blob".getBytes(UTF_8));
    ok(pusher.delete("blobs/" + digest), 202);
    ok(pusher.get("blobs/" + digest), 404);

    assertThat(restore("trash/blob", only("trash/blob", "blob")).status()).isEqualTo(200);

    assertThat(pusher.get("blobs/" + digest).text()).isEqualTo("a blob");
  }

  @Test
  void aRepositoryComesBackAsItWas() {
    V2Image image = V2Image.of("repository", "d", "e");
    Digest digest = push("trash/repository", "v2", image);
    TestImage old =
        TestImage.of("old", "", TestLayer.compressed(TestLayer.of("old"), 1)).push(client);
    String list = "[{\"id\": \"" + old.id() + "\"}]";
    ok(client.put("/v1/repositories/trash/repository/images", list), 204);
    ok(client.put("/v1/repositories/trash/repository/tags/old", '"' + old.id() + '"'), 200);
    V2Pusher pusher = new V2Pusher(client, "trash/repository");
    byte[] signature =
        pusher.artifact(
            "signed",
            Map.of("subject", V2Pusher.descriptor(V2Pusher.OCI_MANIFEST, image.manifest())));
    ok(pusher.put(Digest.of(signature), signature), 201);
    ok(
        client.put("/v1/repositories/trash/repository/properties", "{\"access\": \"private\"}"),
        200);
    String images = client.get("/v1/repositories/trash/repository/images").text();
    String referrers = pusher.get("referrers/" + digest).text();
    ok(client.delete("/v1/repositories/trash/repository/"), 200);
    ok(client.get("/v1/repositories/trash/repository/tags"), 404);
    ok(client.get("/v2/trash/repository/manifests/" + digest), 404);

    JsonNode item = only("trash/repository", "repository");
    assertThat(item.path("tags").asInt()).isEqualTo(2);
    ApiClient.Answer restored = restore("trash/repository", item);

    assertThat(restored.json().path("tags").valueStream().map(JsonNode::asString))
        .containsExactly("old", "v2");
    assertPulled("trash/repository", "v2", image);
    assertThat(client.get("/v1/repositories/trash/repository/tags/old").text())
        .isEqualTo('"' + old.id() + '"');
    assertThat(client.get("/v1/repositories/trash/repository/images").text()).isEqualTo(images);
    assertThat(pusher.get("referrers/" + digest).text())
        .isEqualTo(referrers)
        .contains(Digest.of(signature).toString());
    assertThat(client.get("/v1/repositories/trash/repository/properties").text())
        .contains("private");
    assertThat(trash("trash/repository")).isEmpty();
  }

  @Test
  void tagsThatExistAgainStayWhenTheirRepositoryComesBack() {
    V2Image former = V2Image.of("former", "f");
    V2Image now = V2Image.of("now", "g");
    push("trash/again", "v1", former);
    push("trash/again", "v2", former);
    ok(client.delete("/v1/repositories/trash/again/"), 200);
    push("trash/again", "v1", now);

    ApiClient.Answer restored = restore("trash/again", only("trash/again", "repository"));

    assertThat(restored.json().path("tags").valueStream().map(JsonNode::asString))
        .containsExactly("v2");
    assertPulled("trash/again", "v1", now);
    assertPulled("trash/again", "v2", former);
  }

  @Test
  void aTagThatExistsAgainIsNotReplaced() {
    V2Image former = V2Image.of("replaced", "h");
    V2Image now = V2Image.of("replacing", "i");
    push("trash/replaced", "v1", former);
    ok(client.delete("/v2/trash/replaced/manifests/v1"), 202);
    push("trash/replaced", "v1", now);

    ApiClient.Answer refused = restore("trash/replaced", only("trash/replaced", "tag"));

    assertThat(refused.status()).as(refused.text()).isEqualTo(409);
    assertThat(refused.error()).contains("exists again");
    assertPulled("trash/replaced", "v1", now);
    assertThat(trash("trash/replaced")).hasSize(1);
  }

  private List<JsonNode> history(String repository, String tag) {
    return api.get("/api/repositories/" + repository + "/tags/" + tag + "/history")
        .json()
        .path("versions")
        .valueStream()
        .toList();
  }

  @Test
  void aTagKnowsWhatItNamedAndGoesBackToIt() {
    V2Image one = V2Image.of("one", "j");
    V2Image two = V2Image.of("two", "k");
    Digest first = push("trash/history", "latest", one);
    assertThat(history("trash/history", "latest")).isEmpty();
    push("trash/history", "latest", one);
    assertThat(history("trash/history", "latest")).isEmpty();
    Digest second = push("trash/history", "latest", two);

    List<JsonNode> versions = history("trash/history", "latest");
    assertThat(versions).hasSize(1);
    assertThat(versions.get(0).path("digest").asString()).isEqualTo(first.toString());
    assertThat(versions.get(0).path("removed").asBoolean()).isFalse();
    String id = versions.get(0).path("id").asString();
    ApiClient.Answer restored =
        api.post("/api/repositories/trash/history/tags/latest/history/" + id + "/restore", "{}");

    assertThat(restored.at("/digest")).isEqualTo(first.toString());
    assertPulled("trash/history", "latest", one);
    assertThat(history("trash/history", "latest"))
        .extracting(version -> version.path("digest").asString())
        .containsExactly(second.toString(), first.toString());
    assertThat(trash("trash/history")).isEmpty();
  }

  @Test
  void anotherManifestOfTheSameImageIsAnotherVersion() {
    V2Image image = V2Image.of("packed", "l");
    Digest packed = push("trash/packed", "v1", image);
    V2Pusher pusher = new V2Pusher(client, "trash/packed");
    image.tars().forEach(pusher::blob);
    ok(pusher.put("v1", image.plainManifest()), 201);
    assertThat(pusher.get("manifests/v1").bytes()).isEqualTo(image.plainManifest());

    List<JsonNode> versions = history("trash/packed", "v1");
    assertThat(versions)
        .extracting(version -> version.path("digest").asString())
        .containsExactly(packed.toString());
    String id = versions.get(0).path("id").asString();
    assertThat(
            api.post("/api/repositories/trash/packed/tags/v1/history/" + id + "/restore", "{}")
                .status())
        .isEqualTo(200);

    assertPulled("trash/packed", "v1", image);
  }

  @Test
  void whatIsNotThereIsNotRestored() {
    push("trash/none", "v1", V2Image.of("none", "m"));
    for (String id : List.of("x", "0000000000000-tag-" + "0".repeat(36), "..%2f..%2ftags")) {
      assertThat(api.post("/api/trash/trash/none/" + id + "/restore", "{}").status())
          .as(id)
          .isIn(400, 404);
      assertThat(
              api.post("/api/repositories/trash/none/tags/v1/history/" + id + "/restore", "{}")
                  .status())
          .as(id)
          .isIn(400, 404);
    }
    ok(client.get("/v2/trash/none/manifests/v1"), 200);
  }

  @Test
  void theListHasPages() {
    for (int i = 0; i < 5; i++) {
      push("pages/r" + i % 2, "v" + i, V2Image.of("page", "n"));
      ok(client.delete("/v2/pages/r" + i % 2 + "/manifests/v" + i), 202);
    }
    String path = "/api/trash?namespace=pages&limit=2";
    StringBuilder names = new StringBuilder();
    JsonNode page = api.get(path).json();
    for (int pages = 0; pages < 3; pages++) {
      page.path("items").forEach(item -> names.append(item.path("name").asString()).append(' '));
      if (!page.has("next")) {
        break;
      }
      page = api.get(path + "&after=" + page.path("next").asString()).json();
    }

    assertThat(names).hasToString("v0 v2 v4 v1 v3 ");
  }
}
