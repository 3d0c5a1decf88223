package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.testkit.OriginalStore;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestImage;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store of the original is extended in place, so that the original could go on with it. */
@Tag("slow")
class OriginalStorePushHttpTest {
  private static final String PLAIN =
      "20d20d7f50d42b3784af95a8113aae34ab529ef855eb99accb1adc2a50b0f0c2";
  private static final String GZIP =
      "d0a118259d7c8fdb46520e9f64b014303c07b27b39faec4590ef85961d975082";
  private static final String WITHOUT_ANCESTRY =
      "aa3ec46707982af4b687cda1d1f246bd08599c38f66789d0ad6c40051fe03fb2";
  private static final String WITHOUT_CHECKSUM =
      "b2d6fcef286bc965b3781377bde67b96fd32dba80283ba4e5d7eeda1b3c4ebc4";
  private static final String DESCRIBED =
      "bea3751fd90e1dc35c0af8cdc5199eb4e91a8cb38abbcbdc511ee100eb779e8e";
  private static final String UNVERIFIED =
      "cadb3ae40d83439fec32df9fe167222ba441ed4f4f1026d1ff7cdd15356ee311";
  private static final String SHORT = "ec6f080d1ab394d6";

  @TempDir Path directory;
  private OriginalStore store;
  private RegistryServer server;
  private TestClient client;

