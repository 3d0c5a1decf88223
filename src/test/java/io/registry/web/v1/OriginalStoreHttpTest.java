package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.testkit.OriginalStore;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A store that the original wrote is served as it is, byte for byte (protocol 5). */
class OriginalStoreHttpTest {
  private static final String PLAIN =
      "20d20d7f50d42b3784af95a8113aae34ab529ef855eb99accb1adc2a50b0f0c2";
  private static final String GZIP =
      "d0a118259d7c8fdb46520e9f64b014303c07b27b39faec4590ef85961d975082";
  private static final String BZIP2 =
      "aa3ec46707982af4b687cda1d1f246bd08599c38f66789d0ad6c40051fe03fb2";
  private static final String XZ =
      "b2d6fcef286bc965b3781377bde67b96fd32dba80283ba4e5d7eeda1b3c4ebc4";
  private static final String LEAF =
      "061d09f5b8afe47befb6e1298622727fcc6f3c6da820dafdb487d12c706bc643";
  private static final String SHORT = "ec6f080d1ab394d6";
  private static final Set<String> UNFINISHED =
      Set.of(
          "bea3751fd90e1dc35c0af8cdc5199eb4e91a8cb38abbcbdc511ee100eb779e8e",
          "cadb3ae40d83439fec32df9fe167222ba441ed4f4f1026d1ff7cdd15356ee311");

  private static final Map<String, String> TAGS =
      Map.of(
          "fixtures/from-1-0-0",
          "{\"v1\": \"04f588ca40ea45fe5f810bd29e7f893fbb9055887cd2170d9587a8ae3b1f53fb\"}",
          "fixtures/from-1-5-0",
          "{\"v1\": \"383f69992c61c2e36cd8337829f331febfa58de492edab0ca83f16f03e89cb91\"}",
          "fixtures/from-1-9-1",
          "{\"v1\": \"2f362bed687b8882baa326db468c841904f68c7c375ea77161d245f1d10a8685\"}",
          "fixtures/from-1-12-6",
          "{\"v1\": \"c2f15b6a7cf206032de84004b57f008ac492aaecd56e56eb7b97d9cdfda403d8\"}",
          // Neither the foreign .nfs0001 nor tag_x_json, the metadata of _x; one has a line feed.
          "fixtures/legacy",
          "{\"1.0-rc.1\": \"%s\", \"_x\": \"%s\", \"latest\": \"%s\"}".formatted(GZIP, PLAIN, LEAF),
          "fixtures/secret",
          "{\"latest\": \"%s\"}".formatted(GZIP),
          "fixtures/short",
          "{\"latest\": \"%s\"}".formatted(SHORT),
          "library/solo",
          "{\"latest\": \"%s\"}".formatted(PLAIN),
          "deep/er/name",
          "{\"v1\": \"%s\"}".formatted(XZ));
  private static final String METADATA =
      "{\"arch\": \"amd64\", \"docker_go_version\": \"go1.3.3\", \"docker_version\": \"1.5.0\","
          + " \"kernel\": \"3.16.0\", \"last_update\": 1795475593, \"os\": \"linux\"}";
  private static final String NO_METADATA =
      "{\"arch\": \"amd64\", \"docker_go_version\": null, \"docker_version\": null,"
          + " \"kernel\": null, \"last_update\": null, \"os\": \"linux\"}";
  private static final Pattern PARENT = Pattern.compile("\"parent\": ?\"([0-9a-f]+)\"");

  @TempDir static Path directory;
  private static OriginalStore store;
  private static Map<String, String> unpacked;
  private static RegistryServer server;
  private static TestClient client;

