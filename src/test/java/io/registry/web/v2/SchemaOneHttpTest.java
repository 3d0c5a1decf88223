package io.registry.web.v2;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.registry.content.manifest.Digest;
import io.registry.platform.json.JsonCodec;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
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
import tools.jackson.databind.node.ObjectNode;

/** Images of schema 1 that are pushed, and what the clients of each age get of them. */
@TestInstance(Lifecycle.PER_CLASS)
class SchemaOneHttpTest {
  private static final JsonCodec CODEC = new JsonCodec();
  private static final String SCHEMA_2 = "application/vnd.docker.distribution.manifest.v2+json";

  @TempDir static Path directory;

  private RegistryServer server;
  private TestClient client;

  @BeforeAll
  void start() {
    server = RegistryServer.start(directory.resolve("store"));
    client = server.client();
  }

  @AfterAll
  void stop() {
    server.close();
  }

  private V2Pusher pusher(String repository) {
    return new V2Pusher(client, repository);
  }

  private static JsonNode json(byte[] bytes) {
    return CODEC.parse(bytes).orElseThrow();
  }

  private static Answer current(V2Pusher pusher, Object reference) {
    return pusher.get("manifests/" + reference, "Accept", SCHEMA_2);
  }

  private static byte[] config(V2Pusher pusher, Answer manifest) {
    String digest = json(manifest.bytes()).path("config").path("digest").asString("");
    byte[] config = pusher.get("blobs/" + digest).bytes();
    assertThat(Digest.of(config).toString()).isEqualTo(digest);
    return config;
  }

  @Test
  void everyGenuineImageIsServedToClientsOfEachAge() {
    int equal = 0;
    for (SchemaOneImages.Image image : SchemaOneImages.all()) {
      V2Pusher pusher = pusher(image.repository());

      assertThat(image.push(pusher)).as(image.name()).isEqualTo(image.digest());

      assertIsServedAsItCame(pusher, image);
      assertIsConverted(pusher, image);
      assertIsServedOverV1(image);
      Answer manifest = current(pusher, "v");
      if (new String(config(pusher, manifest), UTF_8)
          .equals(new String(image.pulledByToday(), UTF_8))) {
        equal++;
      }
    }
    assertThat(equal).isEqualTo(23);
  }

  private void assertIsServedAsItCame(V2Pusher pusher, SchemaOneImages.Image image) {
    for (Answer answer :
        List.of(
            pusher.get("manifests/v"),
            pusher.get("manifests/v", "Accept", SchemaOneImages.SIGNED),
            pusher.get("manifests/" + image.digest()),
            pusher.get("manifests/" + image.digest(), "Accept", "*/*"))) {
      assertThat(answer.status()).as(answer.text()).isEqualTo(200);
      assertThat(answer.bytes()).isEqualTo(image.manifest());
      assertThat(answer.header("Content-Type")).isEqualTo(SchemaOneImages.SIGNED);
      assertThat(answer.header("Docker-Content-Digest")).isEqualTo(image.digest().toString());
    }
  }

  private void assertIsConverted(V2Pusher pusher, SchemaOneImages.Image image) {
    Answer manifest = current(pusher, "v");
    Digest digest = Digest.of(manifest.bytes());
    assertThat(manifest.header("Content-Type")).as(manifest.text()).isEqualTo(SCHEMA_2);
    assertThat(manifest.header("Docker-Content-Digest")).isEqualTo(digest.toString());
    assertThat(pusher.get("manifests/v", "Accept", "*/*").bytes()).isEqualTo(manifest.bytes());
    assertThat(
            pusher.get("manifests/v", "Accept", SchemaOneImages.SIGNED + ", " + SCHEMA_2).bytes())
        .isEqualTo(manifest.bytes());
    assertThat(pusher.get("manifests/" + digest).bytes()).isEqualTo(manifest.bytes());
    assertThat(current(pusher, image.digest()).bytes()).isEqualTo(manifest.bytes());
    for (JsonNode layer : json(manifest.bytes()).path("layers")) {
      byte[] bytes = pusher.get("blobs/" + layer.path("digest").asString("")).bytes();
      assertThat(Digest.of(bytes).toString()).isEqualTo(layer.path("digest").asString(""));
      assertThat(bytes).hasSize(layer.path("size").asInt(0));
    }
    byte[] config = config(pusher, manifest);
    String overV1 = new String(image.pulledOverV1(), UTF_8);
    assertThat(new String(config, UTF_8))
        .isEqualTo(image.isThrowaway() ? withoutItsLayer(overV1) : overV1);
  }

