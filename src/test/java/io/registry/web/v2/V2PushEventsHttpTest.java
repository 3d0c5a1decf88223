package io.registry.web.v2;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.registry.content.manifest.Digest;
import io.registry.platform.json.JsonCodec;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestDatabase;
import io.registry.testkit.TestLayer;
import io.registry.testkit.Together;
import io.registry.testkit.WebhookReceiver;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What others are told of pushes over V2, and what they may forbid. */
class V2PushEventsHttpTest {
  @TempDir Path directory;

  private RegistryServer start(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add("--spring.datasource.url=" + TestDatabase.h2(directory.resolve("db")));
    return RegistryServer.start(directory.resolve("store"), all.toArray(String[]::new));
  }

  /** Pushes the blobs of an image for a platform, and returns its manifest. */
  private static byte[] image(V2Pusher pusher, String architecture) {
    byte[] tar = TestLayer.of(architecture);
    byte[] config =
        ("{\"os\":\"linux\",\"architecture\":\"%s\",\"rootfs\":{\"type\":\"layers\","
                + "\"diff_ids\":[\"%s\"]}}")
            .formatted(architecture, Digest.of(tar))
            .getBytes(UTF_8);
    pusher.blob(tar);
    pusher.blob(config);
    return V2Pusher.render(
        V2Pusher.image(
            V2Pusher.descriptor(V2Pusher.OCI_CONFIG, config),
            List.of(V2Pusher.descriptor(V2Pusher.OCI_LAYER, tar))));
  }

  private static byte[] index(byte[]... images) {
    List<Map<String, Object>> entries = new ArrayList<>();
    for (byte[] image : images) {
      Map<String, Object> entry =
          new LinkedHashMap<>(V2Pusher.descriptor(V2Pusher.OCI_MANIFEST, image));
      String architecture = entries.isEmpty() ? "arm64" : "amd64";
      entry.put("platform", Map.of("os", "linux", "architecture", architecture));
      entries.add(entry);
    }
    return V2Pusher.render(V2Pusher.index(entries));
  }

  @Test
  void webhooksGetManifestsAsDistributionTellsThem() {
    try (WebhookReceiver receiver = WebhookReceiver.start();
        RegistryServer server =
            start(
                "--registry.events.webhooks.ci.url=" + receiver.url(),
                "--registry.events.webhooks.ci.events=tag-set,tag-removed,manifest-pushed,"
                    + "manifest-removed")) {
      V2Pusher pusher = new V2Pusher(server.client(), "team/app");
      byte[] untagged = image(pusher, "arm64");
      byte[] tagged = image(pusher, "amd64");
      assertThat(pusher.put(Digest.of(untagged), untagged).status()).isEqualTo(201);
      assertThat(pusher.put("v1", tagged).status()).isEqualTo(201);
      assertThat(pusher.delete("manifests/" + Digest.of(tagged)).status()).isEqualTo(202);
      await().until(() -> receiver.posts().size() == 4);

      assertThat(receiver.told())
          .containsExactly(
              "push team/app:", "push team/app:v1", "delete team/app:v1", "delete team/app:");
      JsonNode target = receiver.posts().get(1).json().at("/events/0/target");
      assertThat(target.path("mediaType").asString("")).isEqualTo(V2Pusher.OCI_MANIFEST);
      assertThat(target.path("digest").asString("")).isEqualTo(Digest.of(tagged).toString());
      assertThat(target.path("size").asInt(0)).isEqualTo(tagged.length);
      URI url = URI.create(target.path("url").asString(""));
      assertThat(url.getPath()).isEqualTo("/v2/team/app/manifests/" + Digest.of(tagged));
      assertThat(receiver.posts().get(2).json().at("/events/0/target").has("digest")).isFalse();
      assertThat(receiver.posts().get(3).json().at("/events/0/target/digest").asString(""))
          .isEqualTo(Digest.of(tagged).toString());
    }
  }

  /** In the order in which containerd pushes an index. */
  @Test
  void anImmutableTagIsCompletedByTheIndexThatContainsWhatItNames() {
    try (RegistryServer server = start("--registry.tags.immutable[0].tags=v*")) {
      TestClient client = server.client();
      V2Pusher pusher = new V2Pusher(client, "team/app");
      byte[] arm = image(pusher, "arm64");
      byte[] amd = image(pusher, "amd64");
      byte[] index = index(arm, amd);

      assertThat(pusher.put("v1", arm).status()).isEqualTo(201);
      Answer second = pusher.put("v1", amd);
      assertThat(pusher.get("manifests/v1").bytes()).isEqualTo(arm);
      Answer whole = pusher.put("v1", index, V2Pusher.OCI_INDEX);

      assertThat(second.status()).as(second.text()).isEqualTo(201);
      assertThat(second.header("Warning")).contains("immutable");
      assertThat(whole.status()).as(whole.text()).isEqualTo(201);
      assertThat(pusher.get("manifests/v1").bytes()).isEqualTo(index);
      assertThat(pusher.put("v1", index, V2Pusher.OCI_INDEX).status()).isEqualTo(201);
      assertRefused(pusher.put("v1", amd));
      assertRefused(pusher.put("v1", index(amd), V2Pusher.OCI_INDEX));
      assertRefused(pusher.put("v1", pusher.artifact("other", Map.of())));
      assertRefused(pusher.delete("manifests/v1"));
      assertRefused(pusher.delete("manifests/" + Digest.of(index)));
      assertThat(pusher.get("manifests/v1").bytes()).isEqualTo(index);
    }
  }

  @Test
  void ofManifestsOfOneImageAtOnceAnImmutableTagServesTheOneThatWasAccepted() throws Exception {
    try (RegistryServer server = start("--registry.tags.immutable[0].tags=v*");
        RegistryServer other = start("--registry.tags.immutable[0].tags=v*")) {
      V2Pusher pusher = new V2Pusher(server.client(), "team/app");
      byte[] manifest = image(pusher, "amd64");
      byte[] spaced = (new String(manifest, UTF_8) + " ").getBytes(UTF_8);
      for (int round = 0; round < 20; round++) {
        String tag = "v" + round;
        Map<Digest, Answer> answers = new ConcurrentHashMap<>();
        V2Pusher there = new V2Pusher(other.client(), "team/app");
        Together.run(
            List.of(
                () -> answers.put(Digest.of(manifest), pusher.put(tag, manifest)),
                () -> answers.put(Digest.of(spaced), there.put(tag, spaced))));

        assertThat(
                answers.entrySet().stream()
                    .filter(each -> each.getValue().status() == 201)
                    .map(Map.Entry::getKey))
            .containsExactly(Digest.of(pusher.get("manifests/" + tag).bytes()));
      }
    }
  }

  private static void assertRefused(Answer answer) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(409);
    assertThat(
            new JsonCodec().parse(answer.bytes()).orElseThrow().at("/errors/0/code").asString(""))
        .isEqualTo("DENIED");
  }
}
