package io.registry.operations.collect;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.content.manifest.Digest;
import io.registry.storage.BlobKey;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import io.registry.web.v2.V2Image;
import io.registry.web.v2.V2Pusher;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a collection removes and what it keeps, with two registries on one store. */
abstract class CollectHttpContract {
  private static final int RACES = Integer.getInteger("gc.races", 20);

  /** Two registries on an empty store, which stay for all tests of the class. */
  protected abstract CollectedRegistry registry();

  private V2Pusher pusher(int server, String repository) {
    return new V2Pusher(registry().client(server), repository);
  }

  // Each test leaves nothing behind, so that the next one can count.
  @AfterEach
  void removeAll() {
    for (String name : List.of("team/app", "team/other", "team/third")) {
      assertThat(pusher(0, name).removeOverV1().status()).isIn(200, 404);
    }
    registry().collect();
    assertThat(registry().files().keySet()).as("what no collection frees").isEmpty();
  }

  private static void assertCreated(Answer answer) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(201);
  }

  private void push(V2Image image, String repository, String tag) {
    V2Pusher pusher = pusher(0, repository);
    assertCreated(pusher.put(tag, image.pushBlobs(pusher)));
  }

  private void assertServed(V2Image image, String repository, String tag) {
    V2Pusher puller = pusher(1, repository);
    assertThat(puller.get("manifests/" + tag).bytes()).isEqualTo(image.manifest());
    assertThat(puller.get("blobs/" + Digest.of(image.config())).bytes()).isEqualTo(image.config());
    for (byte[] layer : image.packed()) {
      assertThat(puller.get("blobs/" + Digest.of(layer)).bytes()).isEqualTo(layer);
    }
    for (TestImage each : image.chain()) {
      assertThat(registry().client(1).get(each.path("json")).status()).isEqualTo(200);
      assertThat(registry().client(1).get(each.path("layer")).status()).isEqualTo(200);
    }
  }

  @Test
  void whatNoTagLeadsToIsFreedToTheByte() {
    V2Image image = V2Image.of("freed", "base", "more");
    push(image, "team/app", "one");
    TestImage base = TestImage.base("freed base", "freed layer").push(registry().client(0));
    assertThat(registry().collect().removed()).as("after the push").doesNotContainKey("BYTES");
    assertServed(image, "team/app", "one");
    Map<String, Long> before = registry().files();

    assertThat(pusher(1, "team/app").delete("manifests/one").status()).isEqualTo(202);
    CollectReport report = registry().collect();

    Map<String, Long> after = registry().files();
    assertThat(after.keySet())
        .allMatch(
            name ->
                (name.startsWith("repositories/team/app/") && !name.contains("/_oci/"))
                    || name.startsWith("_v2/"));
    assertThat(before.keySet()).doesNotContain("images/" + base.id() + "/layer");
    long gone =
        before.entrySet().stream()
            .filter(file -> !after.containsKey(file.getKey()) && !file.getKey().startsWith("_v2/"))
            .filter(file -> !file.getKey().matches("repositories/team/app/(tag.*|json)"))
            .mapToLong(Map.Entry::getValue)
            .sum();
    assertThat(report.bytes()).isEqualTo(gone);
    assertThat(pusher(1, "team/app").head("blobs/" + Digest.of(image.config())).status())
        .isEqualTo(404);
    assertThat(registry().client(1).get(image.chain().get(0).path("json")).status()).isEqualTo(404);
    push(image, "team/app", "one");
    assertServed(image, "team/app", "one");
  }

  @Test
  void whatAnotherImageSharesStays() {
    V2Image small = V2Image.of("small", "base");
    V2Image large = V2Image.of("large", "base", "more");
    push(small, "team/app", "small");
    push(large, "team/app", "large");
    push(large, "team/other", "large");

    pusher(0, "team/app").delete("manifests/large");
    registry().collect();
    assertServed(small, "team/app", "small");
    assertServed(large, "team/other", "large");

    pusher(0, "team/other").delete("manifests/large");
    registry().collect();
    assertServed(small, "team/app", "small");
    assertThat(pusher(0, "team/other").head("blobs/" + Digest.of(large.config())).status())
        .isEqualTo(404);
  }

  @Test
  void anIndexKeepsWhatItListsAndASubjectItsReferrers() {
    V2Image image = V2Image.of("listed", "base");
    V2Pusher pusher = pusher(0, "team/app");
    byte[] manifest = image.pushBlobs(pusher);
    assertCreated(pusher.put(Digest.of(manifest), manifest));
    byte[] index =
        V2Pusher.render(
            V2Pusher.index(List.of(V2Pusher.descriptor(V2Pusher.OCI_MANIFEST, manifest))));
    assertCreated(pusher.put("all", index, V2Pusher.OCI_INDEX));
    byte[] signature =
        pusher.artifact(
            "signature", Map.of("subject", V2Pusher.descriptor(V2Pusher.OCI_MANIFEST, manifest)));
    assertCreated(pusher.put(Digest.of(signature), signature));

    registry().collect();
    assertThat(pusher.get("manifests/" + Digest.of(manifest)).status()).isEqualTo(200);
    assertThat(pusher.get("manifests/" + Digest.of(signature)).status()).isEqualTo(200);
    assertThat(pusher.get("referrers/" + Digest.of(manifest)).text())
        .contains(Digest.of(signature).toString());

    pusher.delete("manifests/all");
    registry().collect();
    assertThat(pusher.get("manifests/" + Digest.of(manifest)).status()).isEqualTo(404);
    assertThat(pusher.get("manifests/" + Digest.of(signature)).status()).isEqualTo(404);
  }

  @Test
  void anImageThatIsTaggedOverV1OnlyStaysInBothForms() {
    V2Image image = V2Image.of("adopted", "base", "more");
    push(image, "team/app", "one");
    assertThat(pusher(0, "team/other").tagOverV1("two", image.id()).status()).isEqualTo(200);

    pusher(0, "team/app").delete("manifests/one");
    registry().collect();

    assertServed(image, "team/other", "two");
  }

  @Test
  void anImageOfV1KeepsItsAncestors() {
    TestImage base = TestImage.base("kept base", "base layer").push(registry().client(0));
    TestImage top = TestImage.child("kept top", base, "top layer").push(registry().client(0));
    registry().condemn();
    assertThat(pusher(1, "team/app").tagOverV1("top", top.id()).status()).isEqualTo(200);
    registry().finish(0);

    assertThat(registry().client(1).get(base.path("layer")).bytes()).isEqualTo(base.layer());
    assertThat(registry().client(1).get(top.path("layer")).bytes()).isEqualTo(top.layer());
    registry().collect();
    assertThat(registry().client(0).get(base.path("layer")).bytes()).isEqualTo(base.layer());
  }

  @Test
  void whatAClientWasToldToBeThereCanBePushedUpon() {
    V2Image image = V2Image.of("told", "base", "more");
    push(image, "team/app", "one");
    pusher(0, "team/app").delete("manifests/one");
    assertThat(registry().condemn()).isPositive();
    registry().pass(Duration.ofMinutes(2));

    V2Pusher pusher = pusher(1, "team/app");
    for (byte[] layer : image.packed()) {
      assertThat(pusher.head("blobs/" + Digest.of(layer)).status()).isEqualTo(200);
    }
    assertThat(pusher.head("blobs/" + Digest.of(image.config())).status()).isEqualTo(200);
    CollectReport report = registry().finish(0);
    assertThat(report.rescued() + report.kept()).isPositive();
    assertCreated(pusher.put("again", image.manifest()));

    registry().collect();
    assertServed(image, "team/app", "again");
  }

  // The race of docker push: HEAD says that a blob is there, it goes, the manifest follows.
  @Test
  void noManifestIsAcceptedWhoseBlobsAreGone() {
    V2Image image = V2Image.of("race", "base", "more");
    for (int round = 0; round < RACES; round++) {
      push(image, "team/app", "one");
      pusher(0, "team/app").delete("manifests/one");
      int steps = round % 3;
      if (steps > 0) {
        registry().condemn();
      }
      if (steps > 1) {
        registry().pass(Duration.ofMinutes(2));
      }
      V2Pusher pusher = pusher(1, "team/app");
      List<byte[]> blobs = List.of(image.config(), image.packed().get(0), image.packed().get(1));
      byte[] asked = blobs.get(round % blobs.size());
      boolean isThere = pusher.head("blobs/" + Digest.of(asked)).status() == 200;
      registry().collect();
      if (!isThere) {
        pusher.blob(asked);
      }
      Answer put = pusher.put("one", image.manifest());
      if (put.status() == 201) {
        registry().collect();
        assertServed(image, "team/app", "one");
      } else {
        assertThat(put.status()).as(put.text()).isEqualTo(404);
      }
    }
  }

  @Test
  void aManifestThatCannotBeReadKeepsEverythingOfItsRepository() {
    V2Image image = V2Image.of("unreadable", "base");
    push(image, "team/app", "one");
    Digest manifest = Digest.of(image.manifest());
    BlobKey key =
        BlobKey.of("_oci", "blobs", "sha256", manifest.hex().substring(0, 2), manifest.hex());
    pusher(0, "team/app").delete("manifests/one");
    registry().store().write(key, "damaged".getBytes(StandardCharsets.UTF_8));

    CollectReport report = registry().collect();

    assertThat(report.problems()).anyMatch(text -> text.contains(manifest.hex()));
    assertThat(report.removed()).doesNotContainKeys("MANIFEST", "LINK", "BYTES");
    registry().store().write(key, image.manifest());
    assertThat(registry().collect().removed()).containsKeys("MANIFEST", "LINK", "BYTES");
  }

  @Test
  void anotherRegistryGoesOnWithACollection() {
    push(V2Image.of("handed over", "base"), "team/app", "one");
    pusher(0, "team/app").delete("manifests/one");
    registry().condemn();

    assertThat(registry().finish(1).removed()).containsKeys("MANIFEST", "LINK", "IMAGE", "BYTES");
    assertThat(registry().collector(0).step(false)).isEqualTo(Optional.empty());
  }

  @Test
  void aPausedCollectionRemovesNothing() {
    push(V2Image.of("paused", "base"), "team/app", "one");
    pusher(0, "team/app").delete("manifests/one");
    registry().condemn();
    registry().collector(1).pause(true);
    Map<String, Long> before = registry().files();
    registry().pass(Duration.ofMinutes(2));

    assertThat(registry().collector(0).step(false)).isPresent();

    assertThat(registry().files()).isEqualTo(before);
    registry().collector(0).pause(false);
    assertThat(registry().finish(0).removed()).containsKey("BYTES");
  }

  @Test
  void aDryRunTellsWhatARealOneRemoves() throws Exception {
    push(V2Image.of("told before", "base"), "team/app", "one");
    pusher(0, "team/app").delete("manifests/one");
    Map<String, Long> before = registry().files();
    Map<String, Long> counts;
    long bytes;
    try (DeadUnits dead = registry().collector(0).look()) {
      counts =
          dead.counts().entrySet().stream()
              .collect(Collectors.toMap(each -> each.getKey().name(), Map.Entry::getValue));
      bytes = dead.bytes();
    }
    assertThat(registry().files()).isEqualTo(before);

    CollectReport report = registry().collect();

    assertThat(report.removed()).isEqualTo(counts);
    assertThat(report.bytes()).isEqualTo(bytes);
  }
}
