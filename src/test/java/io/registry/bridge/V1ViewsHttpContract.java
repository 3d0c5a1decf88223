package io.registry.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.content.image.ImageId;
import io.registry.content.image.ImageRemoval;
import io.registry.content.image.Pusher;
import io.registry.platform.json.JsonCodec;
import io.registry.storage.BlobStorage;
import io.registry.testkit.DockerDaemon;
import io.registry.testkit.DockerFamily;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import io.registry.testkit.TestLayer;
import io.registry.testkit.TestPush;
import io.registry.testkit.TestPush.Layer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** Images that were pushed as blobs, as V1 clients pull them from a server. */
@TestInstance(Lifecycle.PER_CLASS)
abstract class V1ViewsHttpContract {
  private static final JsonCodec CODEC = new JsonCodec();
  private Optional<RegistryServer> started = Optional.empty();

  /** The settings that name the store. */
  abstract List<String> arguments();

  /** The paths of all files of the store. */
  abstract List<String> files();

  /** Whether two files take room once. */
  abstract boolean areOne(String one, String other);

  @BeforeAll
  void start(@TempDir Path directory) throws Exception {
    open(directory);
    started = Optional.of(start(List.of()));
  }

  /** Makes the store, for which it may use the directory. */
  abstract void open(Path directory) throws Exception;

  @AfterAll
  void stop() throws Exception {
    server().close();
    close();
  }

  /** Ends what {@link #open} has begun. */
  abstract void close() throws Exception;

  /** The server of most tests. */
  RegistryServer server() {
    return started.orElseThrow();
  }

  RegistryServer start(List<String> more) {
    List<String> all = new ArrayList<>(arguments());
    all.addAll(more);
    return RegistryServer.startWith(all.toArray(String[]::new));
  }

  static Layer gzip(String name) {
    return Layer.gzip(TestLayer.empty().file(name, 100_000).bytes(), 1);
  }

  static Layer zstd(String name) {
    return Layer.zstd(TestLayer.of(name));
  }

  static Layer plain(String name) {
    return Layer.plain(TestLayer.of(name));
  }

  static TestPush push(RegistryServer server, String name, Layer... layers) {
    return TestPush.of(name, layers).storeIn(server.bean(BlobStorage.class));
  }

  static V1View publish(RegistryServer server, TestPush push) {
    return server
        .bean(V1Views.class)
        .publish(V1Chain.of(push.image()), TestPush::key, new Pusher("a client of V2"), () -> {});
  }

  /** Names an image as V1 clients look for one. */
  static void tag(RegistryServer server, String repository, V1View view) {
    TestClient client = server.client();
    String list =
        view.chain().stream()
            .map(id -> "{\"id\": \"%s\"}".formatted(id))
            .collect(Collectors.joining(",", "[", "]"));
    ImageId top = view.top().orElseThrow();
    for (Answer answer :
        List.of(
            client.put("/v1/repositories/" + repository + "/", list),
            client.put("/v1/repositories/" + repository + "/images", list),
            client.put("/v1/repositories/" + repository + "/tags/v1", "\"" + top + "\""))) {
      assertThat(answer.status()).as(answer.toString()).isBetween(200, 204);
    }
  }

  static List<TestImage> expected(TestPush push, byte[]... layers) {
    List<V1Chain.Link> chain = V1Chain.of(push.image()).links();
    List<TestImage> images = new ArrayList<>();
    for (int i = 0; i < layers.length; i++) {
      images.add(new TestImage(chain.get(i).id().value(), chain.get(i).json(), layers[i]));
    }
    return images;
  }

  static void assertSame(List<TestImage> pulled, List<TestImage> expected) {
    assertThat(pulled).extracting(TestImage::id).isEqualTo(ids(expected));
    for (int i = 0; i < expected.size(); i++) {
      assertThat(pulled.get(i).json()).isEqualTo(expected.get(i).json());
      assertThat(pulled.get(i).layer()).isEqualTo(expected.get(i).layer());
    }
  }

  private static List<String> ids(List<TestImage> images) {
    return images.stream().map(TestImage::id).toList();
  }

  @ParameterizedTest
  @EnumSource(
      value = DockerFamily.class,
      names = {"DOCKER_0_10", "DOCKER_1_5", "DOCKER_1_12", "NPM"})
  void daemonsPullWhatWasPushed(DockerFamily family) {
    Layer zstd = zstd("pulled/");
    Layer plain = plain("pulled");
    TestPush push = push(server(), "pulled", gzip("pulled"), zstd, plain);
    tag(server(), "team/pulled", publish(server(), push));

    assertSame(
        new DockerDaemon(family, server().port()).pull("team/pulled", "v1"),
        expected(push, gzip("pulled").stored(), zstd.tar(), plain.stored()));
  }