  @BeforeEach
  void start() {
    store = OriginalStore.unpack(directory);
    server = RegistryServer.start(directory);
    client = server.client();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void aChildOfAnOriginalImageIsWrittenAsTheOriginalWould() {
    TestImage child = TestImage.of("child", GZIP, new byte[] {1, 2, 3}).push(client);

    assertFinished(child, List.of(child.id(), GZIP, PLAIN));
    assertThat(client.get(child.path("ancestry")).bytes())
        .isEqualTo(store.bytes("images/" + child.id() + "/ancestry"));
    assertNothingElseChanged("images/" + child.id() + "/");
  }

  @Test
  void aChildOfAnImageWithAShortIdIsTaken() {
    TestImage child = TestImage.of("child", SHORT, new byte[0]).push(client);

    assertFinished(child, List.of(child.id(), SHORT));
  }

  @Test
  void aChildOfAnImageWhoseAncestryIsLostGetsAWholeAncestry() {
    TestImage child = TestImage.of("child", WITHOUT_ANCESTRY, new byte[] {1}).push(client);

    assertFinished(child, List.of(child.id(), WITHOUT_ANCESTRY, GZIP, PLAIN));
    assertNothingElseChanged("images/" + child.id() + "/");
  }

  @Test
  void aChildOfAnImageWhoseChecksumIsLostIsTaken() {
    TestImage child = TestImage.of("child", WITHOUT_CHECKSUM, new byte[] {1}).push(client);

    assertFinished(child, List.of(child.id(), WITHOUT_CHECKSUM, WITHOUT_ANCESTRY, GZIP, PLAIN));
  }

  @Test
  void aCompleteImageOfTheOriginalIsNotTakenAgain() {
    TestImage known = stored(GZIP, new byte[] {1});

    assertThat(known.putJson(client).status()).isEqualTo(409);
    assertThat(known.putLayer(client).status()).isEqualTo(409);
    assertThat(known.putChecksum(client).status()).isEqualTo(409);
    assertNothingElseChanged("-");
  }

  @Test
  void anImageThatTheOriginalLeftUnverifiedIsFinishedByItsChecksum() {
    TestImage image = stored(UNVERIFIED, store.bytes("images/" + UNVERIFIED + "/layer"));
    TestClient.Answer wrong =
        client.put(
            image.path("checksum"), "", "X-Docker-Checksum-Payload", "sha256:" + "0".repeat(64));

    assertThat(wrong.status()).isEqualTo(400);
    assertThat(wrong.text()).isEqualTo("{\"error\": \"Checksum mismatch\"}");
    assertThat(client.get(image.path("layer")).status()).isEqualTo(400);

    assertThat(image.putChecksum(client).status()).isEqualTo(200);
    assertFinished(image, List.of(UNVERIFIED));
    assertThat(client.get(image.path("layer")).bytes()).isEqualTo(image.layer());
    assertNothingElseChanged("images/" + UNVERIFIED + "/_inprogress");
  }

  @Test
  void anUnverifiedImageWhoseLayerIsNotWhatItsChecksumSaysIsNotFinished() {
    String checksum = store.text("images/" + UNVERIFIED + "/_checksum");
    store.write("images/" + UNVERIFIED + "/layer", "cut short");

    assertThat(
            client
                .put(
                    "/v1/images/" + UNVERIFIED + "/checksum",
                    "",
                    "X-Docker-Checksum-Payload",
                    checksum.substring(2, checksum.length() - 2))
                .status())
        .isEqualTo(400);
    assertThat(client.get("/v1/images/" + UNVERIFIED + "/layer").status()).isEqualTo(400);
  }

  @Test
  void anImageThatTheOriginalOnlyDescribedIsPushedToItsEnd() {
    TestImage image = stored(DESCRIBED, new byte[] {7, 7, 7}).push(client);

    assertFinished(image, List.of(DESCRIBED));
    assertThat(client.get(image.path("json")).bytes()).isEqualTo(image.json());
    assertThat(client.get(image.path("layer")).bytes()).isEqualTo(image.layer());
    assertNothingElseChanged("images/" + DESCRIBED + "/");
  }

  @Test
  void anImageThatTheOriginalOnlyDescribedMayBeDescribedAnew() {
    TestImage other = TestImage.of("any", PLAIN, new byte[] {7});
    String json = "{\"id\":\"%s\",\"parent\":\"%s\"}".formatted(DESCRIBED, PLAIN);
    TestImage image =
        new TestImage(
                DESCRIBED, json.getBytes(java.nio.charset.StandardCharsets.UTF_8), other.layer())
            .push(client);

    assertFinished(image, List.of(DESCRIBED, PLAIN));
  }

  @Test
  void aTagIsWrittenAsTheOriginalWould() {
    TestClient.Answer answer =
        client.put(
            "/v1/repositories/fixtures/legacy/tags/2.0",
            '"' + GZIP + '"',
            "User-Agent",
            "docker/1.5.0 go/go1.3.3 kernel/3.16.0 os/linux arch/amd64");

    assertThat(answer.status()).isEqualTo(200);
    String folder = "repositories/fixtures/legacy/";
    assertThat(store.text(folder + "tag_2.0")).isEqualTo(GZIP);
    assertThat(store.text(folder + "tag2.0_json"))
        .matches(
            "\\{\"arch\": \"amd64\", \"docker_go_version\": \"go1.3.3\","
                + " \"docker_version\": \"1.5.0\", \"kernel\": \"3.16.0\","
                + " \"last_update\": [0-9]+, \"os\": \"linux\"}");
    assertNothingElseChanged(folder + "tag_2.0", folder + "tag2.0_json");
  }

  @Test
  void theTagLatestIsMovedWithTheMetadataOfItsRepository() {
    put("/v1/repositories/fixtures/legacy/tags/latest", GZIP);

    String folder = "repositories/fixtures/legacy/";
    assertThat(store.text(folder + "tag_latest")).isEqualTo(GZIP);
    assertThat(store.text(folder + "json")).isEqualTo(store.text(folder + "taglatest_json"));
    assertNothingElseChanged(folder + "tag_latest", folder + "taglatest_json", folder + "json");
  }

  @Test
  void aTagWithALineFeedIsMovedAndHasNoneThen() {
    put("/v1/repositories/fixtures/legacy/tags/1.0-rc.1", PLAIN);

    assertThat(store.text("repositories/fixtures/legacy/tag_1.0-rc.1")).isEqualTo(PLAIN);
  }

  @Test
  void aTagMayHaveTheNameUnderWhichTheMetadataOfAnotherOneLies() {
    put("/v1/repositories/fixtures/legacy/tags/x_json", GZIP);

    assertThat(store.text("repositories/fixtures/legacy/tag_x_json")).isEqualTo(GZIP);
    assertThat(client.get("/v1/repositories/fixtures/legacy/tags/_x").text())
        .isEqualTo('"' + PLAIN + '"');

    put("/v1/repositories/fixtures/legacy/tags/_x", GZIP);
    assertThat(client.get("/v1/repositories/fixtures/legacy/tags/x_json").text())
        .isEqualTo('"' + GZIP + '"');
    assertThat(client.delete("/v1/repositories/fixtures/legacy/tags/_x").status()).isEqualTo(200);
    assertThat(client.get("/v1/repositories/fixtures/legacy/tags").text())
        .contains("\"x_json\"")
        .doesNotContain("\"_x\"");
  }

  @Test
  void repositoriesWithASlashAreQuotedTwiceOnDisk() {
    put("/v1/repositories/deep/er/name/tags/v2", GZIP);
    put("/v1/repositories/deep/even/er/name/tags/v1", GZIP);

    assertThat(store.list("repositories/deep"))
        .containsExactly("er%252Fname", "even%252Fer%252Fname");
    assertThat(store.text("repositories/deep/er%252Fname/tag_v2")).isEqualTo(GZIP);
    assertThat(store.text("repositories/deep/even%252Fer%252Fname/tag_v1")).isEqualTo(GZIP);
  }

  @Test
  void aNewRepositoryHasTheFilesOfTheOriginalAndItsImageListOnceMore() {
    String repository = "/v1/repositories/fixtures/new";
    String list = "[{\"id\":\"%s\",\"Tag\":\"latest\"}]".formatted(GZIP);

    assertThat(client.put(repository + "/", list).status()).isEqualTo(200);
    put(repository + "/tags/latest", GZIP);
    assertThat(client.put(repository + "/images", "[]").status()).isEqualTo(204);
    assertThat(client.put(repository + "/properties", "{\"access\":\"private\"}").status())
        .isEqualTo(200);

    String folder = "repositories/fixtures/new";
    assertThat(store.list(folder))
        .containsExactlyInAnyOrder(
            "_images", "_index_images", "_private", "json", "tag_latest", "taglatest_json");
    assertThat(store.text(folder + "/_index_images")).isEqualTo(list);
    assertThat(store.list(folder + "/_images"))
        .singleElement()
        .satisfies(file -> assertThat(store.text(folder + "/_images/" + file)).isEqualTo(list));
    assertThat(store.text(folder + "/tag_latest")).isEqualTo(GZIP);
    assertThat(store.bytes(folder + "/_private")).isEmpty();
  }

  @Test
  void theImageListOfTheOriginalIsAddedTo() {
    String list = "[{\"id\":\"%s\"},{\"id\":\"%s\"}]".formatted(GZIP, SHORT);
    assertThat(client.put("/v1/repositories/solo/", list).status()).isEqualTo(200);

    assertThat(store.text("repositories/library/solo/_index_images"))
        .isEqualTo(
            "[{\"id\": \"%s\"}, {\"id\": \"%s\"}, {\"id\": \"%s\"}]".formatted(GZIP, SHORT, PLAIN));
  }

  @Test
  void aTagOfTheOriginalIsRemovedWithItsMetadata() {
    assertThat(client.delete("/v1/repositories/fixtures/legacy/tags/_x").text()).isEqualTo("true");

    assertThat(store.list("repositories/fixtures/legacy"))
        .containsExactlyInAnyOrder(
            ".nfs0001",
            "_index_images",
            "json",
            "tag1.0-rc.1_json",
            "tag_1.0-rc.1",
            "tag_latest",
            "taglatest_json");
  }

  @Test
  void aRepositoryOfTheOriginalIsRemovedWhole() {
    assertThat(client.delete("/v1/repositories/fixtures/legacy/").text()).isEqualTo("true");
    assertThat(client.delete("/v1/repositories/deep/er/name").text()).isEqualTo("true");

    assertThat(store.list("repositories/fixtures")).doesNotContain("legacy").contains("secret");
    assertThat(store.list("repositories")).doesNotContain("deep");
    assertThat(client.get("/v1/repositories/fixtures/legacy/tags").status()).isEqualTo(404);
    assertThat(client.get("/v1/images/" + GZIP + "/json").status()).isEqualTo(200);
  }

  private void put(String path, String image) {
    assertThat(client.put(path, '"' + image + '"').text()).isEqualTo("true");
  }

  private TestImage stored(String id, byte[] layer) {
    return new TestImage(id, store.bytes("images/" + id + "/json"), layer);
  }

  // What the original looks for, and where (protocol 5.1).
  private void assertFinished(TestImage image, List<String> ancestry) {
    String folder = "images/" + image.id();
    assertThat(store.list(folder))
        .containsExactlyInAnyOrder("json", "layer", "ancestry", "_checksum");
    assertThat(store.bytes(folder + "/json")).isEqualTo(image.json());
    assertThat(store.bytes(folder + "/layer")).isEqualTo(image.layer());
    assertThat(store.text(folder + "/ancestry"))
        .isEqualTo("[\"" + String.join("\", \"", ancestry) + "\"]");
    assertThat(store.text(folder + "/_checksum")).isEqualTo("[\"" + image.checksum() + "\"]");
  }

  // Also tells that all of ours is on disk where the original looks, after the registry stopped.
  private void assertNothingElseChanged(String... prefixes) {
    server.close();
    Map<String, String> before = new HashMap<>(OriginalStore.originalHashes());
    Map<String, String> after = new HashMap<>(store.hashes());
    before.keySet().removeIf(path -> Arrays.stream(prefixes).anyMatch(path::startsWith));
    after.keySet().removeIf(path -> Arrays.stream(prefixes).anyMatch(path::startsWith));
    // What a tag named before is kept where the original does not look.
    after.keySet().removeIf(path -> path.startsWith("_trash/"));
    assertThat(after).isEqualTo(before);
    assertThat(store.list(""))
        .contains("images", "repositories")
        .isSubsetOf("images", "repositories", "_trash");
  }
}
