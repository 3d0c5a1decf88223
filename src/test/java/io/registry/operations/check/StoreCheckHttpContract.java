package io.registry.operations.check;

import static io.registry.operations.check.CheckedStore.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.registry.bridge.V1Chain;
import io.registry.bridge.V1Views;
import io.registry.content.image.ImageId;
import io.registry.content.image.Pusher;
import io.registry.content.manifest.Digest;
import io.registry.operations.check.CheckedStore.Answer;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestImage;
import io.registry.testkit.TestPush;
import io.registry.testkit.TestPush.Layer;
import io.registry.web.v2.V2Image;
import io.registry.web.v2.V2Pusher;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a check finds and repairs in any store, of images that were pushed through the registry. */
abstract class StoreCheckHttpContract {
  private static final String[] NOW = {"--older-than=0s"};
  private static final String[] REPAIR = {"--older-than=0s", "--repair", "--no-writers"};

  /** The settings that name the store. */
  abstract List<String> arguments();

  private static TestImage push(TestClient client, TestImage image, String repository) {
    image.push(client);
    String tag = "/v1/repositories/" + repository + "/tags/latest";
    assertThat(client.put(tag, "\"" + image.id() + "\"").status()).isEqualTo(200);
    return image;
  }

  private static TestImage push(TestClient client, String name, byte[] layer) {
    return push(client, TestImage.of(name, "", layer), name);
  }

  private static TestImage push(TestClient client, String name) {
    return push(client, name, bytes("layer of " + name));
  }

