package io.registry.web.v2;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.registry.content.manifest.Digest;
import io.registry.platform.json.JsonCodec;
import io.registry.testkit.DockerDaemon;
import io.registry.testkit.DockerFamily;
import io.registry.testkit.DockerImages;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.SharedRegistry;
import io.registry.testkit.TestImage;
import io.registry.testkit.TestLayer;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** Old daemons pull what clients of today push, and the other way round. */
@SharedRegistry
class OldDaemonsHttpTest {
  private static final JsonCodec CODEC = new JsonCodec();

  private static RegistryServer server;

  @BeforeAll
  static void share(RegistryServer shared) {
    server = shared;
  }

  private static String name(String start, DockerFamily family) {
    return start + "/r" + family.name().toLowerCase(Locale.ROOT);
  }

  @ParameterizedTest
  @EnumSource
  void everyDaemonPullsWhatIsPushedOverV2(DockerFamily family) {
    V2Pusher pusher = new V2Pusher(server.client(), name("today", family));
    byte[] base = TestLayer.compressed(TestLayer.of("base " + family), 1);
    byte[] top = TestLayer.of("top " + family);
    String config =
        """
        {"architecture":"amd64","os":"linux","created":"2026-01-02T03:04:05.123456789Z",
         "config":{"Env":["A=b"],"Cmd":["sh"]},
         "rootfs":{"type":"layers","diff_ids":["%s","%s"]}}
        """
            .formatted(Digest.of(TestLayer.of("base " + family)), Digest.of(top));
    for (byte[] blob : List.of(base, top, config.getBytes(UTF_8))) {
      pusher.blob(blob);
    }
    byte[] manifest =
        V2Pusher.render(
            V2Pusher.image(
                V2Pusher.descriptor(V2Pusher.OCI_CONFIG, config.getBytes(UTF_8)),
                List.of(
                    V2Pusher.descriptor(V2Pusher.OCI_LAYER_GZIP, base),
                    V2Pusher.descriptor(V2Pusher.OCI_LAYER, top))));
    assertThat(pusher.put("v1", manifest).status()).isEqualTo(201);

    List<TestImage> pulled =
        new DockerDaemon(family, server.port()).pull(name("today", family), "v1");

    assertThat(DockerImages.ids(pulled))
        .containsExactlyInAnyOrder(
            Digest.of(TestLayer.of("base " + family)).hex(),
            Digest.of(config.getBytes(UTF_8)).hex());
    assertThat(pulled).extracting(TestImage::layer).containsExactlyInAnyOrder(base, top);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NPM")
  void whatEveryDaemonPushesIsPulledOverV2(DockerFamily family) {
    List<TestImage> images = DockerImages.chain(family, "to today " + family);
    String repository = name("then", family);
    new DockerDaemon(family, server.port())
        .push(repository, images, Map.of("v1", images.get(images.size() - 1).id()));

    JsonNode manifest =
        CODEC
            .parse(server.client().get("/v2/" + repository + "/manifests/v1").bytes())
            .orElseThrow();

    assertThat(manifest.path("layers").size()).isEqualTo(images.size());
    for (int i = 0; i < images.size(); i++) {
      String digest = manifest.path("layers").path(i).path("digest").asString("");
      assertThat(server.client().get("/v2/" + repository + "/blobs/" + digest).bytes())
          .isEqualTo(images.get(i).layer());
    }
  }
}
