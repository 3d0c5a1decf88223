package io.registry.web.v2;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.registry.content.manifest.Digest;
import io.registry.testkit.RegistryProcess;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import io.registry.testkit.TestLayer;
import io.registry.testkit.Together;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipEncodingHelper;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * Layers that unpack to far more than they are, and manifests that cost more than they say. The
 * registry has a heap of 96 MB; it would take days to unpack some of the layers to their end.
 */
@Tag("external")
@TestInstance(Lifecycle.PER_CLASS)
@Tag("slow")
class V2BombsHttpTest {
  private static final int MIB = 1024 * 1024;
  private static final String RATIO = "unpacked it is more than 250 times as large as packed";
  private static final byte[] LAYER = TestLayer.of("of a large configuration");
  private static final Path LAYERS = Path.of("src/test/resources/layers");

  @TempDir static Path directory;

  private RegistryProcess registry;
  private TestClient client;

  @BeforeAll
  void start() throws IOException {
    registry =
        RegistryProcess.startWith(
            "--registry.storage.local.path=" + directory, "--registry.contents.limits.size=100MB");
    client = registry.client();
  }

  @AfterAll
  void stop() throws Exception {
    registry.close();
  }

  private interface Packer {
    OutputStream open(OutputStream out) throws IOException;
  }

