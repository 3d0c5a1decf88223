package io.registry.web.v2;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.content.manifest.Digest;
import io.registry.testkit.RegistryProcess;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import io.registry.testkit.TestLayer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipEncodingHelper;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * Layers that unpack to far more than they are. The registry has a heap of 96 MB; it would take
 * days to unpack some of them to their end.
 */
@TestInstance(Lifecycle.PER_CLASS)
@Tag("slow")
class V2BombsHttpTest {
  private static final int MIB = 1024 * 1024;
  private static final String RATIO = "unpacked it is more than 250 times as large as packed";
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
    Answer blob = client.get("/v2/" + repository + "/blobs/" + Digest.of(bomb));
    assertThat(blob.status()).as(blob.text()).isEqualTo(404);
    assertThat(client.get(image.path("layer")).bytes()).isEqualTo(bomb);

    TestImage good = TestImage.of("after " + name, "", TestLayer.of("a")).push(client);
    tag(repository, good);
    assertThat(client.get("/v2/" + repository + "/manifests/latest").status()).isEqualTo(200);
  }

  private void tag(String repository, TestImage image) {
    Answer set =
        client.put("/v1/repositories/" + repository + "/tags/latest", '"' + image.id() + '"');
    assertThat(set.status()).as(set.text()).isEqualTo(200);
  }
}
