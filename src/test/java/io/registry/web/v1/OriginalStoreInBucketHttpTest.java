package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.testkit.OriginalStore;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.S3Server;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.sync.RequestBody;

/**
 * A store that the original wrote, copied into a bucket under its storage_path, is served as from
 * the directory, byte for byte (protocol 5.4).
 */
class OriginalStoreInBucketHttpTest {
  private static final String PREFIX = "registry/";
  private static final List<String> REPOSITORIES =
      List.of(
          "fixtures/from-1-0-0",
          "fixtures/from-1-5-0",
          "fixtures/from-1-9-1",
          "fixtures/from-1-12-6",
          "fixtures/legacy",
          "fixtures/secret",
          "fixtures/short",
          "solo",
          "library/solo",
          "deep/er/name",
          "fixtures/absent");
  private static final List<String> HEADERS =
      List.of("X-Docker-Size", "X-Docker-Checksum-Payload", "Content-Type", "Cache-Control");

  @TempDir static Path directory;
  private static OriginalStore store;
  private static S3Server s3;
  private static String bucket;
  private static RegistryServer local;
  private static RegistryServer remote;

  @BeforeAll
  static void start() throws Exception {
    store = OriginalStore.unpack(directory);
    s3 = S3Server.start();
    bucket = s3.createBucket();
    for (String path : store.hashes().keySet()) {
      s3.admin()
          .putObject(
              request -> request.bucket(bucket).key(PREFIX + path),
              RequestBody.fromBytes(store.bytes(path)));
    }
    local = RegistryServer.start(directory);
    remote =
        RegistryServer.startWith(
            "--spring.profiles.active=s3",
            "--registry.storage.s3.bucket=" + bucket,
            "--registry.storage.s3.prefix=/registry",
            "--registry.storage.s3.endpoint=" + s3.endpoint(),
            "--registry.storage.s3.path-style=true",
            "--registry.storage.s3.access-key=" + S3Server.ACCESS_KEY,
            "--registry.storage.s3.secret-key=" + S3Server.SECRET_KEY);
  }

  @AfterAll
  static void stop() throws Exception {
    remote.close();
    local.close();
    s3.close();
  }

  @Test
  void everyFileOfAnImageIsServedByteForByte() {
    Map<String, String> hashes = OriginalStore.originalHashes();
    int layers = 0;
    for (String id : store.images()) {
      for (String part : List.of("json", "layer", "ancestry")) {
        Answer answer = assertSame("/v1/images/" + id + "/" + part);
        if (answer.status() == 200 && !part.equals("ancestry")) {
          assertThat(OriginalStore.sha256(answer.bytes()))
              .isEqualTo(hashes.get("images/" + id + "/" + part));
          layers++;
        }
      }
    }
    assertThat(layers).isGreaterThan(60);
  }

  @Test
  void everyRepositoryIsServedAsFromTheDirectory() {
    for (String repository : REPOSITORIES) {
      for (String part : List.of("tags", "images", "json", "properties", "tags/latest")) {
        assertSame("/v1/repositories/" + repository + "/" + part);
      }
      assertSame("/v1/repositories/" + repository + "/tags/v1/json");
    }
    assertThat(remote.client().get("/v1/repositories/deep/er/name/tags/v1").status())
        .isEqualTo(200);
  }

  @Test
  void whatIsPushedOnTopLiesBesideItAsTheOriginalWouldPutIt() {
    TestClient client = remote.client();
    String parent = store.images().iterator().next();
    TestImage child = TestImage.of("child", parent, new byte[] {1, 2, 3}).push(client);
    assertThat(
            client
                .put("/v1/repositories/deep/er/other/tags/1.0-rc.1", '"' + child.id() + '"')
                .status())
        .isEqualTo(200);

    List<String> added = new ArrayList<>();
    s3.admin()
        .listObjectsV2Paginator(request -> request.bucket(bucket).prefix(PREFIX))
        .contents()
        .forEach(object -> added.add(object.key().substring(PREFIX.length())));
    added.removeAll(store.hashes().keySet());
    String image = "images/" + child.id() + "/";
    assertThat(added)
        .containsExactlyInAnyOrder(
            image + "json",
            image + "layer",
            image + "ancestry",
            image + "_checksum",
            "repositories/deep/er%252Fother/tag_1.0-rc.1",
            "repositories/deep/er%252Fother/tag1.0-rc.1_json");
  }

  private static Answer assertSame(String path) {
    Answer expected = local.client().get(path);
    Answer found = remote.client().get(path);
    assertThat(found.status()).as(path).isEqualTo(expected.status());
    assertThat(found.bytes()).as(path).isEqualTo(expected.bytes());
    for (String header : HEADERS) {
      assertThat(found.headers(header)).as(path).isEqualTo(expected.headers(header));
    }
    return found;
  }
}