  @BeforeAll
  static void start() {
    store = OriginalStore.unpack(directory);
    unpacked = store.hashes();
    server = RegistryServer.start(directory);
    client = server.client();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void theStoreIsUnpackedAsTheOriginalWroteIt() {
    assertThat(unpacked).isEqualTo(OriginalStore.originalHashes()).hasSize(183);
    assertThat(finished()).hasSize(36 - UNFINISHED.size());
  }

  @Test
  void theJsonOfEachImageIsServedByteForByteWithTheSizeOfItsLayer() {
    Map<String, String> hashes = OriginalStore.originalHashes();
    for (String id : finished()) {
      TestClient.Answer answer = client.get("/v1/images/" + id + "/json");

      assertThat(answer.status()).as(id).isEqualTo(200);
      assertThat(OriginalStore.sha256(answer.bytes())).isEqualTo(hashes.get(file(id, "json")));
      assertThat(answer.header("X-Docker-Size"))
          .isEqualTo(Integer.toString(store.bytes(file(id, "layer")).length));
    }
  }

  @Test
  void theLayerOfEachImageIsServedByteForByte() {
    Map<String, String> hashes = OriginalStore.originalHashes();
    for (String id : finished()) {
      TestClient.Answer answer = client.get("/v1/images/" + id + "/layer");

      assertThat(answer.status()).as(id).isEqualTo(200);
      assertThat(OriginalStore.sha256(answer.bytes())).isEqualTo(hashes.get(file(id, "layer")));
    }
  }

  @Test
  void theSecondHalfOfEachLayerIsServedToAClientThatGoesOnWithAPull() {
    for (String id : finished()) {
      byte[] layer = store.bytes(file(id, "layer"));
      int half = layer.length / 2;
      TestClient.Answer answer =
          client.get("/v1/images/" + id + "/layer", "Range", "bytes=" + half + "-" + layer.length);

      assertThat(answer.status()).as(id).isEqualTo(206);
      assertThat(answer.bytes()).isEqualTo(java.util.Arrays.copyOfRange(layer, half, layer.length));
    }
  }

  @Test
  void theChecksumOfEachImageIsServedInWhateverFormItIsOnFile() {
    Pattern sum = Pattern.compile("(?:sha256|tarsum\\+sha256):[0-9a-f]{64}");
    for (String id : finished()) {
      List<String> expected =
          store.has(file(id, "_checksum"))
              ? sum.matcher(store.text(file(id, "_checksum")))
                  .results()
                  .map(r -> r.group())
                  .toList()
              : List.of();

      assertThat(client.get("/v1/images/" + id + "/json").headers("X-Docker-Checksum-Payload"))
          .as(id)
          .isEqualTo(expected);
    }
  }

  @Test
  void aChecksumThatIsABareTextIsServed() {
    assertThat(store.text(file(PLAIN, "_checksum"))).startsWith("sha256:").doesNotContain("\n");
    assertThat(client.get("/v1/images/" + PLAIN + "/json").headers("X-Docker-Checksum-Payload"))
        .containsExactly(store.text(file(PLAIN, "_checksum")));
  }

  @Test
  void aChecksumThatIsABareTextWithALineFeedIsServedWithoutIt() {
    assertThat(store.text(file(GZIP, "_checksum"))).startsWith("sha256:").endsWith("\n");
    assertThat(client.get("/v1/images/" + GZIP + "/json").headers("X-Docker-Checksum-Payload"))
        .containsExactly(store.text(file(GZIP, "_checksum")).strip());
  }

  @Test
  void anImageWhoseChecksumIsLostIsServedWithoutOne() {
    assertThat(store.has(file(XZ, "_checksum"))).isFalse();
    TestClient.Answer answer = client.get("/v1/images/" + XZ + "/json");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.headers("X-Docker-Checksum-Payload")).isEmpty();
  }

  @Test
  void theAncestryOfEachImageIsServedByteForByteAndNamesItsParents() {
    for (String id : finished()) {
      TestClient.Answer answer = client.get("/v1/images/" + id + "/ancestry");

      assertThat(answer.status()).as(id).isEqualTo(200);
      assertThat(answer.text()).isEqualTo(rendered(parents(id)));
      if (store.has(file(id, "ancestry"))) {
        assertThat(answer.bytes()).isEqualTo(store.bytes(file(id, "ancestry")));
      }
    }
  }

