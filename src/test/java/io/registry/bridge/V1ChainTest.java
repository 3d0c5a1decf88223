package io.registry.bridge;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.registry.content.image.ImageId;
import io.registry.content.manifest.Descriptor;
import io.registry.content.manifest.Digest;
import io.registry.content.manifest.MediaTypes;
import io.registry.testkit.OriginalStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The ids and the JSON of the V1 images of a pushed image. */
class V1ChainTest {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String OCI_CONFIG = "application/vnd.oci.image.config.v1+json";

  private static JsonNode resource(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(V1ChainTest.class.getResourceAsStream("/bridge/" + name), name)) {
      return JSON.readTree(in);
    }
  }

  static Stream<Arguments> golden() throws IOException {
    Map<String, byte[]> pulled = new HashMap<>();
    for (JsonNode each : resource("docker-1.12.6.json")) {
      pulled.put("pulled: " + each.get("name").asString(), decoded(each.get("config")));
    }
    return resource("v1-views.json")
        .valueStream()
        .map(
            each -> {
              String name = each.get("name").asString();
              byte[] config = each.has("config") ? decoded(each.get("config")) : pulled.get(name);
              return Arguments.of(name, config, each.get("images"));
            });
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("golden")
  void theImagesAreThoseThatDockerMakes(String name, byte[] config, JsonNode images) {
    int diffIds = JSON.readTree(config).path("rootfs").path("diff_ids").size();

    List<V1Chain.Link> chain = V1Chain.of(pushed(config, diffIds)).links();

    assertThat(chain).as(name).hasSize(images.size());
    List<ImageId> ancestry = new ArrayList<>();
    for (int i = 0; i < chain.size(); i++) {
      V1Chain.Link link = chain.get(i);
      ancestry.add(0, new ImageId(images.get(i).get("id").asString()));
      assertThat(link.ancestry()).isEqualTo(ancestry);
      assertThat(text(link.json())).isEqualTo(text(decoded(images.get(i).get("json"))));
    }
  }

  /**
   * Without the history, which V1 does not keep, the id of the last image cannot be the same. The
   * daemon writes a tar anew when it pushes it over V1: the layer of the base image, which it did
   * not build itself, is not the one that it has made the id of.
   */
  @Test
  void theImagesAreThoseThatDockerPushed(@TempDir Path directory) throws IOException {
    OriginalStore store = OriginalStore.unpack(directory);
    String top = store.text("repositories/fixtures/from-1-12-6/tag_v1");
    List<String> ids = new ArrayList<>();
    JSON.readTree(store.text("images/" + top + "/ancestry")).forEach(id -> ids.add(id.asString()));
    Collections.reverse(ids);
    List<String> diffIds = new ArrayList<>(List.of("\"sha256:" + ids.get(0) + '"'));
    for (String id : ids.subList(1, ids.size())) {
      byte[] layer = store.bytes("images/" + id + "/layer");
      try (InputStream tar = new GZIPInputStream(new ByteArrayInputStream(layer))) {
        diffIds.add('"' + Digest.of(tar.readAllBytes()).toString() + '"');
      }
    }
    String json = store.text("images/" + top + "/json");
    String config =
        json.replace("\"id\":\"%s\",".formatted(top), "")
            .replaceFirst(",\"parent\":\"[0-9a-f]{64}\"}$", "")
            .concat(
                ",\"history\":[],\"rootfs\":{\"type\":\"layers\",\"diff_ids\":" + diffIds + "}}");

    List<V1Chain.Link> chain = V1Chain.of(pushed(config.getBytes(UTF_8), ids.size())).links();

    assertThat(chain).hasSize(4);
    for (int i = 0; i < 3; i++) {
      assertThat(chain.get(i).id().value()).isEqualTo(ids.get(i));
      assertThat(text(chain.get(i).json())).isEqualTo(store.text("images/" + ids.get(i) + "/json"));
    }
    V1Chain.Link last = chain.get(3);
    assertThat(new String(last.json(), UTF_8)).isEqualTo(json.replace(top, last.id().value()));
    assertThat(last.id().value()).isEqualTo(Digest.of(config.getBytes(UTF_8)).hex());
  }

  @Test
  void anImageWithoutLayersHasAnEmptyTar() {
    V1Chain.Link only = V1Chain.of(pushed("{\"rootfs\":{}}".getBytes(UTF_8), 0)).links().get(0);

    assertThat(only.layer()).isEmpty();
    assertThat(only.diffId()).hasValue(Digest.of(new byte[1024]));
  }

  // A daemon would keep it, and the registry would look for a V1 image of that name.
  @Test
  void theParentOfABaseImageIsLeftOut() {
    String config = "{\"parent\":\"sha256:%s\",%s}".formatted("9".repeat(64), rootFs(1));

    assertThat(
            new String(V1Chain.of(pushed(config.getBytes(UTF_8), 1)).links().get(0).json(), UTF_8))
        .matches("\\{\"id\":\"[0-9a-f]{64}\"}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        MediaTypes.DOCKER_LAYER,
        MediaTypes.DOCKER_LAYER_GZIP,
        "application/vnd.oci.image.layer.v1.tar",
        "application/vnd.oci.image.layer.v1.tar+gzip",
        "application/vnd.oci.image.layer.v1.tar+zstd"
      })
  void aLayerIsATarInAnyCompression(String type) {
    assertThat(V1Chain.of(pushed(OCI_CONFIG, "{" + rootFs(1) + "}", type)).links()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
        "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
        "application/vnd.oci.image.layer.v1.tar+gzip+encrypted",
        "application/vnd.in-toto+json",
        "application/octet-stream",
        ""
      })
  void anyOtherLayerHasNoView(String type) {
    assertRefused(pushed(OCI_CONFIG, "{" + rootFs(1) + "}", type), "layers of the type");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/vnd.oci.empty.v1+json",
        "application/vnd.cncf.helm.config.v1+json",
        "application/vnd.oci.image.manifest.v1+json",
        ""
      })
  void anArtifactHasNoView(String type) {
    assertRefused(pushed(type, "{" + rootFs(1) + "}", MediaTypes.DOCKER_LAYER), "configuration");
  }

  @ParameterizedTest
  @CsvSource({"windows", "Windows"})
  void aWindowsImageHasNoView(String os) {
    assertRefused(pushed("{\"os\":\"%s\",%s}".formatted(os, rootFs(1)), 1), "Windows");
  }

  @ParameterizedTest
  @CsvSource({"0, 1", "1, 0", "2, 1", "1, 2"})
  void anImageWhoseLayersAreNotTheDescribedOnesHasNoView(int described, int pushed) {
    assertRefused(
        pushed("{" + rootFs(described) + "}", pushed),
        "describes %d layers, the manifest %d".formatted(described, pushed));
  }

  @Test
  void anImageOf127LayersHasAViewAndOneWithMoreHasNone() {
    assertThat(V1Chain.of(pushed("{" + rootFs(127) + "}", 127)).links()).hasSize(127);
    assertRefused(pushed("{" + rootFs(128) + "}", 128), "128 layers");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sha512:1",
        "md5:d41d8cd98f00b204e9800998ecf8427e",
        "sha256:ABCDEF",
        "1111111111111111111111111111111111111111111111111111111111111111",
        ""
      })
  void aDiffIdThatIsNoSha256HasNoView(String diffId) {
    String config = "{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" + diffId + "\"]}}";

    assertRefused(pushed(config, 1), "diff_id");
    assertRefused(pushed(config.replace('"' + diffId + '"', "null"), 1), "diff_id");
  }

  @Test
  void aDiffIdOfSha512HasNoView() {
    assertRefused(
        pushed("{\"rootfs\":{\"diff_ids\":[\"sha512:" + "1".repeat(128) + "\"]}}", 1), "diff_id");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "{}",
        "{\"rootfs\":null}",
        "{\"rootfs\":[]}",
        "{\"rootfs\":{\"diff_ids\":\"x\"}}",
        "{\"rootfs\":{},\"created\":\"yesterday\"}",
        "{\"rootfs\":{},\"os\":1}",
        "{\"rootfs\":{},\"config\":{\"Env\":\"secret\"}}",
        "{\"rootfs\":{},\"history\":{}}",
        "{\"rootfs\":{}} x",
        "\ufeff{\"rootfs\":{}}"
      })
  void whatDockerRefusesHasNoView(String config) {
    assertRefused(pushed(config, 0), "Docker refuses the configuration");
    assertThatExceptionOfType(NoViewException.class)
        .isThrownBy(() -> V1Chain.of(pushed(config, 0)).links())
        .withMessageNotContainingAny("secret", "yesterday");
  }

  @Test
  void aDeepConfigurationDoesNotExhaustTheStack() {
    String deep = "[".repeat(1_000_000) + "]".repeat(1_000_000);

    assertRefused(pushed("{\"x\":" + deep + ",\"rootfs\":{}}", 0), "nested");
  }

  private static void assertRefused(PushedImage image, String reason) {
    assertThatExceptionOfType(NoViewException.class)
        .isThrownBy(() -> V1Chain.of(image).links())
        .withMessageContaining(reason);
  }

  private static String rootFs(int layers) {
    return IntStream.range(0, layers)
        .mapToObj(i -> '"' + Digest.of(new byte[] {(byte) i}).toString() + '"')
        .collect(Collectors.joining(",", "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[", "]}"));
  }

  private static PushedImage pushed(String config, int layers) {
    return pushed(config.getBytes(UTF_8), layers);
  }

  private static PushedImage pushed(byte[] config, int layers) {
    return new PushedImage(
        MediaTypes.DOCKER_CONFIG,
        config,
        Collections.nCopies(layers, layer(MediaTypes.DOCKER_LAYER_GZIP)));
  }

  private static PushedImage pushed(String configType, String config, String layerType) {
    return new PushedImage(configType, config.getBytes(UTF_8), List.of(layer(layerType)));
  }

  private static Descriptor layer(String type) {
    return new Descriptor(type, Digest.of(new byte[0]), 0);
  }

  private static byte[] decoded(JsonNode base64) {
    return Base64.getDecoder().decode(base64.asString());
  }

  /** One character per byte, so that a difference is readable and none is lost. */
  private static String text(byte[] bytes) {
    return new String(bytes, ISO_8859_1);
  }
}