  @Test
  void everyKindOfDamageIsFoundAndRepairedOrHealedByThePushThatComesNext() throws Exception {
    // Without the cache, who pushes a damaged image anew need not wait until it is forgotten.
    List<String> settings = new ArrayList<>(arguments());
    settings.add("--registry.cache.images-ttl=0");
    try (RegistryServer server = RegistryServer.startWith(settings.toArray(String[]::new))) {
      TestClient client = server.client();
      BlobStorage storage = server.bean(BlobStorage.class);
      byte[] gzip = gzip("a layer that was compressed, and is long enough to be cut");

      TestImage good = push(client, "good");
      push(client, TestImage.child("good-child", good, "more"), "good-child");
      Answer clean = CheckedStore.command(arguments(), NOW);
      assertThat(clean.findings()).isEmpty();
      assertThat(clean.status()).isZero();
      assertThat(clean.count("images")).isEqualTo(2);
      assertThat(clean.count("tags")).isEqualTo(2);
      assertThat(clean.count("layersVerified")).isEqualTo(2);

      TestImage stuck = TestImage.base("stuck", "never sent");
      storage.write(CheckedStore.key(stuck, "json"), stuck.json());
      storage.write(CheckedStore.key(stuck, "_inprogress"), bytes("true"));
      TestImage lost = push(client, "lost");
      TestImage cut = push(client, "cut", gzip);
      TestImage other = push(client, "other");
      TestImage corrupt = push(client, "corrupt", gzip);
      TestImage claimed = push(client, "claimed");
      TestImage jsonBroken = push(client, "json-broken");
      TestImage jsonMissing = push(client, "json-missing");
      TestImage parent = push(client, "parent");
      TestImage child = push(client, TestImage.child("child", parent, "child"), "child");
      TestImage unrooted = push(client, TestImage.child("unrooted", good, "u"), "unrooted");
      TestImage uprooted = push(client, TestImage.child("uprooted", good, "p"), "uprooted");
      TestImage astray = push(client, TestImage.child("astray", good, "a"), "astray");
      TestImage sumless = push(client, "sumless");
      TestImage littered = push(client, "littered");
      TestImage orphan = TestImage.base("orphan", "orphan").push(client);
      TestImage unfetched = TestImage.base("unfetched", "at the source");
      TestImage nowhere = TestImage.base("nowhere", "nowhere");

      storage.delete(CheckedStore.key(lost, "layer"));
      storage.write(CheckedStore.key(cut, "layer"), Arrays.copyOf(gzip, gzip.length - 20));
      storage.write(CheckedStore.key(other, "layer"), bytes("another layer"));
      storage.write(CheckedStore.key(corrupt, "layer"), withWrongSum(gzip));
      storage.write(
          CheckedStore.key(claimed, "_checksum"), bytes("sha256:" + "0".repeat(64) + "\n"));
      storage.write(CheckedStore.key(jsonBroken, "json"), bytes("{\"id\": "));
      storage.delete(CheckedStore.key(jsonMissing, "json"));
      for (String file : List.of("json", "ancestry", "_checksum", "layer")) {
        storage.delete(CheckedStore.key(parent, file));
      }
      storage.delete(CheckedStore.key(unrooted, "ancestry"));
      storage.write(CheckedStore.key(uprooted, "ancestry"), bytes("[\"" + uprooted.id()));
      storage.write(
          CheckedStore.key(astray, "ancestry"),
          bytes("[\"" + astray.id() + "\", \"" + lost.id() + "\"]"));
      storage.write(CheckedStore.key(sumless, "_checksum"), bytes(" \n"));
      storage.write(CheckedStore.key(littered, "_upload_1"), bytes("left"));
      storage.write(CheckedStore.key(littered, "_upload_2"), littered.layer());
      storage.write(CheckedStore.key(littered, "_upload_2_checksum"), bytes("[]"));
      storage.write(CheckedStore.key(unfetched, "json"), unfetched.json());
      BlobKey tags = BlobKey.of("repositories", "library", "tags");
      storage.write(tags.child("tag_broken"), bytes("no id"));
      storage.write(tags.child("tag_nowhere"), bytes(nowhere.id()));
      storage.write(tags.child("tag_stuck"), bytes(stuck.id()));
      storage.write(tags.child("taggood_json"), bytes("[1"));
      storage.write(tags.child("_index_images"), bytes("{}"));
      BlobKey generation = tags.child("_images").child("000000001_" + UUID.randomUUID());
      storage.write(generation, bytes("[{"));

      String[] found = {
        at("stuck-upload", stuck, "_inprogress"),
        at("layer-missing", lost, "layer"),
        at("layer-truncated", cut, "layer"),
        at("layer-mismatch", other, "layer"),
        at("layer-broken", corrupt, "layer"),
        at("claim-mismatch", claimed, "layer"),
        at("json-broken", jsonBroken, "json"),
        at("json-missing", jsonMissing, "json"),
        "tag-without-image repositories/library/json-missing/tag_latest",
        "tag-without-image repositories/library/parent/tag_latest",
        "parent-missing images/" + child.id(),
        at("ancestry-missing", unrooted, "ancestry"),
        at("ancestry-broken", uprooted, "ancestry"),
        at("ancestry-mismatch", astray, "ancestry"),
        at("checksum-broken", sumless, "_checksum"),
        at("leftover", littered, "_upload_1"),
        at("leftover", littered, "_upload_2"),
        "orphan-image images/" + orphan.id(),
        "orphan-image images/" + unfetched.id(),
        at("not-fetched", unfetched, "layer"),
        at("ancestry-missing", unfetched, "ancestry"),
        "tag-broken " + tags.child("tag_broken"),
        "tag-without-image " + tags.child("tag_nowhere"),
        "tag-unfinished " + tags.child("tag_stuck"),
        "repository-json-broken " + tags.child("taggood_json"),
        "repository-json-broken " + tags.child("_index_images"),
        "repository-json-broken " + generation,
      };
      Answer before = CheckedStore.command(arguments(), NOW);
      assertThat(before.status()).isEqualTo(1);
      assertThat(before.findings()).containsExactlyInAnyOrder(found);
      assertThat(before.count("problems")).isEqualTo(found.length - 5);
      // A push that may still be going on is none that is stuck, and so is a tag that may come.
      assertThat(CheckedStore.command(arguments()).findings())
          .noneMatch(finding -> finding.matches("(stuck|orphan|tag-unfinished).*"));

      Answer repaired = CheckedStore.command(arguments(), REPAIR);
      assertThat(repaired.status()).isEqualTo(1);
      assertThat(repaired.count("repaired")).isEqualTo(14);

      Answer after = CheckedStore.command(arguments(), NOW);
      assertThat(after.findings())
          .filteredOn(finding -> !finding.startsWith("set-aside"))
          .containsExactlyInAnyOrder(
              at("checksum-missing", sumless, "_checksum"),
              at("stuck-upload", stuck, "_inprogress"),
              at("layer-missing", lost, "layer"),
              at("layer-missing", cut, "layer"),
              at("layer-missing", other, "layer"),
              at("layer-missing", corrupt, "layer"),
              at("claim-mismatch", claimed, "layer"),
              at("json-missing", jsonBroken, "json"),
              "tag-without-image repositories/library/json-broken/tag_latest",
              at("json-missing", jsonMissing, "json"),
              "tag-without-image repositories/library/json-missing/tag_latest",
              "tag-without-image repositories/library/parent/tag_latest",
              "parent-missing images/" + child.id(),
              at("leftover", littered, "_upload_1"),
              "orphan-image images/" + orphan.id(),
              "orphan-image images/" + unfetched.id(),
              at("not-fetched", unfetched, "layer"),
              "tag-without-image " + tags.child("tag_nowhere"),
              "tag-unfinished " + tags.child("tag_stuck"));
      assertThat(after.findings())
          .filteredOn(finding -> finding.startsWith("set-aside"))
          .hasSize(11);
      assertThat(client.get(uprooted.path("ancestry")).text())
          .isEqualTo("[\"" + uprooted.id() + "\", \"" + good.id() + "\"]");

      // Whoever pushes again heals the rest, but for a claim that nobody can verify.
      storage.delete(CheckedStore.key(claimed, "_checksum"));
      for (TestImage image :
          List.of(stuck, lost, cut, other, corrupt, jsonBroken, jsonMissing, parent, nowhere)) {
        image.push(client);
        assertThat(client.get(image.path("layer")).bytes()).isEqualTo(image.layer());
      }
      Answer healed = CheckedStore.command(arguments(), NOW);
      assertThat(healed.findings())
          .filteredOn(
              finding ->
                  !finding.matches(
                      "(set-aside|orphan-image|leftover|not-fetched|checksum-missing).*"))
          .isEmpty();
      assertThat(healed.status()).isZero();
    }
  }