  private static byte[] pack(byte[] bytes, Packer packer) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream packed = packer.open(out)) {
      packed.write(bytes);
    }
    return out.toByteArray();
  }

  /** The beginning of a tar whose one file is larger than anything that follows. */
  private static byte[] head() throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry("file");
    entry.setSize(1L << 50);
    byte[] block = new byte[512];
    entry.writeEntryHeader(block, ZipEncodingHelper.getZipEncoding("UTF-8"), true);
    return block;
  }

  /** That, and zeros, each part packed for itself. */
  private static byte[] endless(int zeros, int times, Packer packer) throws IOException {
    byte[] head = pack(head(), packer);
    byte[] part = pack(new byte[zeros], packer);
    byte[] all = Arrays.copyOf(head, head.length + times * part.length);
    for (int i = 0; i < times; i++) {
      System.arraycopy(part, 0, all, head.length + i * part.length, part.length);
    }
    return all;
  }

  /** More than is allowed, but not packed suspiciously well. */
  private static byte[] large() throws IOException {
    Random random = new Random(1);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(head());
      byte[] part = new byte[MIB];
      byte[] noise = new byte[MIB / 64];
      for (int i = 0; i < 110; i++) {
        random.nextBytes(noise);
        System.arraycopy(noise, 0, part, 0, noise.length);
        gzip.write(part);
      }
    }
    return out.toByteArray();
  }

  private static byte[] file(String name) throws IOException {
    return Files.readAllBytes(LAYERS.resolve(name));
  }

  private static Stream<Arguments> bombs() throws IOException {
    return Stream.of(
        Arguments.of(
            "gzip",
            pack(TestLayer.empty().file("a", 80 * MIB).bytes(), GZIPOutputStream::new),
            RATIO),
        Arguments.of("gzip of many members", endless(16 * MIB, 500, GZIPOutputStream::new), RATIO),
        Arguments.of("large gzip", large(), "unpacked it has more than 104857600 bytes"),
        Arguments.of(
            "endless bzip2", endless(45_000_000, 100_000, BZip2CompressorOutputStream::new), RATIO),
        Arguments.of("xz", file("bomb-ratio.xz"), RATIO),
        Arguments.of("dictionary of xz", file("bomb-dictionary.xz"), "of memory would be needed"),
        Arguments.of("zstd", file("bomb-ratio.zst"), RATIO));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("bombs")
  void aBombIsRefusedWithTheReasonAndServedOverV1(String name, byte[] bomb, String reason) {
    TestImage image = TestImage.of("bomb " + name, "", bomb).push(client);
    String repository = "bombs/" + name.replace(' ', '-');
    tag(repository, image);

    for (int attempt = 0; attempt < 2; attempt++) {
      Answer refused = client.get("/v2/" + repository + "/manifests/latest");
      assertThat(refused.status()).as(refused.text()).isEqualTo(404);
      JsonNode error = V2Stage.json(refused).path("errors").path(0);
      assertThat(error.path("code").asString("")).isEqualTo("MANIFEST_UNKNOWN");
      assertThat(error.path("message").asString("")).contains(image.id()).contains(reason);
    }
    Answer files = client.get(image.path("files"));
    assertThat(files.status()).as(files.text()).isEqualTo(400);
    // Where the memory is what lacks, the amount is not told.
    assertThat(files.text())
        .contains(
            reason.contains("memory") ? "The layer is not listed: unpacking it takes" : reason);
    Answer blob = client.get("/v2/" + repository + "/blobs/" + Digest.of(bomb));
    assertThat(blob.status()).as(blob.text()).isEqualTo(404);
    assertThat(client.get(image.path("layer")).bytes()).isEqualTo(bomb);

    TestImage good = TestImage.of("after " + name, "", TestLayer.of("a")).push(client);
    tag(repository, good);
    assertThat(client.get("/v2/" + repository + "/manifests/latest").status()).isEqualTo(200);
  }

  private static Stream<Arguments> pushedBombs() throws IOException {
    return bombs().filter(bomb -> List.of("gzip", "zstd").contains(bomb.get()[0]));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("pushedBombs")
  void aBombThatIsPushedIsStoredAndHasNoV1View(String name, byte[] bomb, String reason) {
    V2Pusher pusher = new V2Pusher(client, "pushed/" + name);
    String type = "application/vnd.oci.image.layer.v1.tar+" + name;
    byte[] config = config(Digest.of(bomb), "");
    pusher.blob(config);
    pusher.blob(bomb);
    byte[] manifest = image(config, V2Pusher.descriptor(type, bomb));

    Answer put = pusher.put("latest", manifest);

    assertThat(put.status()).as(put.text()).isEqualTo(201);
    assertThat(put.header("Warning")).contains("V1 clients cannot pull this").contains(reason);
    assertThat(pusher.get("manifests/latest").bytes()).isEqualTo(manifest);
    assertThat(pusher.get("blobs/" + Digest.of(bomb)).bytes()).isEqualTo(bomb);
  }

  @Test
  void aManifestOfAHundredThousandLayersIsRefused() throws Exception {
    V2Pusher pusher = new V2Pusher(client, "manifests/layers");
    byte[] config = config(Digest.of(new byte[0]), "");
    pusher.blob(config);
    Map<String, Object> layer = V2Pusher.descriptor("a", new byte[0]);

    Answer tooLarge = pusher.put("latest", image(config, Collections.nCopies(100_000, layer)));
    assertThat(tooLarge.status()).as(tooLarge.text()).isEqualTo(413);

    byte[] fitting = image(config, Collections.nCopies(30_000, layer));
    byte[] empties = ("{\"a\":[" + "{},".repeat(1_390_000) + "{}]}").getBytes(UTF_8);
    assertThat(List.of(fitting.length, empties.length)).allMatch(length -> length < 4 * MIB);
    // Each needs many times its size of memory, unless the server stops to read it.
    Together.run(
        List.of(
            () -> assertRefused(pusher.put("latest", fitting), "up to 4096 are accepted"),
            () -> assertRefused(pusher.put("latest", fitting), "up to 4096 are accepted"),
            () -> assertRefused(pusher.put("latest", empties), "not a JSON object"),
            () -> assertRefused(pusher.put("latest", empties), "not a JSON object")));
    assertThat(pusher.get("tags/list").text()).doesNotContain("latest");
  }

  private static void assertRefused(Answer answer, String reason) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(400);
    JsonNode error = V2Stage.json(answer).path("errors").path(0);
    assertThat(error.path("code").asString("")).isEqualTo("MANIFEST_INVALID");
    assertThat(error.path("message").asString("")).contains(reason);
  }

  @Test
  void indexesOfIndexesCostNoMoreThanTheyAre() {
    V2Pusher pusher = new V2Pusher(client, "manifests/indexes");
    byte[] innermost = pusher.artifact("innermost", Map.of());
    assertThat(pusher.put(Digest.of(innermost), innermost).status()).isEqualTo(201);
    byte[] inner = innermost;
    String type = V2Pusher.OCI_MANIFEST;
    // Each lists the next one twice: a reader that follows every entry would never end.
    for (int depth = 0; depth < 64; depth++) {
      byte[] index = index(type, inner, 2);
      Answer put = pusher.put(Digest.of(index), index, V2Pusher.OCI_INDEX);
      assertThat(put.status()).as(put.text()).isEqualTo(201);
      inner = index;
      type = V2Pusher.OCI_INDEX;
    }
    byte[] outermost = inner;

    Answer tagged = pusher.put("latest", outermost, V2Pusher.OCI_INDEX);

    assertThat(tagged.status()).isEqualTo(201);
    assertThat(tagged.header("Warning")).contains("It contains no image for linux/amd64");
    assertThat(pusher.get("manifests/latest").bytes()).isEqualTo(outermost);
    byte[] widest = index(V2Pusher.OCI_INDEX, outermost, 4096);
    assertThat(pusher.put("widest", widest, V2Pusher.OCI_INDEX).status()).isEqualTo(201);
    assertRefused(
        pusher.put("wider", index(V2Pusher.OCI_INDEX, outermost, 4097), V2Pusher.OCI_INDEX),
        "manifests: up to 4096 are accepted, not 4097");
    assertThat(pusher.delete("manifests/" + Digest.of(innermost)).status()).isEqualTo(202);
    assertThat(pusher.get("manifests/latest").bytes()).isEqualTo(outermost);
  }

  private static byte[] index(String type, byte[] manifest, int times) {
    return V2Pusher.render(
        V2Pusher.index(Collections.nCopies(times, V2Pusher.descriptor(type, manifest))));
  }

  private static Stream<Arguments> largeConfigurations() {
    int rest = 4 * MIB - 1 - config(Digest.of(LAYER), "").length;
    return Stream.of(
        Arguments.of("one text", "x".repeat(rest), ""),
        // The quotes end one text and begin the next one.
        Arguments.of("many texts", "x\",\"".repeat(rest / 4), "V1 cannot express"),
        Arguments.of("many objects", "\",{},\"".repeat(rest / 6), "V1 cannot express"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("largeConfigurations")
  void aConfigurationOfAlmostFourMebibytesIsServed(String name, String text, String refusal) {
    byte[] config = config(Digest.of(LAYER), text);
    assertThat(config.length).isBetween(4 * MIB - 100, 4 * MIB - 1);
    V2Pusher pusher = new V2Pusher(client, "configurations/" + name.replace(' ', '-'));
    pusher.blob(config);
    pusher.blob(LAYER);
    byte[] manifest = image(config, V2Pusher.descriptor(V2Pusher.OCI_LAYER, LAYER));

    Answer put = pusher.put("latest", manifest);

    assertThat(put.status()).as(put.text()).isEqualTo(201);
    assertThat(pusher.get("manifests/latest").bytes()).isEqualTo(manifest);
    assertThat(pusher.get("blobs/" + Digest.of(config)).bytes()).isEqualTo(config);
    assertThat(put.header("Warning")).contains(refusal);
    String path = "/v1/repositories/configurations/" + name.replace(' ', '-') + "/tags/latest";
    assertThat(client.get(path).status()).isEqualTo(refusal.isEmpty() ? 200 : 404);
  }

  private static byte[] image(byte[] config, Map<String, Object> layer) {
    return image(config, List.of(layer));
  }

  private static byte[] image(byte[] config, List<Map<String, Object>> layers) {
    return V2Pusher.render(
        V2Pusher.image(V2Pusher.descriptor(V2Pusher.OCI_CONFIG, config), layers));
  }

  private static byte[] config(Digest diffId, String texts) {
    return ("{\"architecture\":\"amd64\",\"os\":\"linux\",\"x\":[\"%s\"],"
            + "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"%s\"]}}")
        .formatted(texts, diffId)
        .getBytes(UTF_8);
  }

  private void tag(String repository, TestImage image) {
    Answer set =
        client.put("/v1/repositories/" + repository + "/tags/latest", '"' + image.id() + '"');
    assertThat(set.status()).as(set.text()).isEqualTo(200);
  }
}
