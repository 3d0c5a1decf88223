package io.registry.check;

import static io.registry.check.CheckedStore.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.registry.bridge.V1Views;
import io.registry.check.CheckedStore.Answer;
import io.registry.image.ImageId;
import io.registry.image.Pusher;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestImage;
import io.registry.testkit.TestPush;
import io.registry.testkit.TestPush.Layer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

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
                  TestPush.of("shared", base).storeIn(storage).image(),
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
      assertThat(damaged.findings())
          .isEqualTo(pointsToBlobs() ? List.of("layer-truncated " + layer) : List.of());
      Answer repaired = CheckedStore.command(arguments(), REPAIR);
      assertThat(repaired.count("repaired")).isEqualTo(pointsToBlobs() ? 1 : 0);
      assertThat(storage.exists(new BlobKey(layer))).isEqualTo(!pointsToBlobs());
      assertThat(storage.exists(TestPush.key(base.digest()))).isTrue();
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
