package io.registry.web.v2;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.registry.content.manifest.Digest;
import io.registry.platform.json.JsonCodec;
import io.registry.testkit.Budget;
import io.registry.testkit.DockerDaemon;
import io.registry.testkit.DockerFamily;
import io.registry.testkit.RegistryProcess;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import io.registry.testkit.Together;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Two processes on one store, to which clients push at the same time over both protocols. */
@Tag("external")
@Tag("slow")
class V2ReplicasHttpTest {
  private static final JsonCodec CODEC = new JsonCodec();
  private static final int CLIENTS = 20;
  private static final int ROUNDS = Budget.times(2);
  private static final int KILLS = Budget.times(2);

  /** All clients have one address, and none of them is to be refused. */
  private static final String NO_SHARES = "--registry.limits.concurrency.share=100";

  private static final int MAX_REQUESTS = 120;
  private static final int MAX_DELAY_NANOS = 6_000_000;

  private final long seed = Budget.seed();
  private final Random random = new Random(seed);

  @TempDir Path store;

  private RegistryProcess start() throws IOException {
    return RegistryProcess.startWith(
        "--registry.storage.local.path=" + store, "--registry.cache.lease=100ms", NO_SHARES);
  }

  @Test
  void allClientsThatPushOneImageOverBothProtocolsSucceed() throws Exception {
    try (RegistryProcess one = start();
        RegistryProcess other = start()) {
      List<TestClient> replicas = List.of(one.client(), other.client());
      for (int round = 0; round < ROUNDS; round++) {
        V2Image image = V2Image.of("same " + round, "base", "middle " + round, "top " + round);
        String repository = "same/" + round;
        List<Together.Task> pushes = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
          TestClient client = replicas.get(i / 2 % 2);
          String tag = "t" + i;
          pushes.add(
              i % 2 == 0
                  ? () -> pushOverV1(client, repository, tag, image)
                  : () -> pushOverV2(client, repository, tag, image));
        }
        Together.run(pushes);
        for (TestClient client : replicas) {
          for (int i = 0; i < CLIENTS; i += 1 + CLIENTS / 6) {
            assertPulled(client, repository, "t" + i, image);
          }
        }
      }
    }
  }

  private static void pushOverV1(TestClient client, String repository, String tag, V2Image image) {
    new DockerDaemon(DockerFamily.DOCKER_1_12, client.port())
        .push(repository, image.chain(), Map.of(tag, image.id()));
  }

  private static void pushOverV2(TestClient client, String repository, String tag, V2Image image) {
    V2Pusher pusher = new V2Pusher(client, repository);
    List<byte[]> blobs = new ArrayList<>(image.packed());
    blobs.add(image.config());
    for (byte[] blob : blobs) {
      if (pusher.head("blobs/" + Digest.of(blob)).status() != 200) {
        pusher.blob(blob);
      }
    }
    Answer put = pusher.put(tag, image.manifest());
    assertThat(put.status()).as(put.toString()).isEqualTo(201);
    assertThat(put.header("Warning")).isEmpty();
  }

  /** The image is the same over both protocols, and its layers are what was pushed. */
  private static void assertPulled(TestClient client, String repository, String tag, V2Image image)
      throws IOException {
    List<TestImage> chain =
        new DockerDaemon(DockerFamily.DOCKER_1_12, client.port()).pull(repository, tag);
    assertThat(chain)
        .extracting(TestImage::id)
        .containsExactlyElementsOf(image.chain().stream().map(TestImage::id).toList());
    V2Pusher reader = new V2Pusher(client, repository);
    Answer manifest = reader.get("manifests/" + tag);
    assertThat(manifest.status()).as(manifest.toString()).isEqualTo(200);
    JsonNode layers = CODEC.parse(manifest.bytes()).orElseThrow().path("layers");
    assertThat(layers.size()).isEqualTo(chain.size());
    for (int i = 0; i < chain.size(); i++) {
      assertThat(chain.get(i).json()).isEqualTo(image.chain().get(i).json());
      assertThat(unpacked(chain.get(i).layer())).isEqualTo(image.tars().get(i));
      Answer layer = reader.get("blobs/" + layers.path(i).path("digest").asString(""));
      assertThat(unpacked(layer.bytes())).isEqualTo(image.tars().get(i));
    }
  }

  private static byte[] unpacked(byte[] layer) throws IOException {
    boolean isPacked = layer[0] == 0x1f && (layer[1] & 0xff) == 0x8b;
    if (!isPacked) {
      return layer;
    }
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(layer))) {
      return in.readAllBytes();
    }
  }

  @Test
  void whateverRacesEachTagNamesSomethingWhole() throws Exception {
    try (RegistryProcess one = start();
        RegistryProcess other = start()) {
      List<TestClient> replicas = List.of(one.client(), other.client());
      List<V2Image> images = List.of(V2Image.of("r1", "base"), V2Image.of("r2", "base", "more"));
      for (int round = 0; round < ROUNDS; round++) {
        String repository = "raced/" + round;
        List<Together.Task> tasks = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
          TestClient client = replicas.get(random.nextInt(2));
          V2Pusher pusher = new V2Pusher(client, repository);
          V2Image image = images.get(i % 2);
          byte[] artifact = text("artifact " + i % 3);
          tasks.add(
              switch (i / 2) {
                case 0, 1 -> () -> tolerate(() -> pushOverV1(client, repository, "t", image));
                case 2, 3 ->
                    () -> {
                      for (int times = 0; times < 5; times++) {
                        push(pusher, "t", artifact, 201, 404, 503);
                        push(pusher, "u", artifact, 201, 404, 503);
                      }
                    };
                case 4 ->
                    () -> {
                      for (int times = 0; times < 10; times++) {
                        Answer removed = pusher.delete("manifests/" + artifact(artifact));
                        assertThat(removed.status()).as(removed.toString()).isIn(202, 404);
                      }
                    };
                default ->
                    () -> {
                      Answer removed = pusher.removeOverV1();
                      assertThat(removed.status()).as(removed.toString()).isIn(200, 404);
                    };
              });
        }
        Together.run(tasks);
        for (TestClient client : replicas) {
          assertWhole(new V2Pusher(client, repository));
        }
      }
    }
  }

  // Between the last look at a tag and its removal no other process can be kept out.
  private static void tolerate(Runnable push) {
    try {
      push.run();
    } catch (DockerDaemon.Failure e) {
      assertThat(e).hasMessageContaining("Status 404");
    }
  }

  private static byte[] text(String text) {
    return text.getBytes(UTF_8);
  }

  private static Digest artifact(byte[] layer) {
    return Digest.of(manifest(layer));
  }

  private static byte[] manifest(byte[] layer) {
    return V2Pusher.render(
        V2Pusher.image(
            V2Pusher.descriptor("application/x", text("{}")),
            List.of(V2Pusher.descriptor("text/plain", layer))));
  }

  private static void push(V2Pusher pusher, String tag, byte[] layer, Integer... expected) {
    pusher.blob(text("{}"));
    pusher.blob(layer);
    Answer put = pusher.put(tag, manifest(layer));
    assertThat(put.status()).as(put.toString()).isIn(List.of(expected));
  }

  private static void assertWhole(V2Pusher reader) {
    Answer listed = reader.get("tags/list");
    if (listed.status() == 404) {
      return;
    }
    for (JsonNode tag : CODEC.parse(listed.bytes()).orElseThrow().path("tags")) {
      Answer manifest = reader.get("manifests/" + tag.asString(""));
      assertThat(manifest.status()).as("%s: %s", tag, manifest).isEqualTo(200);
      JsonNode json = CODEC.parse(manifest.bytes()).orElseThrow();
      List<JsonNode> blobs = new ArrayList<>(List.of(json.path("config")));
      json.path("layers").forEach(blobs::add);
      for (JsonNode blob : blobs) {
        assertThat(reader.head("blobs/" + blob.path("digest").asString("")).status())
            .as("%s of %s", blob, tag)
            .isEqualTo(200);
      }
    }
  }

  @Test
  void whatWasAcknowledgedOutlivesKills() throws Exception {
    List<Pushing> clients = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      clients.add(new Pushing(i, random.nextLong()));
    }
    try (RegistryProcess survivor = start()) {
      for (int life = 0; life < KILLS; life++) {
        try (RegistryProcess registry = start()) {
          pushUntilKilled(registry, clients);
        }
        for (Pushing client : clients) {
          client.check(survivor.client());
        }
      }
      for (Pushing client : clients) {
        client.finish(survivor.client());
        client.check(survivor.client());
      }
      try (RegistryProcess again = start()) {
        for (Pushing client : clients) {
          client.check(again.client());
        }
      }
    } catch (Exception | AssertionError e) {
      throw new AssertionError("with -Dseed=" + seed + ": " + e.getMessage(), e);
    }
  }

  private void pushUntilKilled(RegistryProcess registry, List<Pushing> clients) throws Exception {
    int delay = random.nextInt(MAX_DELAY_NANOS);
    AtomicInteger left = new AtomicInteger(1 + random.nextInt(MAX_REQUESTS));
    Runnable before =
        () -> {
          if (left.decrementAndGet() == 0) {
            // The blow falls while this and the other clients' requests are being handled.
            new Thread(
                    () -> {
                      LockSupport.parkNanos(delay);
                      registry.kill();
                    })
                .start();
          }
        };
    Together.run(
        clients.stream()
            .<Together.Task>map(client -> () -> client.run(registry.client(), before))
            .toList());
    registry.awaitEnd();
  }

  /** A client, with what it remembers from the lives of the registries. */
  private static final class Pushing {
    private static final Set<Integer> REMOVED = Set.of(202, 404);

    private final String repository;
    private final Random random;
    private final Map<Digest, byte[]> blobs = new ConcurrentHashMap<>();
    private final Map<String, Set<Digest>> tags = new HashMap<>();
    private final Map<Digest, byte[]> manifests = new HashMap<>();
    private final Map<Digest, byte[]> sent = new HashMap<>();
    private final Map<Digest, V2Image> images = new HashMap<>();
    private final Set<Digest> referrers = new HashSet<>();
    private final Set<Digest> sentReferrers = new HashSet<>();
    private int pushes;

    Pushing(int number, long seed) {
      repository = "killed/client" + number;
      random = new Random(seed);
    }

    void run(TestClient client, Runnable before) {
      try {
        while (true) {
          push(new V2Pusher(client, repository), before);
        }
      } catch (UncheckedIOException e) {
        // Killed: the answer to the last request will never be known.
        return;
      }
    }

    void finish(TestClient client) {
      push(new V2Pusher(client, repository), () -> {});
    }

    private void push(V2Pusher pusher, Runnable before) {
      int number = pushes++;
      V2Image image =
          V2Image.of(repository + number, "base", "shared " + number % 3, repository + number);
      List<byte[]> needed = new ArrayList<>(image.packed());
      needed.add(image.config());
      for (byte[] blob : needed) {
        upload(pusher, blob, before);
      }
      put(pusher, "t" + number % 2, image.manifest(), before);
      images.put(Digest.of(image.manifest()), image);
      byte[] text = text("signature of " + repository + number);
      upload(pusher, text, before);
      Map<String, Object> signature =
          V2Pusher.image(
              V2Pusher.descriptor("application/x", image.config()),
              List.of(V2Pusher.descriptor("text/plain", text)));
      signature.put("subject", V2Pusher.descriptor(V2Pusher.OCI_MANIFEST, image.manifest()));
      byte[] referrer = V2Pusher.render(signature);
      sentReferrers.add(Digest.of(referrer));
      put(pusher, "sig", referrer, before);
      referrers.add(Digest.of(referrer));
      if (number % 3 == 2) {
        before.run();
        tags.computeIfAbsent("t0", tag -> new HashSet<>()).add(Digest.of(new byte[0]));
        assertThat(pusher.delete("manifests/t0").status()).isIn(REMOVED);
        tags.put("t0", new HashSet<>(Set.of(Digest.of(new byte[0]))));
      }
    }

    private void upload(V2Pusher pusher, byte[] blob, Runnable before) {
      Digest digest = Digest.of(blob);
      before.run();
      if (pusher.head("blobs/" + digest).status() != 200) {
        before.run();
        String location = pusher.begin();
        if (random.nextBoolean()) {
          before.run();
          byte[] head = Arrays.copyOf(blob, blob.length / 2);
          byte[] tail = Arrays.copyOfRange(blob, blob.length / 2, blob.length);
          assertThat(pusher.patch(location, head).status()).isEqualTo(202);
          before.run();
          assertThat(pusher.finish(location, tail, digest).status()).isEqualTo(201);
        } else {
          before.run();
          assertThat(pusher.finish(location, blob, digest).status()).isEqualTo(201);
        }
      }
      blobs.put(digest, blob);
    }

    private void put(V2Pusher pusher, String tag, byte[] manifest, Runnable before) {
      Digest digest = Digest.of(manifest);
      sent.put(digest, manifest);
      tags.computeIfAbsent(tag, name -> new HashSet<>(Set.of(Digest.of(new byte[0])))).add(digest);
      before.run();
      Answer put = pusher.put(tag, manifest);
      assertThat(put.status()).as(put.toString()).isEqualTo(201);
      manifests.put(digest, manifest);
      tags.put(tag, new HashSet<>(Set.of(digest)));
    }

    void check(TestClient client) {
      V2Pusher reader = new V2Pusher(client, repository);
      blobs.forEach(
          (digest, bytes) ->
              assertThat(reader.get("blobs/" + digest).bytes()).as("%s", digest).isEqualTo(bytes));
      manifests.forEach(
          (digest, bytes) ->
              assertThat(reader.get("manifests/" + digest).bytes())
                  .as("%s", digest)
                  .isEqualTo(bytes));
      tags.forEach((tag, possible) -> checkTag(client, reader, tag, possible));
      sentReferrers.forEach(digest -> checkReferrer(reader, digest));
    }

    private void checkTag(TestClient client, V2Pusher reader, String tag, Set<Digest> possible) {
      Answer answer = reader.get("manifests/" + tag);
      Digest found = answer.status() == 404 ? Digest.of(new byte[0]) : Digest.of(answer.bytes());
      assertThat(possible).as("%s of %s: %s", tag, repository, answer).contains(found);
      possible.retainAll(Set.of(found));
      V2Image image = images.get(found);
      if (image != null) {
        assertThat(client.get("/v1/repositories/" + repository + "/tags/" + tag).text())
            .isEqualTo('"' + image.id() + '"');
        for (int i = 0; i < image.tars().size(); i++) {
          TestImage each = image.chain().get(i);
          assertThat(client.get(each.path("json")).bytes()).isEqualTo(each.json());
          assertThat(client.get(each.path("layer")).bytes()).isEqualTo(image.packed().get(i));
        }
      }
      if (answer.status() == 200) {
        assertWhole(reader);
      }
    }

    // Whole or not there.
    private void checkReferrer(V2Pusher reader, Digest digest) {
      boolean isThere = reader.get("manifests/" + digest).status() == 200;
      assertThat(isThere || !referrers.contains(digest)).isTrue();
      String subject =
          CODEC
              .parse(Objects.requireNonNull(sent.get(digest)))
              .orElseThrow()
              .path("subject")
              .path("digest")
              .asString("");
      assertThat(reader.get("referrers/" + subject).text().contains(digest.toString()))
          .isEqualTo(isThere);
    }
  }
}
