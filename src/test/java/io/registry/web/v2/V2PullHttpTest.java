package io.registry.web.v2;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.registry.content.manifest.Digest;
import io.registry.platform.json.JsonCodec;
import io.registry.testkit.RawConnection;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import io.registry.testkit.TestLayer;
import io.registry.testkit.Together;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Images that were pushed over V1, as clients of today pull them. */
@TestInstance(Lifecycle.PER_CLASS)
class V2PullHttpTest {
  private static final JsonCodec CODEC = new JsonCodec();
  private static final String MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
  private static final String GZIPPED = "application/vnd.docker.image.rootfs.diff.tar.gzip";
  private static final String PLAIN = "application/vnd.docker.image.rootfs.diff.tar";

  /** The empty tar that Docker itself makes, packed with gzip. */
  private static final String EMPTY_GZIPPED =
      "sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4";

  @TempDir static Path directory;

  private RegistryServer server;
  private TestClient client;

  @BeforeAll
  void start() {
    server = RegistryServer.start(directory);
    client = server.client();
  }

  @AfterAll
  void stop() {
    server.close();
  }

  private static byte[] pack(byte[] bytes, Packer packer) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream packed = packer.open(out)) {
      packed.write(bytes);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return out.toByteArray();
  }

  private interface Packer {
    OutputStream open(OutputStream out) throws IOException;
  }

  private static byte[] gzip(byte[] bytes) {
    return pack(bytes, GZIPOutputStream::new);
  }

  private static byte[] join(byte[] one, byte[] other) {
    byte[] all = Arrays.copyOf(one, one.length + other.length);
    System.arraycopy(other, 0, all, one.length, other.length);
    return all;
  }

  private void tag(String repository, String tag, TestImage image) {
    tag(client, repository, tag, image);
  }

  private static void tag(TestClient client, String repository, String tag, TestImage image) {
    Answer set =
        client.put("/v1/repositories/" + repository + "/tags/" + tag, '"' + image.id() + '"');
    assertThat(set.status()).as(set.text()).isEqualTo(200);
  }

  private static JsonNode json(Answer answer) {
    return CODEC.parse(answer.bytes()).orElseThrow();
  }

  private static void assertError(Answer answer, int status, String code) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(status);
    assertThat(answer.header("Content-Type")).isEqualTo("application/json");
    assertThat(json(answer).path("errors").path(0).path("code").asString("")).isEqualTo(code);
  }

  @Test
  void anImageIsPulledByTagAndByDigest() {
    TestImage base = TestImage.of("pulled base", "", gzip(TestLayer.of("a"))).push(client);
    TestImage top = TestImage.of("pulled", base.id(), TestLayer.of("b")).push(client);
    tag("team/pulled", "v1", top);

    Answer byTag = client.get("/v2/team/pulled/manifests/v1", "Accept", MANIFEST);

    assertThat(byTag.status()).as(byTag.text()).isEqualTo(200);
    assertThat(byTag.header("Content-Type")).isEqualTo(MANIFEST);
    String digest = Digest.of(byTag.bytes()).toString();
    assertThat(byTag.header("Docker-Content-Digest")).isEqualTo(digest);
    assertThat(byTag.header("ETag")).isEqualTo('"' + digest + '"');
    assertThat(byTag.header("Cache-Control")).isEqualTo("no-cache");
    Answer byDigest = client.get("/v2/team/pulled/manifests/" + digest);
    assertThat(byDigest.bytes()).isEqualTo(byTag.bytes());
    assertThat(byDigest.header("Cache-Control")).contains("max-age=31536000");
    for (String reference : List.of("v1", digest)) {
      Answer head = client.head("/v2/team/pulled/manifests/" + reference);
      assertThat(head.status()).isEqualTo(200);
      assertThat(head.header("Content-Type")).isEqualTo(MANIFEST);
      assertThat(head.header("Docker-Content-Digest")).isEqualTo(digest);
      assertThat(head.header("Content-Length")).isEqualTo(String.valueOf(byTag.bytes().length));
      Answer known =
          client.get("/v2/team/pulled/manifests/" + reference, "If-None-Match", '"' + digest + '"');
      assertThat(known.status()).isEqualTo(304);
    }

    JsonNode manifest = json(byTag);
    assertThat(manifest.path("annotations").path("io.registry.v1.id").asString(""))
        .isEqualTo(top.id());
    assertThat(manifest.path("layers").path(0).path("mediaType").asString("")).isEqualTo(GZIPPED);
    assertThat(manifest.path("layers").path(1).path("mediaType").asString("")).isEqualTo(PLAIN);
    assertBlob("team/pulled", manifest.path("layers").path(0), base.layer());
    assertBlob("team/pulled", manifest.path("layers").path(1), top.layer());
    Answer config = blob("team/pulled", manifest.path("config"));
    assertThat(Digest.of(config.bytes()).toString())
        .isEqualTo(manifest.path("config").path("digest").asString(""));
    assertThat(json(config).path("rootfs").path("diff_ids").path(0).asString(""))
        .isEqualTo(Digest.of(TestLayer.of("a")).toString());
    assertThat(json(config).path("rootfs").path("diff_ids").path(1).asString(""))
        .isEqualTo(Digest.of(TestLayer.of("b")).toString());
  }

  private Answer blob(String repository, JsonNode descriptor) {
    return client.get("/v2/" + repository + "/blobs/" + descriptor.path("digest").asString(""));
  }

  private void assertBlob(String repository, JsonNode descriptor, byte[] expected) {
    Answer found = blob(repository, descriptor);
    assertThat(found.status()).as(found.text()).isEqualTo(200);
    assertThat(found.bytes()).isEqualTo(expected);
    assertThat(found.header("Content-Encoding")).isEmpty();
    assertThat(found.header("Docker-Content-Digest"))
        .isEqualTo(descriptor.path("digest").asString(""))
        .isEqualTo(Digest.of(expected).toString());
    assertThat(found.header("Content-Length")).isEqualTo(String.valueOf(expected.length));
    assertThat(descriptor.path("size").asLong(-1)).isEqualTo(expected.length);
  }

  /** The rows of what clients were seen to take, and how a layer is served for it. */
  private static Stream<Arguments> forms() {
    byte[] tar = TestLayer.of("etc/", "etc/motd");
    byte[] withoutEnd = Arrays.copyOf(tar, 1024);
    byte[] notFull = Arrays.copyOf(TestLayer.empty().file("a", 100).bytes(), 612);
    byte[] gzip = gzip(tar);
    return Stream.of(
        Arguments.of("gzip", gzip, gzip, GZIPPED, tar),
        Arguments.of("plain", tar, tar, PLAIN, tar),
        Arguments.of("bzip2", pack(tar, BZip2CompressorOutputStream::new), tar, PLAIN, tar),
        Arguments.of("xz", pack(tar, XZCompressorOutputStream::new), tar, PLAIN, tar),
        Arguments.of("nothing in gzip", gzip(new byte[0]), gzip(new byte[0]), GZIPPED, new byte[0]),
        Arguments.of("no end blocks", withoutEnd, withoutEnd, PLAIN, withoutEnd),
        Arguments.of("last block not full", notFull, notFull, PLAIN, notFull),
        Arguments.of(
            "two members",
            join(gzip(Arrays.copyOf(tar, 512)), gzip(Arrays.copyOfRange(tar, 512, tar.length))),
            join(gzip(Arrays.copyOf(tar, 512)), gzip(Arrays.copyOfRange(tar, 512, tar.length))),
            GZIPPED,
            tar),
        Arguments.of(
            "bytes after the tar",
            join(tar, new byte[] {1, 2, 3}),
            join(tar, new byte[] {1, 2, 3}),
            PLAIN,
            join(tar, new byte[] {1, 2, 3})),
        Arguments.of(
            "bytes after the gzip", join(gzip, "rubbish".getBytes(UTF_8)), tar, PLAIN, tar),
        Arguments.of(
            "whiteouts",
            TestLayer.of(".wh..wh.plnk/", ".wh..wh.aufs", ".wh..wh..opq", "./a", ".wh.b"),
            TestLayer.of(".wh..wh.plnk/", ".wh..wh.aufs", ".wh..wh..opq", "./a", ".wh.b"),
            PLAIN,
            TestLayer.of(".wh..wh.plnk/", ".wh..wh.aufs", ".wh..wh..opq", "./a", ".wh.b")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("forms")
  void aLayerIsServedSoThatEveryClientCanReadIt(
      String name, byte[] stored, byte[] served, String mediaType, byte[] unpacked) {
    TestImage image = TestImage.of("form " + name, "", stored).push(client);
    String repository = "forms/" + name.replace(' ', '-');
    tag(repository, "latest", image);

    JsonNode manifest = json(client.get("/v2/" + repository + "/manifests/latest"));

    JsonNode layer = manifest.path("layers").path(0);
    assertThat(layer.path("mediaType").asString("")).isEqualTo(mediaType);
    assertBlob(repository, layer, served);
    JsonNode config = json(blob(repository, manifest.path("config")));
    assertThat(config.path("rootfs").path("diff_ids").path(0).asString(""))
        .isEqualTo(Digest.of(unpacked).toString());
    String path = "/v2/" + repository + "/blobs/" + layer.path("digest").asString("");
    if (served.length > 20) {
      Answer part = client.get(path, "Range", "bytes=5-14");
      assertThat(part.status()).isEqualTo(206);
      assertThat(part.header("Content-Range")).isEqualTo("bytes 5-14/" + served.length);
      assertThat(part.bytes()).isEqualTo(Arrays.copyOfRange(served, 5, 15));
      Answer rest = client.get(path, "Range", "bytes=" + (served.length - 3) + "-");
      assertThat(rest.bytes())
          .isEqualTo(Arrays.copyOfRange(served, served.length - 3, served.length));
      Answer several = client.get(path, "Range", "bytes=0-1,4-5");
      assertThat(several.status()).isEqualTo(206);
      assertThat(several.header("Content-Type")).startsWith("multipart/byteranges; boundary=");
      assertThat(client.get(path, "Range", "bytes=" + served.length + "-").status()).isEqualTo(416);
    }
    assertThat(client.get(image.path("layer")).bytes()).isEqualTo(stored);
  }

  @Test
  void aFileWithoutBytesIsServedAsAnEmptyTar() throws IOException {
    TestImage image = TestImage.of("no bytes", "", new byte[0]).push(client);
    tag("forms/no-bytes", "latest", image);

    JsonNode manifest = json(client.get("/v2/forms/no-bytes/manifests/latest"));

    JsonNode layer = manifest.path("layers").path(0);
    assertThat(layer.path("digest").asString("")).isEqualTo(EMPTY_GZIPPED);
    Answer blob = blob("forms/no-bytes", layer);
    assertThat(new GZIPInputStream(new ByteArrayInputStream(blob.bytes())).readAllBytes())
        .isEqualTo(new byte[1024]);
    assertThat(HexFormat.of().formatHex(blob.bytes())).startsWith("1f8b");
  }

  private static Stream<Arguments> unreadable() {
    byte[] tar = TestLayer.empty().file("large", 5000).bytes();
    return Stream.of(
        Arguments.of("cut in a file", Arrays.copyOf(tar, 2000), "cut short"),
        Arguments.of("cut in gzip", Arrays.copyOf(gzip(tar), gzip(tar).length - 9), ""),
        Arguments.of("no tar", "something else, and long enough".repeat(40).getBytes(UTF_8), ""));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("unreadable")
  void aLayerThatNoClientCanReadIsRefusedWithTheReason(String name, byte[] stored, String reason) {
    TestImage image = TestImage.of("unreadable " + name, "", stored).push(client);
    String repository = "unreadable/" + name.replace(' ', '-');
    tag(repository, "latest", image);

    for (int attempt = 0; attempt < 2; attempt++) {
      Answer refused = client.get("/v2/" + repository + "/manifests/latest");
      assertError(refused, 404, "MANIFEST_UNKNOWN");
      assertThat(json(refused).path("errors").path(0).path("message").asString(""))
          .contains(image.id())
          .contains("served over V1 only")
          .contains(reason);
    }
    assertThat(client.get(image.path("layer")).bytes()).isEqualTo(stored);
  }

  @Test
  void emptyLayersAreLeftOutOfAChainThatIsTooDeepForDocker() {
    List<TestImage> chain = new ArrayList<>();
    String parent = "";
    for (int i = 0; i < 127; i++) {
      byte[] layer = i % 10 == 0 ? new byte[1024] : TestLayer.of("file-" + i);
      TestImage image = TestImage.of("deep " + i, parent, layer).push(client);
      chain.add(image);
      parent = image.id();
    }
    tag("deep/chain", "latest", chain.get(126));
    tag("deep/chain", "shallow", chain.get(124));

    JsonNode deep = json(client.get("/v2/deep/chain/manifests/latest"));
    JsonNode shallow = json(client.get("/v2/deep/chain/manifests/shallow"));

    assertThat(deep.path("layers").size()).isEqualTo(114);
    JsonNode config = json(blob("deep/chain", deep.path("config")));
    assertThat(config.path("rootfs").path("diff_ids").size()).isEqualTo(114);
    assertThat(config.path("history").size()).isEqualTo(127);
    assertThat(config.path("history").path(0).path("empty_layer").asBoolean(false)).isTrue();
    assertThat(config.path("history").path(1).has("empty_layer")).isFalse();
    assertThat(shallow.path("layers").size()).isEqualTo(125);
  }

  @Test
  void aTagThatMovesIsSeenAtOnce() {
    TestImage one = TestImage.of("moved one", "", TestLayer.of("one")).push(client);
    TestImage other = TestImage.of("moved other", "", TestLayer.of("other")).push(client);
    tag("moving/tag", "latest", one);
    String before = client.get("/v2/moving/tag/manifests/latest").header("Docker-Content-Digest");

    tag("moving/tag", "latest", other);

    Answer after = client.get("/v2/moving/tag/manifests/latest");
    assertThat(json(after).path("annotations").path("io.registry.v1.id").asString(""))
        .isEqualTo(other.id());
    assertThat(after.header("Docker-Content-Digest")).isNotEqualTo(before);
    // No tag of the repository leads to it any more.
    assertError(client.get("/v2/moving/tag/manifests/" + before), 404, "MANIFEST_UNKNOWN");

    assertThat(client.delete("/v1/repositories/moving/tag/tags/latest").status()).isEqualTo(200);
    assertError(client.get("/v2/moving/tag/manifests/latest"), 404, "MANIFEST_UNKNOWN");
  }

  @Test
  void anImageThatIsPushedAnewGetsAnotherManifest() throws IOException {
    TestImage base = TestImage.of("healed", "", TestLayer.of("old")).push(client);
    TestImage top = TestImage.of("on healed", base.id(), TestLayer.of("top")).push(client);
    tag("healed/image", "latest", top);
    JsonNode before = json(client.get("/v2/healed/image/manifests/latest"));
    Files.delete(directory.resolve("images/" + base.id() + "/layer"));

    TestImage anew = base.withLayer(TestLayer.of("new")).push(client);

    JsonNode after = json(client.get("/v2/healed/image/manifests/latest"));
    assertBlob("healed/image", after.path("layers").path(0), anew.layer());
    assertError(blob("healed/image", before.path("layers").path(0)), 404, "BLOB_UNKNOWN");
    assertBlob("healed/image", after.path("layers").path(1), top.layer());
  }

  @Test
  void aLayerThatTheOriginalHasReplacedIsSeenByTheNextPull() throws IOException {
    TestImage base = TestImage.of("replaced", "", TestLayer.of("before")).push(client);
    TestImage top = TestImage.of("on replaced", base.id(), TestLayer.of("top")).push(client);
    tag("replaced/image", "latest", top);
    JsonNode before = json(client.get("/v2/replaced/image/manifests/latest"));
    byte[] anew = TestLayer.of("the original wrote this");
    replaceAsTheOriginalDoes(base, anew);

    assertError(blob("replaced/image", before.path("layers").path(0)), 404, "BLOB_UNKNOWN");

    JsonNode after = json(client.get("/v2/replaced/image/manifests/latest"));
    assertBlob("replaced/image", after.path("layers").path(0), anew);
    assertBlob("replaced/image", after.path("layers").path(1), top.layer());
    String generation = Files.readString(directory.resolve("_v2/generation"));
    assertError(blob("replaced/image", before.path("layers").path(0)), 404, "BLOB_UNKNOWN");
    assertThat(directory.resolve("_v2/generation")).hasContent(generation);
  }

  private void replaceAsTheOriginalDoes(TestImage image, byte[] anew) throws IOException {
    Path layer = directory.resolve("images/" + image.id() + "/layer");
    Files.delete(layer);
    Files.write(layer, anew);
  }

  @Test
  void aReplicaSeesTheLayerThatAnotherHasFoundReplaced() throws IOException {
    TestImage image = TestImage.of("replaced beside", "", TestLayer.of("before")).push(client);
    tag("replaced/beside", "latest", image);
    try (RegistryServer replica = RegistryServer.start(directory)) {
      V2Pusher reader = new V2Pusher(replica.client(), "replaced/beside");
      String before = digestOfLayer(reader);
      assertThat(reader.get("blobs/" + before).bytes()).isEqualTo(image.layer());
      byte[] anew = TestLayer.of("the original wrote this");
      replaceAsTheOriginalDoes(image, anew);

      assertError(client.get("/v2/replaced/beside/blobs/" + before), 404, "BLOB_UNKNOWN");

      assertThat(reader.get("blobs/" + digestOfLayer(reader)).bytes()).isEqualTo(anew);
      assertError(reader.get("blobs/" + before), 404, "BLOB_UNKNOWN");
    }
  }

  private static String digestOfLayer(V2Pusher reader) {
    JsonNode manifest = json(reader.get("manifests/latest"));
    return manifest.path("layers").path(0).path("digest").asString("");
  }

  @Test
  void digestsStayAfterARestartAndWhenAllThatIsDerivedIsLost(@TempDir Path store)
      throws IOException {
    TestImage base = TestImage.of("kept base", "", gzip(TestLayer.of("a")));
    TestImage top = TestImage.of("kept", base.id(), TestLayer.of("b"));
    byte[] manifest;
    try (RegistryServer first = RegistryServer.start(store)) {
      base.push(first.client());
      top.push(first.client());
      tag(first.client(), "kept/image", "latest", top);
      manifest = first.client().get("/v2/kept/image/manifests/latest").bytes();
    }
    String path = "/v2/kept/image/manifests/" + Digest.of(manifest);
    try (RegistryServer second = RegistryServer.start(store)) {
      assertThat(second.client().get(path).bytes()).isEqualTo(manifest);
    }
    deleteAll(store.resolve("_v2"));
    try (RegistryServer third = RegistryServer.start(store)) {
      assertThat(third.client().get("/v2/kept/image/manifests/latest").bytes()).isEqualTo(manifest);
      assertThat(third.client().get(path).bytes()).isEqualTo(manifest);
    }
  }

  private static void deleteAll(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  @Test
  void aCopyOfTheStoreServesEachLayerAtOnce(@TempDir Path store) throws Exception {
    TestImage image = TestImage.of("copied", "", gzip(TestLayer.of("a")));
    byte[] manifest;
    try (RegistryServer first = RegistryServer.start(store)) {
      image.push(first.client());
      tag(first.client(), "copied/image", "latest", image);
      manifest = first.client().get("/v2/copied/image/manifests/latest").bytes();
    }
    // Copies have other times of modification.
    Files.setLastModifiedTime(
        store.resolve("images/" + image.id() + "/layer"), FileTime.from(Instant.EPOCH));
    String generation = Files.readString(store.resolve("_v2/generation"));
    try (RegistryServer second = RegistryServer.start(store)) {
      V2Pusher reader = new V2Pusher(second.client(), "copied/image");
      assertThat(reader.get("manifests/latest").bytes()).isEqualTo(manifest);
      String digest = digestOfLayer(reader);
      Together.run(
          Collections.nCopies(
              8, () -> assertThat(reader.get("blobs/" + digest).bytes()).isEqualTo(image.layer())));
      assertThat(reader.get("manifests/latest").bytes()).isEqualTo(manifest);
    }
    assertThat(store.resolve("_v2/generation")).hasContent(generation);
  }

  @Test
  void anArchiveThatIsOnlyReadIsServedToo(@TempDir Path store, @TempDir Path derived)
      throws IOException {
    TestImage image = TestImage.of("archived", "", gzip(TestLayer.of("a")));
    try (RegistryServer writing = RegistryServer.start(store, "--registry.v2.enabled=false")) {
      image.push(writing.client());
      tag(writing.client(), "old/image", "latest", image);
      assertThat(writing.client().get("/v2/").status()).isEqualTo(404);
    }
    assertThat(store.resolve("_v2")).doesNotExist();
    byte[] manifest;
    for (int life = 0; life < 2; life++) {
      try (RegistryServer archive =
          RegistryServer.start(
              store, "--registry.read-only=true", "--registry.v2.directory=" + derived)) {
        Answer answer = archive.client().get("/v2/old/image/manifests/latest");
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        manifest = answer.bytes();
        String digest = json(answer).path("layers").path(0).path("digest").asString("");
        assertThat(archive.client().get("/v2/old/image/blobs/" + digest).bytes())
            .isEqualTo(image.layer());
        assertThat(archive.client().get("/v2/old/image/manifests/" + Digest.of(manifest)).bytes())
            .isEqualTo(manifest);
      }
    }
    assertThat(store.resolve("_v2")).doesNotExist();
    assertThat(derived.resolve("_v2/digests")).isDirectory();
  }

  @Test
  void aBlobIsServedThroughItsRepositoryOnly() {
    TestImage image = TestImage.of("elsewhere", "", TestLayer.of("elsewhere")).push(client);
    TestImage other = TestImage.of("here", "", TestLayer.of("here")).push(client);
    tag("some/where", "latest", image);
    tag("other/where", "latest", other);
    Answer manifest = client.get("/v2/some/where/manifests/latest");
    JsonNode layer = json(manifest).path("layers").path(0);

    assertBlob("some/where", layer, image.layer());
    for (String repository : List.of("other/where", "no/where")) {
      assertError(blob(repository, layer), 404, "BLOB_UNKNOWN");
      assertError(blob(repository, json(manifest).path("config")), 404, "BLOB_UNKNOWN");
      String digest = manifest.header("Docker-Content-Digest");
      assertError(
          client.get("/v2/" + repository + "/manifests/" + digest), 404, "MANIFEST_UNKNOWN");
    }
  }

  @Test
  void tagsAndRepositoriesAreListedInOrderAndInPages(@TempDir Path store) {
    try (RegistryServer own = RegistryServer.start(store)) {
      TestClient lists = own.client();
      TestImage image = TestImage.of("listed", "", TestLayer.of("a")).push(lists);
      for (String tag : List.of("v10", "v9", "Latest", "_x", "1.0-rc.1")) {
        tag(lists, "library/many", tag, image);
      }
      tag(lists, "team/other", "v1", image);
      tag(lists, "Upper/case", "v1", image);

      assertThat(lists.get("/v2/many/tags/list").text())
          .isEqualTo(
              "{\"name\": \"many\", \"tags\": [\"1.0-rc.1\", \"Latest\", \"_x\", \"v10\", \"v9\"]}");
      assertThat(json(lists.get("/v2/library/many/tags/list")).path("tags").size()).isEqualTo(5);
      Answer page = lists.get("/v2/many/tags/list?n=2&last=Latest");
      assertThat(json(page).path("tags").toString()).isEqualTo("[\"_x\",\"v10\"]");
      assertThat(page.header("Link")).isEqualTo("</v2/many/tags/list?last=v10&n=2>; rel=\"next\"");
      Answer end = lists.get("/v2/many/tags/list?n=2&last=v10");
      assertThat(json(end).path("tags").toString()).isEqualTo("[\"v9\"]");
      assertThat(end.header("Link")).isEmpty();
      Answer none = lists.get("/v2/many/tags/list?n=0");
      assertThat(json(none).path("tags").size()).isZero();
      assertThat(none.header("Link")).isEmpty();
      assertError(lists.get("/v2/many/tags/list?n=-1"), 400, "PAGINATION_NUMBER_INVALID");

      // What V2 cannot name is left out.
      assertThat(lists.get("/v2/_catalog").text())
          .isEqualTo("{\"repositories\": [\"many\", \"team/other\"]}");
      Answer first = lists.get("/v2/_catalog?n=1");
      assertThat(json(first).path("repositories").toString()).isEqualTo("[\"many\"]");
      assertThat(first.header("Link")).isEqualTo("</v2/_catalog?last=many&n=1>; rel=\"next\"");
      assertThat(json(lists.get("/v2/_catalog?n=100000&last=many")).path("repositories").toString())
          .isEqualTo("[\"team/other\"]");
    }
  }

  @Test
  void nothingRefersToAnImageOfV1() {
    String subject = "sha256:" + "0".repeat(64);

    Answer none = client.get("/v2/not/there/referrers/" + subject);
    Answer filtered = client.get("/v2/not/there/referrers/" + subject + "?artifactType=a%2Fb");

    assertThat(none.status()).isEqualTo(200);
    assertThat(none.header("Content-Type")).isEqualTo("application/vnd.oci.image.index.v1+json");
    assertThat(json(none).path("manifests").size()).isZero();
    assertThat(json(none).path("schemaVersion").asInt(0)).isEqualTo(2);
    assertThat(filtered.header("OCI-Filters-Applied")).isEqualTo("artifactType");
  }

  @ParameterizedTest
  @CsvSource({
    "GET,    /v2/no/such/manifests/latest,                404, MANIFEST_UNKNOWN",
    "GET,    /v2/no/such/tags/list,                       404, NAME_UNKNOWN",
    "GET,    /v2/UPPER/manifests/latest,                  400, NAME_INVALID",
    "GET,    /v2/a..b/manifests/latest,                   400, NAME_INVALID",
    "GET,    /v2/-a/tags/list,                            400, NAME_INVALID",
    "GET,    /v2/a/manifests/sha256:12,                   400, DIGEST_INVALID",
    "GET,    /v2/a/blobs/sha256:12,                       400, DIGEST_INVALID",
    "GET,    /v2/a/blobs/md5:12,                          400, DIGEST_INVALID",
    "GET,    /v2/a/referrers/none,                        400, DIGEST_INVALID",
    "GET,    /v2/a/manifests/-not-a-tag,                  404, MANIFEST_UNKNOWN",
    "GET,    /v2/nowhere,                                 404, NAME_UNKNOWN",
    "GET,    /v2/a/unknown/b/c,                           404, NAME_UNKNOWN",
    "DELETE, /v2/a/manifests/latest,                      404, MANIFEST_UNKNOWN",
    "PUT,    /v2/a/manifests/latest,                      400, MANIFEST_INVALID",
    "POST,   /v2/_catalog,                                405, UNSUPPORTED"
  })
  void whatCannotBeAnsweredIsRefusedInTheFormOfV2(
      String method, String path, int status, String code) {
    Answer answer = client.send(method, path, BodyPublishers.noBody());
    assertError(answer, status, code);
  }

  @Test
  void aRefusalIsInTheStatusLineTooWhichIsAllThatContainerdShows() throws IOException {
    try (RawConnection connection = new RawConnection(server.port())) {
      for (int request = 0; request < 2; request++) {
        connection.send("GET /v2/no/such/manifests/latest HTTP/1.1\r\nHost: localhost\r\n\r\n");
        String head = connection.readHead();
        assertThat(head).startsWith("HTTP/1.1 404 There is no such tag\r\n");
        int length = Integer.parseInt(head.replaceAll("(?s).*Content-Length: (\\d+).*", "$1"));
        assertThat(connection.in().readNBytes(length)).hasSize(length);
        connection.send("GET /v2/ HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assertThat(connection.readHead()).startsWith("HTTP/1.1 200 \r\n");
        assertThat(connection.in().readNBytes(2)).hasSize(2);
      }
    }
  }

  /** A client that tries TLS first goes on with HTTP only when it sees HTTP. */
  @Test
  void aTlsHelloIsAnsweredInHttp() throws IOException {
    byte[] hello = HexFormat.of().parseHex("16030100c4010000c00303" + "ab".repeat(200));
    try (RawConnection connection = new RawConnection(server.port())) {
      connection.send(new String(hello, ISO_8859_1));
      assertThat(connection.readHead()).startsWith("HTTP/1.1 400");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v2", "/v2/"})
  void theBaseSaysThatV2IsSpoken(String path) {
    Answer base = client.get(path);

    assertThat(base.status()).isEqualTo(200);
    assertThat(base.text()).isEqualTo("{}");
    assertThat(base.header("Content-Type")).isEqualTo("application/json");
    assertThat(base.header("Docker-Distribution-Api-Version")).isEqualTo("registry/2.0");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "docker/1.5.0 go/go1.3.3 git-commit/a8a31ef",
        "docker/1.12.6 go/go1.6.4 git-commit/78d1802",
        "Go 1.1 package http",
        "Go-http-client/1.1"
      })
  void daemonsAreNotToldTheVersionSoThatTheyGoOnWithV1(String userAgent) {
    for (String path : List.of("/v2/", "/v2/no/such/manifests/latest")) {
      assertThat(
              client.get(path, "User-Agent", userAgent).header("Docker-Distribution-Api-Version"))
          .isEmpty();
    }
  }

  @Test
  void aClientThatReadsOtherTypesOnlyIsToldWhy() {
    TestImage image = TestImage.of("accept", "", TestLayer.of("a")).push(client);
    tag("accept/image", "latest", image);
    String path = "/v2/accept/image/manifests/latest";
    String oci = "application/vnd.oci.image.manifest.v1+json";

    Answer refused = client.get(path, "Accept", oci);

    assertError(refused, 404, "MANIFEST_UNKNOWN");
    assertThat(refused.text()).contains(MANIFEST);
    for (List<String> accepted :
        List.of(
            List.of("Accept", oci + ", */*"),
            List.of("Accept", oci, "Accept", MANIFEST + ";q=0.5"),
            List.of("Accept", "application/json"),
            List.of("Accept", "*/*"))) {
      assertThat(client.get(path, accepted.toArray(String[]::new)).status())
          .as(accepted.toString())
          .isEqualTo(200);
    }
  }

  @Test
  void theOriginalsTreeHoldsNothingNewBesideTheImages() throws IOException {
    TestImage image = TestImage.of("beside", "", gzip(TestLayer.of("a"))).push(client);
    tag("beside/image", "latest", image);
    assertThat(client.get("/v2/beside/image/manifests/latest").status()).isEqualTo(200);

    try (Stream<Path> files = Files.list(directory.resolve("images/" + image.id()))) {
      assertThat(files.map(file -> String.valueOf(file.getFileName())))
          .contains("json", "layer", "ancestry", "_checksum")
          .doesNotContain("_v2");
    }
  }
}
