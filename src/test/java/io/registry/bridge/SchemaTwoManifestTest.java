package io.registry.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.registry.content.image.ImageId;
import io.registry.content.manifest.Digest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class SchemaTwoManifestTest {
  private static final String GZIP = "application/vnd.docker.image.rootfs.diff.tar.gzip";
  private static final String PLAIN = "application/vnd.docker.image.rootfs.diff.tar";
  private static final String ONES = "sha256:" + "1".repeat(64);
  private static final String TWOS = "sha256:" + "2".repeat(64);
  private static final ImageId BASE = new ImageId("b".repeat(16));
  private static final ImageId TOP = new ImageId("a".repeat(64));

  private final ImageConfig config =
      ImageConfig.of(
          List.of(
              V1Layer.of(
                  TOP, "{\"docker_version\":\"1.9.1\"}".getBytes(StandardCharsets.UTF_8), ONES)));

  @Test
  void isLaidOutAsDockerDoes() {
    SchemaTwoManifest manifest =
        SchemaTwoManifest.of(
            TOP,
            config,
            List.of(
                new SchemaTwoManifest.Layer(BASE, GZIP, 5_000_000_000L, ONES),
                new SchemaTwoManifest.Layer(TOP, PLAIN, 32, TWOS)));

    assertThat(new String(manifest.bytes(), StandardCharsets.UTF_8))
        .isEqualTo(
            """
            {
               "schemaVersion": 2,
               "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
               "config": {
                  "mediaType": "application/vnd.docker.container.image.v1+json",
                  "size": %d,
                  "digest": "%s"
               },
               "layers": [
                  {
                     "mediaType": "%s",
                     "size": 5000000000,
                     "digest": "%s",
                     "annotations": {
                        "io.registry.v1.id": "%s"
                     }
                  },
                  {
                     "mediaType": "%s",
                     "size": 32,
                     "digest": "%s",
                     "annotations": {
                        "io.registry.v1.id": "%s"
                     }
                  }
               ],
               "annotations": {
                  "io.registry.v1.id": "%s"
               }
            }"""
                .formatted(
                    config.size(), config.digest(), GZIP, ONES, BASE, PLAIN, TWOS, TOP, TOP));
    assertThat(manifest.digest()).isEqualTo(Digest.of(manifest.bytes()).toString());
  }

  @Test
  void mayHaveNoLayers() {
    assertThat(
            new String(
                SchemaTwoManifest.of(TOP, config, List.of()).bytes(), StandardCharsets.UTF_8))
        .contains("\n   \"layers\": [],\n   \"annotations\": {\n");
  }

  @Test
  void equalImagesHaveEqualBytes() {
    List<SchemaTwoManifest.Layer> layers = List.of(new SchemaTwoManifest.Layer(TOP, GZIP, 1, ONES));

    assertThat(SchemaTwoManifest.of(TOP, config, layers).digest())
        .isEqualTo(SchemaTwoManifest.of(TOP, config, layers).digest())
        .isNotEqualTo(SchemaTwoManifest.of(BASE, config, layers).digest());
  }

  @Test
  void whatCannotBePartOfAManifestIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SchemaTwoManifest.Layer(TOP, "a\"b/c", 1, ONES));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SchemaTwoManifest.Layer(TOP, GZIP, -1, ONES));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SchemaTwoManifest.Layer(TOP, GZIP, 1, "sha256:" + "1".repeat(63)));
  }
}
