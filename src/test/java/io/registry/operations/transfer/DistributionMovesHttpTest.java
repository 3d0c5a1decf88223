package io.registry.operations.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.content.manifest.Digest;
import io.registry.operations.check.StoreCheckCommand;
import io.registry.testkit.DistributionServer;
import io.registry.testkit.DistributionStore;
import io.registry.testkit.DistributionStore.Served;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.web.v2.V2Image;
import io.registry.web.v2.V2Pusher;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** From Distribution to this registry and back, with the real Distribution. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Tag("external")
class DistributionMovesHttpTest {
  private static final String ANY =
      String.join(
          ",",
          "application/vnd.docker.distribution.manifest.v2+json",
          "application/vnd.docker.distribution.manifest.list.v2+json",
          V2Pusher.OCI_MANIFEST,
          V2Pusher.OCI_INDEX,
          "application/vnd.docker.distribution.manifest.v1+prettyjws",
          "application/vnd.docker.distribution.manifest.v1+json");

  private Path folder = Path.of("");
  private Path root = Path.of("");
  private final V2Image image = V2Image.of("own", "base", "top");
  private byte[] referrer = {};
  private Map<String, String> before = Map.of();

  /** Pushes beside the tree, moves a tag of it, and removes one. */
  @BeforeAll
  void push(@TempDir Path directory) throws IOException {
    folder = directory.resolve("old");
    root = folder.resolve("root");
    DistributionStore.unpack(Files.createDirectories(root));
    before = DistributionStore.state(root);
    try (RegistryServer server = RegistryServer.start(root)) {
      TestClient client = server.client();
      for (String repository : List.of("own/app", "team/app")) {
        V2Pusher pusher = new V2Pusher(client, repository);
        byte[] manifest = image.pushBlobs(pusher);
        put(client, repository, "v1", manifest);
      }
      V2Pusher pusher = new V2Pusher(client, "own/app");
      byte[] nothing = "{}".getBytes(StandardCharsets.UTF_8);
      pusher.blob(nothing);
      Map<String, Object> signature =
          V2Pusher.image(
              V2Pusher.descriptor("application/vnd.oci.empty.v1+json", nothing), List.of());
      signature.put("artifactType", "application/x-signature");
      signature.put("subject", V2Pusher.descriptor(V2Pusher.OCI_MANIFEST, image.manifest()));
      referrer = V2Pusher.render(signature);
      put(client, "own/app", Digest.of(referrer).toString(), referrer);
      assertThat(client.delete("/v2/dst/two/manifests/mounted").status()).isEqualTo(202);
    }
  }

  private static void put(TestClient client, String repository, String reference, byte[] bytes) {
    Answer pushed =
        client.put(
            "/v2/" + repository + "/manifests/" + reference,
            bytes,
            "Content-Type",
            V2Pusher.OCI_MANIFEST);
    assertThat(pushed.status()).as(pushed.text()).isEqualTo(201);
  }

  @Test
  @Order(1)
  void distributionServesWhatItHadAfterPushesAndRemovals() throws IOException {
    assertThat(DistributionStore.state(root)).isEqualTo(before);
    try (DistributionServer distribution = DistributionServer.startComplete(folder)) {
      requireServed(distribution.client(), DistributionStore.served());
    }
  }

  private static void requireServed(TestClient client, List<Served> all) {
    for (Served served : all) {
      String base = "/v2/" + served.repository();
      Answer manifest = client.head(base + "/manifests/" + served.tag(), "Accept", ANY);
      assertThat(manifest.header("Docker-Content-Digest"))
          .as(served.repository() + ":" + served.tag())
          .isEqualTo(served.digest());
      for (String blob : served.blobs()) {
        assertThat(client.head(base + "/blobs/" + blob).status()).isEqualTo(200);
      }
      for (String child : served.manifests()) {
        assertThat(client.head(base + "/manifests/" + child, "Accept", ANY).status())
            .isEqualTo(200);
      }
    }
  }

