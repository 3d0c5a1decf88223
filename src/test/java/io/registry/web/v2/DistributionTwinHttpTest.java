package io.registry.web.v2;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.content.manifest.Digest;
import io.registry.testkit.Budget;
import io.registry.testkit.DistributionServer;
import io.registry.testkit.DistributionStore;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The real Distribution writes a tree at random, and this registry serves it at the same time: both
 * give the same answers. In the end this registry pushes, moves and removes, and Distribution still
 * answers as before.
 */
@Tag("external")
class DistributionTwinHttpTest {
  private static final int STEPS = 24;
  private static final int COMPARED_EVERY = 8;
  private static final List<String> REPOSITORIES =
      List.of("app", "team/app", "team/app/inner", "other/deep/er");
  private static final List<String> TAGS = List.of("latest", "v1", "V_2.0-rc");
  private static final String ANY =
      String.join(",", V2Pusher.OCI_MANIFEST, V2Pusher.OCI_INDEX, "application/json");

  private final long seed = Budget.seed();
  private final Random random = new Random(seed);
  private final Map<Digest, byte[]> manifests = new LinkedHashMap<>();
  private final Set<Digest> blobs = new TreeSet<>((a, b) -> a.hex().compareTo(b.hex()));

  @Test
  void bothGiveTheSameAnswersWhileDistributionWrites(@TempDir Path folder) throws Exception {
    Path root;
    try (DistributionServer distribution = DistributionServer.startComplete(folder)) {
      root = distribution.root();
      TestClient theirs = distribution.client();
      push(theirs, "app");
      try (RegistryServer server = RegistryServer.start(root, "--registry.cache.tags-ttl=0s")) {
        for (int step = 1; step <= Budget.times(STEPS); step++) {
          change(theirs);
          if (step % COMPARED_EVERY == 0) {
            compare(theirs, server.client());
          }
        }
        compare(theirs, server.client());

        Map<String, String> before = DistributionStore.state(root);
        Map<String, String> answers = all(theirs);
        for (int step = 0; step < COMPARED_EVERY; step++) {
          change(server.client());
        }
        assertThat(DistributionStore.state(root)).as("seed " + seed).isEqualTo(before);
        Map<String, String> after = all(theirs);
        assertThat(after).as("seed " + seed).containsAllEntriesOf(answers);
      }
    }
  }

  private <T> T any(List<T> all) {
    return all.get(random.nextInt(all.size()));
  }

  private void change(TestClient client) {
    String repository = any(REPOSITORIES);
    switch (random.nextInt(8)) {
      case 0, 1, 2 -> push(client, repository);
      case 3 -> retag(client, repository);
      case 4 -> index(client, repository);
      case 5 -> mount(client, repository);
      case 6 -> {
        if (!manifests.isEmpty()) {
          client.delete(
              "/v2/" + repository + "/manifests/" + any(new ArrayList<>(manifests.keySet())));
        }
      }
      default -> {
        if (random.nextBoolean() && !blobs.isEmpty()) {
          client.delete("/v2/" + repository + "/blobs/" + any(new ArrayList<>(blobs)));
        }
      }
    }
  }

  // Few layers, so that images share some.
  private void push(TestClient client, String repository) {
    V2Image image =
        V2Image.of("cmd" + random.nextInt(4), "l" + random.nextInt(3), "m" + random.nextInt(3));
    byte[] manifest = image.pushBlobs(new V2Pusher(client, repository));
    blobs.add(Digest.of(image.config()));
    image.packed().forEach(layer -> blobs.add(Digest.of(layer)));
    put(client, repository, any(TAGS), manifest, V2Pusher.OCI_MANIFEST);
  }

  private void put(
      TestClient client, String repository, String reference, byte[] manifest, String type) {
    Answer pushed =
        client.put("/v2/" + repository + "/manifests/" + reference, manifest, "Content-Type", type);
    assertThat(pushed.status()).as(pushed.text() + " seed " + seed).isEqualTo(201);
    manifests.put(Digest.of(manifest), manifest);
  }

  private void retag(TestClient client, String repository) {
    Answer found = client.get("/v2/" + repository + "/manifests/" + any(TAGS), "Accept", ANY);
    if (found.status() == 200) {
      Answer put =
          client.put(
              "/v2/" + repository + "/manifests/" + any(TAGS),
              found.bytes(),
              "Content-Type",
              found.header("Content-Type"));
      // A blob of it may have been removed.
      assertThat(put.status()).as(put.text() + " seed " + seed).isIn(201, 400, 404);
    }
  }

  private void index(TestClient client, String repository) {
    V2Image child = V2Image.of("child" + random.nextInt(2), "l0");
    byte[] manifest = child.pushBlobs(new V2Pusher(client, repository));
    blobs.add(Digest.of(child.config()));
    put(client, repository, Digest.of(manifest).toString(), manifest, V2Pusher.OCI_MANIFEST);
    byte[] index =
        V2Pusher.render(
            V2Pusher.index(List.of(V2Pusher.descriptor(V2Pusher.OCI_MANIFEST, manifest))));
    put(client, repository, any(TAGS), index, V2Pusher.OCI_INDEX);
  }

  private void mount(TestClient client, String repository) {
    if (!blobs.isEmpty()) {
      client.post(
          "/v2/%s/blobs/uploads/?mount=%s&from=%s"
              .formatted(repository, any(new ArrayList<>(blobs)), any(REPOSITORIES)),
          "");
    }
  }

  private void compare(TestClient theirs, TestClient ours) {
    assertThat(all(ours)).as("seed " + seed).isEqualTo(all(theirs));
  }

  private Map<String, String> all(TestClient client) {
    Map<String, String> all = new LinkedHashMap<>();
    for (String repository : REPOSITORIES) {
      String base = "/v2/" + repository;
      List<String> references = new ArrayList<>(TAGS);
      manifests.keySet().forEach(digest -> references.add(digest.toString()));
      for (String reference : references) {
        answers(all, client, base + "/manifests/" + reference, true);
      }
      for (Digest blob : blobs) {
        answers(all, client, base + "/blobs/" + blob, false);
      }
    }
    return all;
  }

  private static void answers(
      Map<String, String> all, TestClient client, String path, boolean isManifest) {
    Answer got = client.get(path, "Accept", ANY);
    Answer head = client.head(path, "Accept", ANY);
    String what =
        got.status() == 200
            ? Digest.of(got.bytes())
                + " "
                + got.header("Docker-Content-Digest")
                + (isManifest ? " " + got.header("Content-Type") : "")
                + " "
                + head.header("Content-Length")
            : "";
    all.put(path, got.status() + " " + head.status() + " " + what);
  }
}