  @Test
  void theLayerIsServedAsAnyOther() {
    Layer layer = gzip("served");
    TestPush push = push(server(), "served", layer, plain("served top"));
    TestImage base = expected(push, layer.stored()).get(0);
    tag(server(), "team/served", publish(server(), push));
    TestClient client = server().client();

    Answer whole = client.get(base.path("layer"));
    Answer head = client.head(base.path("layer"));
    assertThat(whole.bytes()).isEqualTo(layer.stored());
    assertThat(head.header("ETag")).isEqualTo(whole.header("ETag"));
    assertThat(head.header("Content-Length")).isEqualTo(Integer.toString(layer.stored().length));
    assertThat(client.get(base.path("layer"), "If-None-Match", whole.header("ETag")).status())
        .isEqualTo(304);
    Answer part = client.get(base.path("layer"), "Range", "bytes=2-4");
    assertThat(part.status()).isEqualTo(206);
    assertThat(part.bytes()).isEqualTo(Arrays.copyOfRange(layer.stored(), 2, 5));
    assertThat(client.get(base.path("layer"), "Range", "bytes=9999999-").status()).isEqualTo(416);
    Answer json = client.get(base.path("json"));
    assertThat(json.header("X-Docker-Size")).isEqualTo(Integer.toString(layer.stored().length));
    assertThat(json.header("X-Docker-Checksum-Payload")).isEqualTo(base.checksum());
    assertThat(client.get(base.path("files")).text()).contains("\"served\", \"f\"");
    assertThat(client.get(base.path("diff")).status()).isEqualTo(200);
  }

  @Test
  void layersThatImagesShareTakeRoomOnce() {
    Layer shared = gzip("shared");
    TestPush one = push(server(), "one", shared, plain("one"));
    TestPush other = push(server(), "other", shared, zstd("other"));
    tag(server(), "team/one", publish(server(), one));
    tag(server(), "team/other", publish(server(), other));

    DockerDaemon daemon = new DockerDaemon(DockerFamily.DOCKER_1_5, server().port());
    assertSame(
        daemon.pull("team/one", "v1"), expected(one, shared.stored(), plain("one").stored()));
    assertSame(
        daemon.pull("team/other", "v1"), expected(other, shared.stored(), zstd("other").tar()));
    String blob = path(TestPush.key(shared.digest()).path());
    List<String> copies =
        files().stream()
            .filter(file -> file.endsWith("images/" + shared.diffId().hex() + "/layer"))
            .filter(file -> !areOne(file, blob))
            .toList();
    assertThat(copies).isEmpty();
    assertThat(files()).contains(blob);
  }

  /** Where the store has what is at a path of the layout. */
  private String path(String path) {
    return files().stream().filter(file -> file.endsWith(path)).findFirst().orElseThrow();
  }

  @Test
  void aPushOverV1OfTheSameImageFindsItThere() {
    Layer base = gzip("here");
    TestPush push = push(server(), "here", base, plain("here top"));
    publish(server(), push);
    List<TestImage> images = expected(push, base.stored(), plain("here top").stored());

    List<String> sent =
        new DockerDaemon(DockerFamily.DOCKER_1_12, server().port())
            .push("team/here", images, Map.of("v1", images.get(1).id()));

    assertThat(sent).isEmpty();
  }

  @Test
  void aRemovedImageIsGoneAndCanBePushedAgain() {
    TestPush push = push(server(), "removed", gzip("removed"));
    V1View view = publish(server(), push);
    ImageId image = view.chain().get(0);

    ImageRemoval removal = server().bean(ImageRemoval.class);
    removal.hide(image);
    removal.remove(image, () -> {});

    assertThat(files()).noneMatch(file -> file.contains("/" + image + "/") && !isDerived(file));
    assertThat(server().client().get("/v1/images/" + image + "/layer").status()).isEqualTo(404);
    assertThat(publish(server(), push)).isEqualTo(view);
    assertThat(server().client().get("/v1/images/" + image + "/layer").bytes())
        .isEqualTo(gzip("removed").stored());
  }

  private static boolean isDerived(String file) {
    return file.contains("_v2/");
  }

  @Test
  void anotherServerOfTheStoreServesTheSame() {
    Layer zstd = zstd("restart/");
    TestPush push = push(server(), "restart", gzip("restart"), zstd);
    tag(server(), "team/restart", publish(server(), push));

    try (RegistryServer other = start(List.of("--registry.v2.prepare-pushes=true"))) {
      assertSame(
          new DockerDaemon(DockerFamily.DOCKER_1_5, other.port()).pull("team/restart", "v1"),
          expected(push, gzip("restart").stored(), zstd.tar()));

      // Over V2 the layers have the digests that they were pushed with.
      Answer manifest = other.client().get("/v2/team/restart/manifests/v1");
      assertThat(manifest.status()).as(manifest.toString()).isEqualTo(200);
      JsonNode layers = CODEC.parse(manifest.bytes()).orElseThrow().path("layers");
      assertThat(layers.valueStream().map(layer -> layer.path("digest").asString("")))
          .containsExactly(gzip("restart").digest().toString(), zstd.diffId().toString());
    }
  }
}