  @Test
  void aLostAncestryIsRebuiltFromTheParents() {
    assertThat(store.has(file(BZIP2, "ancestry"))).isFalse();
    assertThat(client.get("/v1/images/" + BZIP2 + "/ancestry").text())
        .isEqualTo(rendered(List.of(BZIP2, GZIP, PLAIN)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"json", "layer", "ancestry"})
  void anImageWhoseUploadWasNeverFinishedIsRefused(String part) {
    for (String id : UNFINISHED) {
      TestClient.Answer answer = client.get("/v1/images/" + id + "/" + part);

      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.text()).isEqualTo("{\"error\": \"Image is being uploaded, retry later\"}");
    }
  }

  @Test
  void aForeignFolderAmongTheImagesIsNoImage() {
    assertThat(store.list("images")).contains("lost+found");
    assertThat(client.get("/v1/images/lost+found/json").status()).isEqualTo(404);
    assertThat(client.get("/v1/images/lost%2Bfound/json").text())
        .isEqualTo("{\"error\": \"Invalid image ID\"}");
  }

  @Test
  void theTagsOfEachRepositoryAreListed() {
    TAGS.forEach(
        (repository, tags) ->
            assertThat(client.get("/v1/repositories/" + repository + "/tags").text())
                .as(repository)
                .isEqualTo(tags));
  }

  @Test
  void eachTagIsServed() {
    TAGS.forEach(
        (repository, tags) ->
            Pattern.compile("\"([^\"]+)\": (\"[0-9a-f]+\")")
                .matcher(tags)
                .results()
                .forEach(
                    tag -> {
                      String path = "/v1/repositories/" + repository + "/tags/" + tag.group(1);
                      assertThat(client.get(path).text()).as(path).isEqualTo(tag.group(2));
                    }));
  }

