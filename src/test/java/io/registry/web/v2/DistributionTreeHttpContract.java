package io.registry.web.v2;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.platform.json.JsonCodec;
import io.registry.testkit.DistributionStore;
import io.registry.testkit.DistributionStore.Served;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The tree of Distribution in a store, as clients of today pull from it and push beside it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class DistributionTreeHttpContract {
  private static final JsonCodec CODEC = new JsonCodec();
  private static final String SCHEMA_1 = "application/vnd.docker.distribution.manifest.v1+";

  /** The tag of library/busybox, which is one repository with busybox here. */
  private static final String SECOND = "library-1";

  private DistributionStore tree;
  private RegistryServer server;
  private TestClient client;
  private Object before;

  /** Starts a registry on a store with the tree. */
  abstract RegistryServer start(DistributionStore tree) throws Exception;

  /** The state of the tree in the store. */
  abstract Object state();

  @BeforeAll
  void start(@TempDir Path directory) throws Exception {
    tree = DistributionStore.unpack(directory.resolve("tree"));
    server = start(tree);
    client = server.client();
    before = state();
  }

  @AfterAll
  void nothingOfTheTreeIsChanged() throws Exception {
    server.close();
    assertThat(state()).isEqualTo(before);
    end();
  }

  /** Ends what {@link #start(DistributionStore)} has begun. */
  void end() throws Exception {}

  private static String tag(Served served) {
    return served.repository().equals("library/busybox") ? SECOND : served.tag();
  }

  private Answer get(String path) {
    Answer answer = client.get(path);
    assertThat(answer.status()).as(path + ": " + answer.text()).isEqualTo(200);
    return answer;
  }

  @Test
  void everythingThatDistributionServedIsServedByteForByte() {
    for (Served served : DistributionStore.served()) {
      String base = "/v2/" + served.repository();
      byte[] expected = tree.bytes(served.digest());
      for (String reference : List.of(tag(served), served.digest())) {
        Answer manifest = get(base + "/manifests/" + reference);
        assertThat(manifest.bytes()).isEqualTo(expected);
        assertThat(manifest.header("Docker-Content-Digest")).isEqualTo(served.digest());
        assertThat(manifest.header("Content-Type"))
            .startsWith(served.mediaType().startsWith(SCHEMA_1) ? SCHEMA_1 : served.mediaType());
        Answer head = client.head(base + "/manifests/" + reference);
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.header("Content-Length")).isEqualTo(String.valueOf(expected.length));
      }
      for (String child : served.manifests()) {
        assertThat(get(base + "/manifests/" + child).bytes()).isEqualTo(tree.bytes(child));
      }
      for (String blob : served.blobs()) {
        String path = base + "/blobs/" + blob;
        assertThat(get(path).bytes()).isEqualTo(tree.bytes(blob));
        assertThat(client.head(path).header("Content-Length"))
            .isEqualTo(String.valueOf(tree.bytes(blob).length));
      }
    }
  }

  @Test
  void aPartOfABlobIsServed() {
    Served app = served("src/one");
    String blob = app.blobs().get(0);
    Answer part = client.get("/v2/src/one/blobs/" + blob, "Range", "bytes=2-4");
    assertThat(part.status()).isEqualTo(206);
    byte[] all = tree.bytes(blob);
    assertThat(part.bytes()).containsExactly(all[2], all[3], all[4]);
  }

  private static Served served(String repository) {
    return DistributionStore.served().stream()
        .filter(served -> served.repository().equals(repository))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void theCatalogAndTheTagListsAreThoseOfDistribution() {
    Set<String> names =
        DistributionStore.served().stream()
            .map(Served::repository)
            .filter(name -> !name.equals("library/busybox"))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(texts(get("/v2/_catalog?n=1000"), "repositories")).containsAll(names);
    assertThat(texts(get("/v2/_catalog?n=2"), "repositories")).hasSize(2);

    for (String name : names) {
      Set<String> tags =
          DistributionStore.served().stream()
              .filter(
                  each -> V2Names.repository(each.repository()).equals(V2Names.repository(name)))
              .map(DistributionTreeHttpContract::tag)
              .collect(Collectors.toCollection(TreeSet::new));
      assertThat(texts(get("/v2/" + name + "/tags/list"), "tags")).containsExactlyElementsOf(tags);
    }
  }

  private static List<String> texts(Answer answer, String field) {
    List<String> texts = new ArrayList<>();
    CODEC
        .parse(answer.bytes())
        .map(json -> json.path(field))
        .orElseThrow()
        .forEach(each -> texts.add(each.stringValue()));
    return texts;
  }

  @Test
  void referrersAreThoseOfTheTagThatClientsKept() {
    Served signed =
        DistributionStore.served().stream()
            .filter(each -> each.repository().equals("team/signed") && each.tag().equals("v1"))
            .findFirst()
            .orElseThrow();
    JsonNode list =
        CODEC.parse(get("/v2/team/signed/referrers/" + signed.digest()).bytes()).orElseThrow();
    assertThat(list.path("manifests")).hasSize(1);
    String referrer = list.path("manifests").path(0).path("digest").asString("");
    assertThat(get("/v2/team/signed/manifests/" + referrer).bytes())
        .isEqualTo(tree.bytes(referrer));
  }

  @Test
  void whatTheRepositoryDoesNotContainIsNotServed() {
    String blob = served("src/one").blobs().get(0);
    assertThat(client.get("/v2/team/app/blobs/" + blob).status()).isEqualTo(404);
    assertThat(client.head("/v2/team/none/blobs/" + blob).status()).isEqualTo(404);
    String manifest = served("src/one").digest();
    assertThat(client.get("/v2/team/app/manifests/" + manifest).status()).isEqualTo(404);
    assertThat(client.get("/v2/src/one/manifests/none").status()).isEqualTo(404);
    assertThat(client.get("/v2/src/tags/list").status()).isEqualTo(404);
  }

  @Test
  void aTagIsMovedAndRemovedBesideTheTree() {
    Served old = served("dst/two");
    V2Image image = V2Image.of("moved", "new");
    V2Pusher pusher = new V2Pusher(client, "dst/two");
    byte[] manifest = image.pushBlobs(pusher);
    String path = "/v2/dst/two/manifests/" + old.tag();
    assertThat(client.put(path, manifest, "Content-Type", V2Pusher.OCI_MANIFEST).status())
        .isEqualTo(201);
    assertThat(get(path).bytes()).isEqualTo(manifest);
    assertThat(get("/v2/dst/two/manifests/" + old.digest()).bytes())
        .isEqualTo(tree.bytes(old.digest()));
    assertThat(texts(get("/v2/dst/two/tags/list"), "tags")).containsExactly(old.tag());

    assertThat(client.delete(path).status()).isEqualTo(202);
    assertThat(client.get(path).status()).isEqualTo(404);
    assertThat(client.delete(path).status()).isEqualTo(404);
    assertThat(client.put(path, tree.bytes(old.digest()), "Content-Type", old.mediaType()).status())
        .isEqualTo(201);
    assertThat(get(path).bytes()).isEqualTo(tree.bytes(old.digest()));
  }

  @Test
  void aRemovedManifestTakesItsTagsAlong() {
    Served old = served("old/app");
    assertThat(client.delete("/v2/old/app/manifests/" + old.digest()).status()).isEqualTo(202);
    assertThat(client.get("/v2/old/app/manifests/" + old.digest()).status()).isEqualTo(404);
    assertThat(client.get("/v2/old/app/manifests/" + old.tag()).status()).isEqualTo(404);
    assertThat(texts(get("/v2/old/app/tags/list"), "tags")).containsExactly("schema2-empty");
  }

  @Test
  void aRemovedRepositoryIsGone() {
    Served one = served("s1/only-id");
    assertThat(client.delete("/v1/repositories/s1/only-id/").status()).isEqualTo(200);
    assertThat(client.get("/v2/s1/only-id/manifests/" + one.tag()).status()).isEqualTo(404);
    assertThat(client.get("/v2/s1/only-id/manifests/" + one.digest()).status()).isEqualTo(404);
    assertThat(client.head("/v2/s1/only-id/blobs/" + one.blobs().get(0)).status()).isEqualTo(404);
    assertThat(client.get("/v2/s1/only-id/tags/list").status()).isEqualTo(404);
    assertThat(texts(get("/v2/_catalog?n=1000"), "repositories")).doesNotContain("s1/only-id");
  }

  @Test
  void aBlobOfTheTreeIsMountedAndNotStoredTwice() {
    Served one = served("src/one");
    for (String blob : one.blobs()) {
      Answer mounted =
          client.post("/v2/team/mounted/blobs/uploads/?mount=" + blob + "&from=src/one", "");
      assertThat(mounted.status()).isEqualTo(201);
      assertThat(get("/v2/team/mounted/blobs/" + blob).bytes()).isEqualTo(tree.bytes(blob));
    }
    V2Pusher pusher = new V2Pusher(client, "team/mounted");
    one.blobs().forEach(blob -> pusher.blob(tree.bytes(blob)));
    assertThat(
            client
                .put(
                    "/v2/team/mounted/manifests/v1",
                    tree.bytes(one.digest()),
                    "Content-Type",
                    one.mediaType())
                .status())
        .isEqualTo(201);
    assertThat(get("/v2/team/mounted/manifests/v1").bytes()).isEqualTo(tree.bytes(one.digest()));
    one.blobs().forEach(blob -> assertThat(isStoredHere(blob)).isFalse());
    assertThat(isStoredHere(one.digest())).isFalse();
  }

  /** Whether the registry has the bytes of a digest in its own layout. */
  abstract boolean isStoredHere(String digest);
}
