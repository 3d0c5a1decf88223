package io.registry.web.v2;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.testkit.Bucket;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.S3Bucket;
import io.registry.testkit.TestImage;
import io.registry.testkit.TestLayer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class S3V2HttpTest extends V2BucketHttpContract {
  /** The digests of a layer are found out while it comes in. */
  @Test
  void aPushedLayerIsNotReadAgainForItsFirstPull() throws Exception {
    try (S3Bucket bucket = new S3Bucket()) {
      List<String> arguments = new ArrayList<>(bucket.arguments());
      arguments.add("--registry.v2.prepare-pushes=true");
      try (RegistryServer server = RegistryServer.startWith(arguments.toArray(String[]::new))) {
        TestImage image =
            TestImage.of("once", "", TestLayer.compressed(TestLayer.of("a"), 1))
                .push(server.client());
        String id = '"' + image.id() + '"';
        assertThat(server.client().put("/v1/repositories/team/once/tags/v1", id).status())
            .isEqualTo(200);
        assertThat(server.client().get("/v2/team/once/manifests/v1").status()).isEqualTo(200);

        assertThat(bucket.proxy().requests())
            .isNotEmpty()
            .noneMatch(
                request ->
                    request.startsWith("GET ")
                        && request.contains("/registry/images/" + image.id() + "/layer"));
      }
    }
  }

  @Override
  Bucket bucket(Path directory) throws Exception {
    return new S3Bucket();
  }
}