  @Test
  void layersThatShareTheBytesOfBlobsAreReadAsAnyOther() {
    Layer base = Layer.gzip("base");
    try (RegistryServer server = RegistryServer.startWith(arguments().toArray(String[]::new))) {
      BlobStorage storage = server.bean(BlobStorage.class);
      ImageId id =
          server
              .bean(V1Views.class)
              .publish(
                  V1Chain.of(TestPush.of("shared", base).storeIn(storage).image()),
                  TestPush::key,
                  new Pusher("a client of V2"),
                  () -> {})
              .top()
              .orElseThrow();
      String tag = "/v1/repositories/shared/tags/latest";
      assertThat(server.client().put(tag, "\"" + id + "\"").status()).isEqualTo(200);
      Answer clean = CheckedStore.command(arguments(), NOW);
      assertThat(clean.findings()).isEmpty();
      assertThat(clean.count("layersVerified")).isEqualTo(1);

      byte[] bytes = base.stored();
      storage.write(TestPush.key(base.digest()), Arrays.copyOf(bytes, bytes.length - 20));
      Answer damaged = CheckedStore.command(arguments(), NOW);

      // A file of two names is two when one of them is written.
      String layer = "images/" + id + "/layer";
      String blob = "blob-mismatch " + TestPush.key(base.digest());
      assertThat(damaged.findings())
          .isEqualTo(pointsToBlobs() ? List.of("layer-truncated " + layer, blob) : List.of(blob));
      Answer repaired = CheckedStore.command(arguments(), REPAIR);
      assertThat(repaired.count("repaired")).isEqualTo(pointsToBlobs() ? 2 : 1);
      assertThat(storage.exists(new BlobKey(layer))).isEqualTo(!pointsToBlobs());
      assertThat(storage.exists(TestPush.key(base.digest()))).isFalse();
    }
  }

