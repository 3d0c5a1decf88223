package io.registry.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.registry.content.image.ImageId;
import io.registry.content.manifest.Digest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ImageConfigTest {
  private static final ImageId BASE = new ImageId("b".repeat(64));
  private static final ImageId TOP = new ImageId("a".repeat(64));
  private static final String ONES = "sha256:" + "1".repeat(64);
  private static final String TWOS = "sha256:" + "2".repeat(64);

  static Stream<Arguments> genuine() throws IOException {
    byte[] file = Files.readAllBytes(resource("docker-1.12.6.json"));
    return new JsonMapper()
        .readTree(file)
        .valueStream()
        .map(image -> Arguments.of(image.get("name").asString(), image));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("genuine")
  void theImageIdIsTheOneOfADaemonThatPulledOverV1(String name, JsonNode image) throws IOException {
    List<V1Layer> chain = new ArrayList<>();
    for (JsonNode layer : image.get("images")) {
      chain.add(
          V1Layer.of(
              new ImageId(layer.get("id").asString()),
              decoded(layer.get("json")),
              diffId(decoded(layer.get("layer")))));
    }

    ImageConfig config = ImageConfig.of(chain);

    assertThat(text(config.bytes())).isEqualTo(text(decoded(image.get("config"))));
    assertThat(config.digest()).as(name).isEqualTo(image.get("imageId").asString());
    assertThat(config.size()).isEqualTo(config.bytes().length);
  }

  static Stream<String> golden() throws IOException {
    return documents("config");
  }

  @ParameterizedTest
  @MethodSource("golden")
  void theConfigIsTheOneThatDockerMakes(String name) throws IOException {
    byte[] document = Files.readAllBytes(resource("config/" + name + ".v1.json"));
    byte[] expected = Files.readAllBytes(resource("config/" + name + ".config.json"));

    ImageConfig config = ImageConfig.of(List.of(V1Layer.of(TOP, document, ONES)));

    assertThat(text(config.bytes())).isEqualTo(text(expected));
  }

  static Stream<String> refused() throws IOException {
    return documents("refused");
  }

  @ParameterizedTest
  @MethodSource("refused")
  void whatDockerRefusesIsRefused(String name) throws IOException {
    byte[] document = Files.readAllBytes(resource("refused/" + name + ".v1.json"));

    assertThatExceptionOfType(UnrepresentableException.class)
        .isThrownBy(() -> ImageConfig.of(List.of(V1Layer.of(TOP, document, ONES))))
        .withMessageContaining(TOP.value())
        .satisfies(refusal -> assertThat(refusal.image()).isEqualTo(TOP));
  }

  @Test
  void everyImageOfTheChainIsInTheHistory() {
    V1Layer base =
        layer(BASE, "{\"author\":\"a\",\"container_config\":{\"Cmd\":[\"x\",\"y\"]}}", ONES);
    V1Layer top = layer(TOP, "{\"docker_version\":\"1.9.1\",\"comment\":\"c\"}", TWOS);

    assertThat(text(ImageConfig.of(List.of(base, top)).bytes()))
        .isEqualTo(
            "{\"comment\":\"c\",\"docker_version\":\"1.9.1\",\"history\":["
                + "{\"created\":\"0001-01-01T00:00:00Z\",\"author\":\"a\",\"created_by\":\"x y\"},"
                + "{\"created\":\"0001-01-01T00:00:00Z\",\"comment\":\"c\"}],"
                + "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\""
                + ONES
                + "\",\""
                + TWOS
                + "\"]}}");
  }

  @Test
  void aLayerThatIsLeftOutIsAnEmptyOneInTheHistory() {
    V1Layer base = V1Layer.withoutLayer(BASE, "{}".getBytes(StandardCharsets.UTF_8));
    V1Layer top = layer(TOP, "{\"docker_version\":\"1.9.1\"}", TWOS);

    assertThat(text(ImageConfig.of(List.of(base, top)).bytes()))
        .isEqualTo(
            "{\"docker_version\":\"1.9.1\",\"history\":["
                + "{\"created\":\"0001-01-01T00:00:00Z\",\"empty_layer\":true},"
                + "{\"created\":\"0001-01-01T00:00:00Z\"}],"
                + "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\""
                + TWOS
                + "\"]}}");
  }

  @Test
  void anImageWithoutLayersHasNoDiffIds() {
    V1Layer top =
        V1Layer.withoutLayer(
            TOP, "{\"docker_version\":\"1.9.1\"}".getBytes(StandardCharsets.UTF_8));

    assertThat(text(ImageConfig.of(List.of(top)).bytes()))
        .endsWith(",\"rootfs\":{\"type\":\"layers\"}}");
  }

  @Test
  void theRefusalNamesTheImageOfTheChainAndTheFieldButNotTheValue() {
    V1Layer base = layer(BASE, "{\"config\":{\"Env\":\"PASSWORD=secret\"}}", ONES);
    V1Layer top = layer(TOP, "{}", TWOS);

    assertThatExceptionOfType(UnrepresentableException.class)
        .isThrownBy(() -> ImageConfig.of(List.of(base, top)))
        .withMessage(
            "image "
                + BASE
                + " has no image config:"
                + " config.Env: a string where Docker expects an array of strings");
  }

  @Test
  void deepNestingIsRefusedAndDoesNotExhaustTheStack() {
    int depth = 1_000_000;
    V1Layer top = layer(TOP, "{\"a\":" + "[".repeat(depth) + "]".repeat(depth) + "}", ONES);

    assertThatExceptionOfType(UnrepresentableException.class)
        .isThrownBy(() -> ImageConfig.of(List.of(top)))
        .satisfies(refusal -> assertThat(refusal.reason()).contains("nested"));
  }

  @Test
  void nestingUpToTheLimitIsAccepted() {
    String nested = "[".repeat(400) + "]".repeat(400);
    V1Layer top = layer(TOP, "{\"docker_version\":\"1.9.1\",\"a\":" + nested + "}", ONES);

    assertThat(text(ImageConfig.of(List.of(top)).bytes())).startsWith("{\"a\":" + nested + ",");
  }

  @Test
  void laterChangesOfTheArraysHaveNoEffect() {
    byte[] document = "{\"docker_version\":\"1.9.1\"}".getBytes(StandardCharsets.UTF_8);
    V1Layer top = V1Layer.of(TOP, document, ONES);
    document[0] = '!';
    ImageConfig config = ImageConfig.of(List.of(top));
    config.bytes()[0] = '!';

    assertThat(text(config.bytes())).startsWith("{");
  }

  @Test
  void aChainHasAtLeastOneImage() {
    assertThatIllegalArgumentException().isThrownBy(() -> ImageConfig.of(List.of()));
  }

  @Test
  void aDiffIdHasTheFormOfADigest() {
    assertThatIllegalArgumentException().isThrownBy(() -> layer(TOP, "{}", "1".repeat(64)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> layer(TOP, "{}", "sha256:" + "G".repeat(64)));
  }

  private static V1Layer layer(ImageId id, String document, String diffId) {
    return V1Layer.of(id, document.getBytes(StandardCharsets.UTF_8), diffId);
  }

  private static Stream<String> documents(String folder) throws IOException {
    String end = ".v1.json";
    try (Stream<Path> files = Files.list(resource(folder))) {
      List<String> names =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> name.endsWith(end))
              .map(name -> name.substring(0, name.length() - end.length()))
              .sorted()
              .toList();
      assertThat(names).hasSizeGreaterThan(30);
      return names.stream();
    }
  }

  private static Path resource(String name) {
    try {
      return Path.of(
          Objects.requireNonNull(ImageConfigTest.class.getResource("/bridge/" + name), name)
              .toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] decoded(JsonNode base64) {
    return Base64.getDecoder().decode(base64.asString());
  }

  private static String diffId(byte[] gzipped) {
    try (InputStream layer = new GZIPInputStream(new ByteArrayInputStream(gzipped))) {
      return Digest.of(layer.readAllBytes()).toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One character per byte, so that a difference is readable and none is lost. */
  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }
}
