package io.registry.web.v2;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.platform.json.JsonCodec;
import io.registry.testkit.Bucket;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import io.registry.testkit.TestLayer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** V1 images in a bucket, as clients of today pull them. */
abstract class V2BucketHttpContract {
  private static final JsonCodec CODEC = new JsonCodec();

  abstract Bucket bucket(Path directory) throws Exception;

  private static byte[] bzip2(byte[] tar) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (BZip2CompressorOutputStream packed = new BZip2CompressorOutputStream(out)) {
      packed.write(tar);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return out.toByteArray();
  }

  @Test
  void imagesArePulledAndWhatIsStoredAsItIsServedComesFromTheBucket(@TempDir Path directory)
      throws Exception {
    byte[] tar = TestLayer.of("etc/", "etc/motd");
    TestImage base = TestImage.of("stored", "", TestLayer.compressed(tar, 3));
    TestImage top = TestImage.of("packed", base.id(), bzip2(tar));
    try (Bucket bucket = bucket(directory)) {
      List<String> arguments = new ArrayList<>(bucket.arguments());
      byte[] manifest;
      try (RegistryServer server = RegistryServer.startWith(arguments.toArray(String[]::new))) {
        TestClient client = server.client();
        base.push(client);
        top.push(client);
        assertThat(client.put("/v1/repositories/team/app/tags/v1", '"' + top.id() + '"').status())
            .isEqualTo(200);
        manifest = client.get("/v2/team/app/manifests/v1").bytes();
        assertThat(client.get(path(manifest, 0)).bytes()).isEqualTo(base.layer());
        assertThat(client.get(path(manifest, 1)).bytes()).isEqualTo(tar);
        Answer part = client.get(path(manifest, 0), "Range", "bytes=2-4");
        assertThat(part.status()).isEqualTo(206);
        assertThat(part.header("Content-Range")).isEqualTo("bytes 2-4/" + base.layer().length);
      }
      arguments.add("--registry.storage.redirect=true");
      try (RegistryServer server = RegistryServer.startWith(arguments.toArray(String[]::new))) {
        TestClient client = server.client();
        assertThat(client.get("/v2/team/app/manifests/v1").bytes()).isEqualTo(manifest);
        Answer link = client.get(path(manifest, 0));
        assertThat(link.status()).isEqualTo(307);
        URI location = URI.create(link.header("Location"));
        assertThat(location.toString()).startsWith(bucket.endpoint());
        assertThat(location.getPath()).endsWith("/images/" + base.id() + "/layer");
        assertThat(client.get(path(manifest, 1)).bytes()).isEqualTo(tar);
      }
    }
  }

  private static String path(byte[] manifest, int layer) {
    JsonNode json = CODEC.parse(manifest).orElseThrow();
    return "/v2/team/app/blobs/" + json.path("layers").path(layer).path("digest").asString("");
  }
}