  @Test
  void theMetadataOfATagIsNoTag() {
    assertThat(store.has("repositories/fixtures/legacy/tag_x_json")).isTrue();
    TestClient.Answer answer = client.get("/v1/repositories/fixtures/legacy/tags/x_json");

    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.text()).isEqualTo("{\"error\": \"Tag not found\"}");
  }

  @Test
  void theMetadataOfTagsAndRepositoriesIsServed() {
    String legacy = "/v1/repositories/fixtures/legacy";
    for (String path :
        List.of(
            legacy + "/tags/_x/json",
            legacy + "/tags/1.0-rc.1/json",
            legacy + "/tags/latest/json",
            legacy + "/json",
            "/v1/repositories/solo/json",
            "/v1/repositories/deep/er/name/tags/v1/json")) {
      assertThat(client.get(path).text()).as(path).isEqualTo(METADATA);
    }
    for (String path :
        List.of(
            legacy + "/tags/x_json/json",
            legacy + "/tags/nosuch/json",
            "/v1/repositories/deep/er/name/json")) {
      assertThat(client.get(path).text()).as(path).isEqualTo(NO_METADATA);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"solo", "library/solo", "library%2Fsolo", "solo/", "library/solo/"})
  void aNameWithoutNamespaceIsOfTheLibrary(String name) {
    String repository = "/v1/repositories/" + name;

    assertThat(client.get(repository + "/tags/latest").text()).isEqualTo('"' + PLAIN + '"');
    assertThat(client.get(repository + "/images").text())
        .isEqualTo("[{\"id\": \"%s\"}]".formatted(PLAIN));
  }

  @ParameterizedTest
  @ValueSource(strings = {"deep/er/name", "deep/er%2Fname", "deep%2Fer%2Fname", "deep/er%2fname"})
  void aNameWithASlashIsFoundUnderItsTwiceQuotedFolder(String name) {
    String repository = "/v1/repositories/" + name;

    assertThat(client.get(repository + "/tags").text()).isEqualTo(TAGS.get("deep/er/name"));
    assertThat(client.get(repository + "/tags/v1").text()).isEqualTo('"' + XZ + '"');
    assertThat(client.get(repository + "/images").text())
        .isEqualTo("[{\"id\": \"%s\"}]".formatted(XZ));
  }

  @Test
  void theImageListOfEachRepositoryIsServedByteForByte() {
    Map<String, String> folders = new TreeMap<>();
    TAGS.keySet().forEach(name -> folders.put(name, name.replace("er/name", "er%252Fname")));
    folders.remove("fixtures/short");
    folders.forEach(
        (repository, folder) ->
            assertThat(client.get("/v1/repositories/" + repository + "/images").bytes())
                .as(repository)
                .isEqualTo(store.bytes("repositories/" + folder + "/_index_images")));
  }

  @Test
  void aLostImageListIsMadeOfTheTagsSoThatAPullWorks() {
    assertThat(store.has("repositories/fixtures/short/_index_images")).isFalse();
    TestClient.Answer answer = client.get("/v1/repositories/fixtures/short/images");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.text()).isEqualTo("[{\"id\": \"%s\"}]".formatted(SHORT));
    assertThat(answer.header("X-Docker-Endpoints")).isEqualTo("127.0.0.1:" + client.port());
    assertThat(answer.header("X-Docker-Token")).contains("access=read");
  }

  @Test
  void thePrivateRepositoryIsToldFromTheOthers() {
    for (String repository : TAGS.keySet()) {
      assertThat(client.get("/v1/repositories/" + repository + "/properties").text())
          .isEqualTo(
              repository.equals("fixtures/secret")
                  ? "{\"access\": \"private\"}"
                  : "{\"access\": \"public\"}");
    }
  }

  @Test
  void readingChangesNothing(@TempDir Path other) {
    OriginalStore read = OriginalStore.unpack(other);
    try (RegistryServer reading = RegistryServer.start(other)) {
      TestClient reader = reading.client();
      for (String id : read.images()) {
        for (String part : List.of("json", "layer", "ancestry")) {
          int status = UNFINISHED.contains(id) ? 400 : 200;
          assertThat(reader.get("/v1/images/" + id + "/" + part).status()).isEqualTo(status);
          assertThat(reader.head("/v1/images/" + id + "/" + part).status()).isEqualTo(status);
        }
      }
      for (String repository : TAGS.keySet()) {
        for (String part : List.of("tags", "images", "json", "properties", "tags/latest/json")) {
          assertThat(reader.get("/v1/repositories/" + repository + "/" + part).status())
              .isEqualTo(200);
        }
      }
      assertThat(reader.get("/v1/repositories/no/such/tags").status()).isEqualTo(404);
      assertThat(reader.get("/v1/images/0123456789abcdef/json").status()).isEqualTo(404);
    }
    // But that a registry that has run for a while has written down that it remembers.
    Map<String, String> hashes = new TreeMap<>(read.hashes());
    hashes.keySet().removeIf(file -> file.startsWith("_cache/epoch-"));
    assertThat(hashes).isEqualTo(OriginalStore.originalHashes());
    assertThat(read.list("")).contains("images", "repositories");
    assertThat(read.list("images")).contains("lost+found");
  }

  private static List<String> finished() {
    return store.images().stream().filter(id -> !UNFINISHED.contains(id)).toList();
  }

  private static String file(String id, String part) {
    return "images/" + id + "/" + part;
  }

  private static List<String> parents(String id) {
    List<String> ids = new ArrayList<>();
    for (String next = id; !next.isEmpty(); ) {
      ids.add(next);
      Matcher parent =
          PARENT.matcher(new String(store.bytes(file(next, "json")), StandardCharsets.UTF_8));
      next = parent.find() ? parent.group(1) : "";
    }
    return ids;
  }

  private static String rendered(List<String> ids) {
    return "[\"" + String.join("\", \"", ids) + "\"]";
  }
}
