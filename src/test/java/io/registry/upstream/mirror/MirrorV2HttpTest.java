package io.registry.upstream.mirror;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.registry.platform.json.JsonCodec;
import io.registry.testkit.FakeSource;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import io.registry.testkit.TestLayer;
import io.registry.testkit.Together;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A V1 image of a mirror's source, pulled over V2. */
class MirrorV2HttpTest {
  private static final JsonCodec CODEC = new JsonCodec();
  private static final String TAG = "/v1/repositories/team/app/tags/v1";
  private static final String TAGS = "/v1/repositories/team/app/tags";
  private static final String MANIFEST = "/v2/team/app/manifests/v1";

  @TempDir Path directory;

  @Test
  void theFirstPullsFetchTheImageOnceAndItStays() throws Exception {
    TestImage image = TestImage.of("far", "", TestLayer.compressed(TestLayer.of("a", "b"), 1));
    byte[] manifest;
    try (FakeSource source = new FakeSource()) {
      source
          .serve(image)
          .on(TAG, FakeSource.body(200, ('"' + image.id() + '"').getBytes(UTF_8)))
          .on(TAGS, FakeSource.body(200, "{\"v1\": \"%s\"}".formatted(image.id()).getBytes(UTF_8)));
      try (RegistryServer mirror = MirrorServer.start(directory, source.endpoint())) {
        Together.run(
            Stream.generate(
                    () ->
                        (Together.Task)
                            () -> assertThat(mirror.client().get(MANIFEST).status()).isEqualTo(200))
                .limit(8)
                .toList());
        manifest = mirror.client().get(MANIFEST).bytes();
        assertBlobs(mirror, manifest, image);
        assertThat(source.count("GET", image.path("layer"))).isEqualTo(1);
      }
      // What the mirror has is served from here.
      try (RegistryServer again = MirrorServer.start(directory, source.endpoint())) {
        assertThat(again.client().get(MANIFEST).bytes()).isEqualTo(manifest);
        assertBlobs(again, manifest, image);
        assertThat(source.count("GET", image.path("layer"))).isEqualTo(1);
      }
    }
  }

  private static void assertBlobs(RegistryServer mirror, byte[] manifest, TestImage image) {
    JsonNode json = CODEC.parse(manifest).orElseThrow();
    for (JsonNode blob : List.of(json.path("config"), json.path("layers").path(0))) {
      Answer answer = mirror.client().get("/v2/team/app/blobs/" + blob.path("digest").asString(""));
      assertThat(answer.status()).as(answer.text()).isEqualTo(200);
      assertThat(answer.bytes()).hasSize(blob.path("size").asInt(-1));
    }
    String layer = json.path("layers").path(0).path("digest").asString("");
    assertThat(mirror.client().get("/v2/team/app/blobs/" + layer).bytes()).isEqualTo(image.layer());
  }
}