  /** A repository with one artifact that clients have pushed over V2, and where its files are. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  private record Artifact(V2Pusher pusher, BlobKey folder, byte[] manifest, byte[] layer) {
    static Artifact push(TestClient client, String name) {
      V2Pusher pusher = new V2Pusher(client, "v2/" + name);
      byte[] layer = bytes("what " + name + " contains");
      byte[] manifest = pusher.artifact("what " + name + " contains", Map.of());
      assertThat(pusher.put("latest", manifest).status()).isEqualTo(201);
      return new Artifact(pusher, BlobKey.of("repositories", "v2", name), manifest, layer);
    }

    void pushAgain() {
      assertThat(pusher.artifact(new String(layer, StandardCharsets.UTF_8), Map.of()))
          .isEqualTo(manifest);
      assertThat(pusher.put("latest", manifest).status()).isEqualTo(201);
    }

    void requireServed() {
      assertThat(pusher.get("manifests/latest").bytes()).isEqualTo(manifest);
      assertThat(pusher.get("blobs/" + Digest.of(layer)).bytes()).isEqualTo(layer);
    }

    BlobKey file(String kind, byte[] named) {
      return folder.child("_oci").child(kind).child("sha256-" + Digest.of(named).hex());
    }

    BlobKey tag() {
      return folder.child("tag_latest");
    }
  }

  private static byte[] flipped(byte[] bytes) {
    byte[] wrong = bytes.clone();
    wrong[0] ^= 1;
    return wrong;
  }

  private static BlobKey blob(byte[] bytes) {
    return TestPush.key(Digest.of(bytes));
  }

  @Test
  void damageOfWhatWasPushedOverV2IsFoundAndRepairedOrHealedByThePushThatComesNext() {
    try (RegistryServer server = RegistryServer.startWith(arguments().toArray(String[]::new))) {
      TestClient client = server.client();
      BlobStorage storage = server.bean(BlobStorage.class);
      Artifact cut = Artifact.push(client, "cut");
      Artifact changed = Artifact.push(client, "changed");
      Artifact lost = Artifact.push(client, "lost");
      Artifact unlinked = Artifact.push(client, "unlinked");
      Artifact unreadable = Artifact.push(client, "unreadable");
      Artifact manifestLost = Artifact.push(client, "manifest-lost");
      Artifact manifestChanged = Artifact.push(client, "manifest-changed");
      Artifact manifestUnlinked = Artifact.push(client, "manifest-unlinked");
      Artifact manifestUnreadable = Artifact.push(client, "manifest-unreadable");
      V2Pusher signed = new V2Pusher(client, "v2/signed");
      V2Image image = V2Image.of("signed", "a layer");
      assertThat(signed.put("latest", image.pushBlobs(signed)).status()).isEqualTo(201);
      Map<String, Object> subject = V2Pusher.descriptor(V2Pusher.OCI_MANIFEST, image.manifest());
      byte[] signature = signed.artifact("a signature", Map.of("subject", subject));
      byte[] other = signed.artifact("another one", Map.of("subject", subject));
      assertThat(signed.put(Digest.of(signature), signature).status()).isEqualTo(201);
      assertThat(signed.put(Digest.of(other), other).status()).isEqualTo(201);
      V2Pusher noted = new V2Pusher(client, "v2/noted");
      V2Image notedImage = V2Image.of("noted", "a noted layer");
      for (String tag : List.of("latest", "other")) {
        assertThat(noted.put(tag, notedImage.pushBlobs(noted)).status()).isEqualTo(201);
      }

      Answer clean = CheckedStore.command(arguments(), NOW);
      assertThat(clean.findings()).isEmpty();
      assertThat(clean.count("manifests")).isEqualTo(13);
      assertThat(clean.count("tags")).isEqualTo(12);
      assertThat(clean.count("blobs")).isEqualTo(13 + 1 + 9 + 2 + 4);

      byte[] layer = cut.layer();
      storage.write(blob(layer), Arrays.copyOf(layer, layer.length - 1));
      storage.write(blob(changed.layer()), flipped(changed.layer()));
      storage.delete(blob(lost.layer()));
      storage.delete(unlinked.file("blobs", unlinked.layer()));
      storage.write(unreadable.file("blobs", unreadable.layer()), bytes("{"));
      storage.delete(blob(manifestLost.manifest()));
      storage.write(blob(manifestChanged.manifest()), flipped(manifestChanged.manifest()));
      storage.delete(manifestUnlinked.file("manifests", manifestUnlinked.manifest()));
      storage.write(
          manifestUnreadable.file("manifests", manifestUnreadable.manifest()), bytes("[]"));
      BlobKey signedContent = BlobKey.of("repositories", "v2", "signed", "_oci");
      BlobKey referrers =
          signedContent.child("referrers").child("sha256-" + Digest.of(image.manifest()).hex());
      BlobKey missing = referrers.child("sha256-" + Digest.of(signature).hex());
      BlobKey invalid = referrers.child("sha256-" + Digest.of(other).hex());
      storage.delete(missing);
      storage.write(invalid, bytes("{}"));
      BlobKey notedContent = BlobKey.of("repositories", "v2", "noted", "_oci");
      BlobKey served = notedContent.child("tags").child("latest").child(notedImage.id());
      BlobKey unserved = notedContent.child("tags").child("other").child(notedImage.id());
      storage.write(unserved, bytes("no digest"));
      storage.delete(
          notedContent
              .child("manifests")
              .child("sha256-" + Digest.of(notedImage.manifest()).hex()));
      BlobKey origin =
          BlobKey.of("_oci", "images", notedImage.id().substring(0, 2), notedImage.id());
      storage.write(origin, bytes("{"));

      String[] inBytes = {
        "blob-mismatch " + blob(cut.layer()), "blob-mismatch " + blob(changed.layer()),
      };
      List<String> found =
          new ArrayList<>(
              List.of(
                  "blob-mismatch " + cut.file("blobs", cut.layer()),
                  "blob-missing " + lost.file("blobs", lost.layer()),
                  "blob-missing " + unlinked.file("manifests", unlinked.manifest()),
                  "content-broken " + unreadable.file("blobs", unreadable.layer()),
                  "manifest-missing " + manifestLost.file("manifests", manifestLost.manifest()),
                  "blob-mismatch " + blob(manifestChanged.manifest()),
                  "tag-without-image " + manifestUnlinked.tag(),
                  "content-broken "
                      + manifestUnreadable.file("manifests", manifestUnreadable.manifest()),
                  "referrer-missing " + missing,
                  "content-broken " + invalid,
                  "manifest-missing " + served,
                  "content-broken " + unserved,
                  "content-broken " + origin));
      Answer skipping = CheckedStore.command(arguments(), "--layers=skip");
      assertThat(skipping.findings()).containsExactlyInAnyOrderElementsOf(found);
      found.addAll(List.of(inBytes));
      Answer before = CheckedStore.command(arguments());
      assertThat(before.findings()).containsExactlyInAnyOrderElementsOf(found);
      assertThat(before.status()).isEqualTo(1);
      assertThat(before.count("problems")).isEqualTo(found.size());

      assertThat(CheckedStore.command(arguments(), REPAIR).count("repaired")).isEqualTo(13);
      for (Artifact each :
          List.of(
              cut,
              changed,
              lost,
              unlinked,
              unreadable,
              manifestLost,
              manifestChanged,
              manifestUnlinked,
              manifestUnreadable)) {
        each.pushAgain();
      }
      for (byte[] each : List.of(signature, other)) {
        signed.delete("manifests/" + Digest.of(each));
        assertThat(signed.put(Digest.of(each), each).status()).isEqualTo(201);
      }
      assertThat(noted.put("latest", notedImage.pushBlobs(noted)).status()).isEqualTo(201);

      Answer healed = CheckedStore.command(arguments());
      assertThat(healed.findings())
          .filteredOn(finding -> !finding.startsWith("set-aside"))
          .isEmpty();
      assertThat(healed.status()).isZero();
    }
    // Without what a server remembers.
    try (RegistryServer server = RegistryServer.startWith(arguments().toArray(String[]::new))) {
      for (String name : List.of("cut", "changed", "lost", "unlinked", "manifest-lost")) {
        Artifact.push(server.client(), name).requireServed();
      }
    }
  }

  @Test
  void whatAServerAllowsAndWhatIsUnderWayOverV2IsNoDefect() {
    try (RegistryServer server = RegistryServer.startWith(arguments().toArray(String[]::new))) {
      V2Pusher pusher = new V2Pusher(server.client(), "v2/allowed");
      byte[] one = V2Image.of("one", "first").pushBlobs(pusher);
      byte[] two = V2Image.of("two", "second").pushBlobs(pusher);
      for (byte[] manifest : List.of(one, two)) {
        assertThat(pusher.put(Digest.of(manifest), manifest).status()).isEqualTo(201);
      }
      byte[] index =
          V2Pusher.render(
              V2Pusher.index(
                  List.of(
                      V2Pusher.descriptor(V2Pusher.OCI_MANIFEST, one),
                      V2Pusher.descriptor(V2Pusher.OCI_MANIFEST, two))));
      assertThat(pusher.put("latest", index, V2Pusher.OCI_INDEX).status()).isEqualTo(201);
      assertThat(pusher.delete("manifests/" + Digest.of(two)).status()).isEqualTo(202);
      byte[] signature =
          pusher.artifact(
              "of what is not there",
              Map.of("subject", V2Pusher.descriptor(V2Pusher.OCI_MANIFEST, bytes("absent"))));
      assertThat(pusher.put("signed", signature).status()).isEqualTo(201);
      String location = pusher.begin();
      assertThat(pusher.patch(location, bytes("a part")).status()).isEqualTo(202);

      Answer during = CheckedStore.command(arguments());
      assertThat(during.findings()).isEmpty();
      assertThat(during.count("manifests")).isEqualTo(3);
      String id = location.substring(location.lastIndexOf('/') + 1);
      assertThat(CheckedStore.command(arguments(), NOW).findings())
          .filteredOn(finding -> !finding.startsWith("leftover _uploads/"))
          .containsExactly("leftover _oci/uploads/" + id);
      byte[] blob = bytes("a part");
      assertThat(pusher.finish(location, new byte[0], Digest.of(blob)).status()).isEqualTo(201);
      assertThat(CheckedStore.command(arguments(), NOW).findings())
          .noneMatch(finding -> finding.startsWith("leftover _oci/"));
    }
  }

  @Test
  void aServerChecksItsStoreInTheBackground(@TempDir Path scratch) {
    List<String> settings = new ArrayList<>(arguments());
    settings.addAll(
        List.of(
            "--registry.check.scrub=true",
            "--registry.check.interval=1ms",
            "--registry.check.directory=" + scratch));
    try (RegistryServer server = RegistryServer.startWith(settings.toArray(String[]::new))) {
      Artifact changed = Artifact.push(server.client(), "changed");
      TestImage image = push(server.client(), "lost");
      BlobStorage storage = server.bean(BlobStorage.class);
      storage.write(blob(changed.layer()), flipped(changed.layer()));
      storage.delete(CheckedStore.key(image, "layer"));

      MeterRegistry meters = server.bean(MeterRegistry.class);
      for (String kind : List.of("blob-mismatch", "layer-missing")) {
        Gauge found = meters.get("registry.check.findings").tag("kind", kind).gauge();
        await().atMost(Duration.ofSeconds(30)).until(() -> found.value() == 1);
      }
    }
  }

  /** Whether the store cannot link. */
  boolean pointsToBlobs() {
    return true;
  }

  private static String at(String code, TestImage image, String file) {
    return code + " " + CheckedStore.key(image, file);
  }

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(bytes(text));
    }
    return bytes.toByteArray();
  }

  private static byte[] withWrongSum(byte[] gzip) {
    byte[] wrong = gzip.clone();
    wrong[gzip.length - 8] ^= 1;
    return wrong;
  }
}
