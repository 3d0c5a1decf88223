package io.registry.web.v2;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.content.manifest.Digest;
import io.registry.testkit.DistributionStore;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A tree of Distribution outside of the own store, with what crashes and old releases leave. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ServedTreeHttpTest {
  private static final String REPOSITORIES = "docker/registry/v2/repositories/";

  private DistributionStore tree;
  private Path own = Path.of("");
  private RegistryServer server;
  private TestClient client;
  private Map<String, String> before;

  @BeforeAll
  void start(@TempDir Path directory) throws IOException {
    tree = DistributionStore.unpack(directory.resolve("tree"));
    own = directory.resolve("own");
    DistributionStore.Served app = app();
    // A tag whose file a crash has emptied, and one whose file it has lost.
    write(REPOSITORIES + "team/app/_manifests/tags/emptied/current/link", "");
    write(REPOSITORIES + "team/app/_manifests/tags/lost/index/link", app.digest());
    // A repository within a repository, one without a tag, and a name of two.
    link("team/app/inner/_manifests/tags/v/current", app.digest());
    link("team/app/inner/_manifests/revisions/sha256/" + hex(app.digest()), app.digest());
    link("team/untagged/_manifests/revisions/sha256/" + hex(app.digest()), app.digest());
    link("team/untagged/_layers/sha256/" + hex(app.blobs().get(0)), app.blobs().get(0));
    // A blob by SHA-512, a manifest that was removed, and a blob whose bytes a crash has lost.
    link("team/untagged/_layers/sha512/" + sha512(app.blobs().get(0)), app.blobs().get(0));
    write(
        REPOSITORIES + "team/untagged/_manifests/revisions/sha256/" + "a".repeat(64) + "/link", "");
    String empty = "e".repeat(64);
    link("team/untagged/_layers/sha256/" + empty, "sha256:" + empty);
    write("docker/registry/v2/blobs/sha256/ee/" + empty + "/data", "");
    before = DistributionStore.state(tree.root());
    server = RegistryServer.start(own, "--registry.storage.distribution.path=" + tree.root());
    client = server.client();
  }

  private static DistributionStore.Served app() {
    return DistributionStore.served().stream()
        .filter(each -> each.repository().equals("team/app") && each.tag().equals("latest"))
        .findFirst()
        .orElseThrow();
  }

  private void link(String folder, String digest) throws IOException {
    write(REPOSITORIES + folder + "/link", digest);
  }

  private void write(String file, String text) throws IOException {
    Path target = tree.root().resolve(file);
    Files.createDirectories(Objects.requireNonNull(target.getParent()));
    Files.writeString(target, text);
  }

  private static String hex(String digest) {
    return digest.substring(digest.indexOf(':') + 1);
  }

  private String sha512(String digest) {
    byte[] bytes = tree.bytes(digest);
    Digest any = Digest.find("sha512:" + "0".repeat(128)).orElseThrow();
    return HexFormat.of().formatHex(any.newHash().digest(bytes));
  }

  @AfterAll
  void theTreeIsNotChanged() {
    server.close();
    assertThat(DistributionStore.state(tree.root())).isEqualTo(before);
  }

  @Test
  void aTagWithoutItsFileIsNone() {
    assertThat(client.get("/v2/team/app/manifests/emptied").status()).isEqualTo(404);
    assertThat(client.get("/v2/team/app/manifests/lost").status()).isEqualTo(404);
    assertThat(client.get("/v2/team/app/tags/list").text())
        .contains("\"latest\"")
        .doesNotContain("emptied")
        .doesNotContain("lost");
  }

  @Test
  void aRepositoryMayBeWithinARepository() {
    assertThat(client.get("/v2/team/app/inner/manifests/v").bytes())
        .isEqualTo(tree.bytes(app().digest()));
    assertThat(client.get("/v2/_catalog?n=1000").text())
        .contains("\"team/app\"", "\"team/app/inner\"", "\"a/b/c/deep\"")
        .doesNotContain("\"a/b\"");
  }

  @Test
  void aRepositoryWithoutATagIsServedByDigest() {
    assertThat(client.get("/v2/team/untagged/manifests/" + app().digest()).bytes())
        .isEqualTo(tree.bytes(app().digest()));
    assertThat(client.get("/v2/team/untagged/tags/list").text())
        .isEqualTo("{\"name\": \"team/untagged\", \"tags\": []}");
    assertThat(client.get("/v2/_catalog?n=1000").text()).contains("\"team/untagged\"");
    assertThat(client.get("/v2/team/untagged/manifests/sha256:" + "a".repeat(64)).status())
        .isEqualTo(404);
  }

  @Test
  void aBlobIsServedUnderEachOfItsDigests() {
    String blob = app().blobs().get(0);
    String other = "sha512:" + sha512(blob);
    assertThat(client.get("/v2/team/untagged/blobs/" + other).bytes()).isEqualTo(tree.bytes(blob));
    assertThat(client.head("/v2/team/app/blobs/" + other).status()).isEqualTo(404);
  }

  @Test
  void aBlobWhoseBytesACrashHasEmptiedIsNone() {
    String path = "/v2/team/untagged/blobs/sha256:" + "e".repeat(64);
    assertThat(client.head(path).status()).isEqualTo(404);
  }

  @Test
  void pushesGoToTheOwnStore() throws IOException {
    V2Image image = V2Image.of("beside", "layer");
    V2Pusher pusher = new V2Pusher(client, "team/app");
    byte[] manifest = image.pushBlobs(pusher);
    assertThat(
            client
                .put(
                    "/v2/team/app/manifests/beside",
                    manifest,
                    "Content-Type",
                    V2Pusher.OCI_MANIFEST)
                .status())
        .isEqualTo(201);
    assertThat(client.get("/v2/team/app/manifests/beside").bytes()).isEqualTo(manifest);
    assertThat(own.resolve("_oci")).exists();
    assertThat(client.get("/v2/team/app/tags/list").text()).contains("\"beside\"", "\"latest\"");
  }

  @Test
  void aReadOnlyRegistryServesTheTree(@TempDir Path unused) {
    try (RegistryServer reader =
        RegistryServer.start(
            tree.root(), "--registry.read-only=true", "--registry.v2.directory=" + unused)) {
      assertThat(reader.client().get("/v2/team/app/manifests/latest").bytes())
          .isEqualTo(tree.bytes(app().digest()));
      assertThat(reader.client().delete("/v2/team/app/manifests/latest").status()).isEqualTo(405);
    }
  }
}