  // Docker 1.12.6 does not look at throwaway over V1, later ones do in schema 1.
  private static String withoutItsLayer(String config) {
    return config
        .replaceFirst(",\"diff_ids\":\\[\"[^\"]*\"]", "")
        .replaceFirst("(\"history\":\\[\\{[^}]*)}", "$1,\"empty_layer\":true}");
  }

  private void assertIsServedOverV1(SchemaOneImages.Image image) {
    String top = image.images().get(image.images().size() - 1).id();
    assertThat(client.get("/v1/repositories/" + image.repository() + "/tags/v").text())
        .as(image.name())
        .isEqualTo('"' + top + '"');
    List<String> ancestry = new ArrayList<>();
    json(client.get("/v1/images/" + top + "/ancestry").bytes())
        .forEach(each -> ancestry.add(0, each.asString("")));
    assertThat(ancestry).isEqualTo(image.images().stream().map(SchemaOneImages.V1::id).toList());
    for (SchemaOneImages.V1 each : image.images()) {
      Answer json = client.get("/v1/images/" + each.id() + "/json");
      assertThat(json.bytes()).isEqualTo(each.json());
      assertThat(json.header("X-Docker-Checksum-Payload")).startsWith("sha256:");
      assertThat(client.get("/v1/images/" + each.id() + "/layer").bytes()).isEqualTo(each.layer());
    }
  }

  @Test
  void aChangedManifestIsRefused() {
    SchemaOneImages.Image image = SchemaOneImages.named("chain-of-three-1.6.2");
    V2Pusher pusher = pusher("s1/changed");
    image.images().forEach(each -> pusher.blob(each.layer()));
    String manifest = new String(image.manifest(), UTF_8);
    for (String changed :
        List.of(
            manifest.replaceFirst("amd64", "arm64"),
            manifest.replaceFirst("\"signature\": \"..", "\"signature\": \"AA"),
            manifest.replaceFirst("\"alg\": \"ES256\"", "\"alg\": \"none\""),
            manifest.replaceFirst("\"alg\": \"ES256\"", "\"alg\": \"HS256\""),
            manifest.replaceFirst("\"kty\": \"EC\"", "\"kty\": \"oct\""),
            manifest.replaceFirst("\"signatures\": \\[", "\"name\": \"other\", \"signatures\": ["),
            manifest.replaceFirst("\"signatures\": \\[", "\"signatures\": [{}, "),
            manifest.replaceFirst("\"signatures\": \\[.*\\]", "\"signatures\": []"))) {
      assertThat(changed).isNotEqualTo(manifest);

      Answer refused = pusher.put("v", changed.getBytes(UTF_8), SchemaOneImages.SIGNED);

      assertThat(refused.status()).as(refused.text()).isEqualTo(400);
      assertThat(refused.text()).as(changed).contains("MANIFEST_UNVERIFIED");
      assertThat(pusher.get("manifests/v").status()).isEqualTo(404);
    }
  }

  @Test
  void aManifestWithoutSignaturesIsServedWithoutThem() {
    SchemaOneImages.Image image = SchemaOneImages.named("chain-of-three-1.6.2");
    V2Pusher pusher = pusher("s1/unsigned");
    image.images().forEach(each -> pusher.blob(each.layer()));
    ObjectNode json = (ObjectNode) json(image.manifest()).deepCopy();
    json.remove("signatures");
    byte[] manifest = json.toString().getBytes(UTF_8);

    Answer pushed = pusher.put("v", manifest, SchemaOneImages.UNSIGNED);

    assertThat(pushed.status()).as(pushed.text()).isEqualTo(201);
    assertThat(pushed.header("Docker-Content-Digest")).isEqualTo(Digest.of(manifest).toString());
    Answer served = pusher.get("manifests/v");
    assertThat(served.bytes()).isEqualTo(manifest);
    assertThat(served.header("Content-Type")).isEqualTo(SchemaOneImages.UNSIGNED);
    assertThat(config(pusher, current(pusher, "v"))).isEqualTo(image.pulledOverV1());
  }