  @Test
  @Order(2)
  void distributionServesWhatIsExported() throws Exception {
    Path out = folder.resolveSibling("new");
    Path target = out.resolve("root");
    Transfers.Answer planned =
        Transfers.export(root, "--all", "--dry-run", "--to=distribution:" + target);
    assertThat(target).doesNotExist();
    Transfers.Answer exported = Transfers.export(root, "--all", "--to=distribution:" + target);
    assertThat(exported.status()).as(exported.said()).isEqualTo(planned.status());
    Transfers.Answer again = Transfers.export(root, "--all", "--to=distribution:" + target);
    assertThat(again.results().values()).doesNotContain("done");

    Map<String, String> ours = new TreeMap<>();
    try (RegistryServer server = RegistryServer.start(root)) {
      for (String name : exported.results().keySet()) {
        ours.put(name, digest(server.client(), name));
      }
    }
    try (DistributionServer distribution = DistributionServer.startComplete(out)) {
      TestClient client = distribution.client();
      Map<String, String> theirs = new TreeMap<>();
      ours.keySet().removeIf(name -> "refused".equals(exported.results().get(name)));
      assertThat(ours).hasSizeGreaterThan(10);
      ours.keySet().forEach(name -> theirs.put(name, digest(client, name)));
      assertThat(theirs).isEqualTo(ours);
      requireServed(
          client,
          DistributionStore.served().stream()
              // Schema 1 is exported as what clients of today get of it.
              .filter(served -> !served.mediaType().contains("manifest.v1+"))
              .filter(served -> ours.containsKey(served.repository() + ":" + served.tag()))
              .filter(served -> !served.repository().equals("library/busybox"))
              .toList());
      String tag = Digest.of(image.manifest()).toString().replace(':', '-');
      assertThat(client.get("/v2/own/app/manifests/" + tag, "Accept", ANY).text())
          .contains(Digest.of(referrer).toString(), "application/x-signature");
    }
    assertThat(DistributionServer.garbage(out)).doesNotContain("eligible for deletion: sha256");
  }

  private static String digest(TestClient client, String name) {
    int colon = name.lastIndexOf(':');
    return client
        .head(
            "/v2/%s/manifests/%s"
                .formatted(
                    name.substring(0, colon).replaceFirst("^library/", ""),
                    name.substring(colon + 1)),
            "Accept",
            ANY)
        .header("Docker-Content-Digest");
  }

  @Test
  @Order(3)
  void aCheckReadsTheTreeAndNamesWhatIsTwoRepositoriesThere() {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    int status =
        Transfers.run(
            new StoreCheckCommand(),
            List.of("--registry.storage.local.path=" + root),
            new PrintStream(said, true, StandardCharsets.UTF_8));
    String text = said.toString(StandardCharsets.UTF_8);
    assertThat(status).as(text).isEqualTo(0);
    assertThat(text).contains("repositories-merged: 1", "Nothing is wrong");
  }

  @Test
  @Order(4)
  void anAdoptedTreeCanBeRemoved() throws IOException {
    Map<String, String> served;
    try (RegistryServer server = RegistryServer.start(root)) {
      served = all(server.client());
    }
    Transfers.Answer planned =
        Transfers.run(new AdoptCommand(Transfers.REGISTRY), root, "--dry-run");
    assertThat(planned.status()).as(planned.said()).isEqualTo(0);
    assertThat(root.resolve("repositories/old/app")).doesNotExist();
    Transfers.Answer adopted = Transfers.run(new AdoptCommand(Transfers.REGISTRY), root);
    assertThat(adopted.status()).as(adopted.said()).isEqualTo(0);
    assertThat(adopted.count("bytes")).isPositive().isLessThanOrEqualTo(planned.count("bytes"));
    assertThat(DistributionStore.state(root)).isEqualTo(before);
    Transfers.Answer again = Transfers.run(new AdoptCommand(Transfers.REGISTRY), root);
    assertThat(again.results().values()).containsOnly("present");

    Files.move(root.resolve("docker"), folder.resolve("removed"));
    try (RegistryServer server = RegistryServer.start(root)) {
      assertThat(all(server.client())).isEqualTo(served);
      assertThat(server.client().head("/v2/dst/two/manifests/mounted").status()).isEqualTo(404);
    }
  }

  // The status and digest of all that was recorded.
  private static Map<String, String> all(TestClient client) {
    Map<String, String> all = new TreeMap<>();
    for (Served served : DistributionStore.served()) {
      String base = "/v2/" + served.repository();
      for (String reference : List.of(served.tag(), "library-1", served.digest())) {
        Answer answer = client.get(base + "/manifests/" + reference);
        all.put(base + ":" + reference, answer.status() + Digest.of(answer.bytes()).hex());
      }
      for (String blob : served.blobs()) {
        Answer answer = client.get(base + "/blobs/" + blob);
        all.put(base + "@" + blob, answer.status() + Digest.of(answer.bytes()).hex());
      }
    }
    return all;
  }
}