  @Test
  void aManifestThatIsNoChainIsRefusedWithThePlace() {
    SchemaOneImages.Image image = SchemaOneImages.named("chain-of-three-1.6.2");
    V2Pusher pusher = pusher("s1/wrong");
    image.images().forEach(each -> pusher.blob(each.layer()));
    ObjectNode right = (ObjectNode) json(image.manifest()).deepCopy();
    right.remove("signatures");
    String top = right.at("/history/0/v1Compatibility").asString("");
    Map<String, String> wrong =
        Map.of(
            right.toString().replaceFirst("\\{\"blobSum\":\"[^\"]*\"},", ""),
            "fsLayers: has 2 entries, and history 3",
            right.toString().replaceFirst("\"blobSum\":\"sha256:", "\"blobSum\":\"md5:"),
            "fsLayers[0].blobSum",
            right.toString().replaceFirst("\"parent", "\"xparent"),
            "the parent has to be",
            right.toString().replaceFirst("\"id", "\"xid"),
            "history[0].v1Compatibility: has no valid id",
            right.toString().replace(quoted(top), "\"[]\""),
            "history[0].v1Compatibility: has to be the JSON of an image");
    wrong.forEach(
        (manifest, reason) -> {
          Answer refused = pusher.put("v", manifest.getBytes(UTF_8), SchemaOneImages.UNSIGNED);

          assertThat(refused.status()).as(manifest).isEqualTo(400);
          assertThat(refused.text()).contains("MANIFEST_INVALID").contains(reason);
        });
  }

  private static String quoted(String text) {
    return new String(CODEC.render(text), UTF_8);
  }

  @Test
  void aMissingLayerIsNamed() {
    SchemaOneImages.Image image = SchemaOneImages.named("chain-of-three-1.6.2");

    Answer refused = pusher("s1/missing").put("v", image.manifest(), SchemaOneImages.SIGNED);

    assertThat(refused.status()).isEqualTo(404);
    assertThat(refused.text()).contains("MANIFEST_BLOB_UNKNOWN");
  }

  @Test
  void clientsRemoveWhatTheyWereShown() {
    SchemaOneImages.Image image = SchemaOneImages.named("version-1.8");
    V2Pusher pusher = pusher("s1/removed");
    image.push(pusher);
    String shown = current(pusher, "v").header("Docker-Content-Digest");

    Answer removed = pusher.delete("manifests/" + shown);

    assertThat(removed.status()).as(removed.text()).isEqualTo(202);
    for (Object reference : List.of("v", shown, image.digest())) {
      assertThat(current(pusher, reference).status()).isEqualTo(404);
    }
    assertThat(client.get("/v1/repositories/s1/removed/tags/v").status()).isEqualTo(404);
  }

  @Test
  void whatWasMadeIsMadeAgainToTheSameBytes() throws IOException {
    SchemaOneImages.Image image = SchemaOneImages.named("mixed-versions");
    V2Pusher pusher = pusher("s1/again");
    image.push(pusher);
    byte[] before = current(pusher, "v").bytes();
    byte[] config = config(pusher, current(pusher, "v"));
    deleteTree(directory.resolve("store/_v2"));

    assertThat(current(pusher, "v").bytes()).isEqualTo(before);
    assertThat(config(pusher, current(pusher, "v"))).isEqualTo(config);
    try (RegistryServer other = RegistryServer.start(directory.resolve("store"))) {
      deleteTree(directory.resolve("store/_v2"));
      V2Pusher there = new V2Pusher(other.client(), "s1/again");
      assertThat(current(there, "v").bytes()).isEqualTo(before);
      assertThat(config(there, current(there, "v"))).isEqualTo(config);
    }
  }

  private static void deleteTree(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  @Test
  void aTagThatIsPushedBackKeepsTheImage() {
    SchemaOneImages.Image image = SchemaOneImages.named("version-1.8");
    V2Pusher pusher = pusher("s1/back");
    image.push(pusher);
    Answer pulled = current(pusher, "v");

    Answer pushed = pusher.put("copy", pulled.bytes(), SCHEMA_2);

    assertThat(pushed.status()).as(pushed.text()).isEqualTo(201);
    assertThat(client.get("/v1/repositories/s1/back/tags/copy").text())
        .isEqualTo(client.get("/v1/repositories/s1/back/tags/v").text());
  }

  @Test
  void aReferrerIsAttachedToWhatClientsSee() {
    SchemaOneImages.Image image = SchemaOneImages.named("version-1.8");
    V2Pusher pusher = pusher("s1/referred");
    image.push(pusher);
    byte[] shown = current(pusher, "v").bytes();
    byte[] note = pusher.artifact("note", Map.of("subject", V2Pusher.descriptor(SCHEMA_2, shown)));

    assertThat(pusher.put(Digest.of(note), note).status()).isEqualTo(201);

    assertThat(pusher.get("referrers/" + Digest.of(shown)).text())
        .contains(Digest.of(note).toString());
  }
}
