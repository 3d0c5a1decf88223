package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.testkit.Budget;
import io.registry.testkit.DockerDaemon;
import io.registry.testkit.DockerFamily;
import io.registry.testkit.PulledJson;
import io.registry.testkit.RegistryProcess;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import io.registry.testkit.TestLayer;
import io.registry.testkit.Together;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Daemons of several versions have pulled one base from elsewhere, each of which has rewritten its
 * JSON, and push it at the same time with an image of their own on top.
 */
@Tag("external")
@Tag("slow")
class MixedDaemonsHttpTest {
  private static final int ROUNDS = Budget.times(5);
  private static final List<DockerFamily> FAMILIES =
      List.of(DockerFamily.DOCKER_1_5, DockerFamily.DOCKER_1_6, DockerFamily.DOCKER_1_9);
  private static final String CONFIG =
      "{\"Hostname\":\"c0ffee\",\"Env\":[\"PATH=/usr/bin:/bin\",\"A=<b>\"],"
          + "\"Cmd\":[\"/bin/sh\"],\"Image\":\"\",%s}";

  /** What the builders of the base have written that not all daemons know. */
  private static final List<String> BUILDERS =
      List.of(
          "\"Volumes\":null",
          "\"Memory\":536870912,\"PortSpecs\":[\"22\"],\"Volumes\":{}",
          "\"Labels\":{\"maker\":\"me\"},\"Volumes\":{\"/var\":{}}",
          "\"Labels\":{},\"StopSignal\":\"SIGTERM\",\"ExposedPorts\":{\"80/tcp\":{}}",
          "\"Labels\":{\"a\":\"b\"},\"Healthcheck\":{\"Test\":[\"CMD\",\"true\"]},\"Shell\":null");

  @TempDir Path store;

  @Test
  void daemonsOfSeveralVersionsPushOneBaseAtOnce() throws Exception {
    try (RegistryServer server = RegistryServer.start(store)) {
      int port = server.port();
      for (int round = 0; round < ROUNDS; round++) {
        pushAtOnce(round, List.of(port, port, port));
      }
    }
  }

  @Test
  void daemonsOfSeveralVersionsPushOneBaseAtOnceThroughTwoReplicas() throws Exception {
    try (RegistryProcess one = RegistryProcess.start(store);
        RegistryProcess other = RegistryProcess.start(store)) {
      List<Integer> ports = List.of(one.client().port(), other.client().port());
      for (int round = 0; round < ROUNDS; round++) {
        // Each of the daemons is alone at a replica in turn.
        int alone = round % FAMILIES.size();
        List<Integer> used = new ArrayList<>();
        for (int i = 0; i < FAMILIES.size(); i++) {
          used.add(ports.get(i == alone ? 1 : 0));
        }
        pushAtOnce(round, used);
      }
    }
  }

  private static void pushAtOnce(int round, List<Integer> ports) throws Exception {
    byte[] content = new byte[2_000];
    new Random(round).nextBytes(content);
    TestImage base = base(round, content);
    List<TestImage> sent = new ArrayList<>();
    List<Together.Task> pushes = new ArrayList<>();
    for (int i = 0; i < FAMILIES.size(); i++) {
      DockerFamily family = FAMILIES.get(i);
      TestImage pulled = PulledJson.of(family, base);
      // In each second round, daemons compress the layer differently too.
      TestImage own =
          round % 2 == 0 ? pulled : pulled.withLayer(TestLayer.compressed(content, i + 1));
      TestImage top = PulledJson.of(family, top(round, family, base));
      DockerDaemon daemon = new DockerDaemon(family, ports.get(i));
      sent.add(own);
      pushes.add(
          () -> {
            List<String> uploaded =
                daemon.push(name(family), List.of(own, top), Map.of(tag(round), top.id()));
            assertThat(uploaded).as(family.name()).contains(top.id());
          });
    }
    Together.run(pushes);
    for (int i = 0; i < FAMILIES.size(); i++) {
      DockerFamily family = FAMILIES.get(i);
      List<TestImage> images =
          new DockerDaemon(family, ports.get(i)).pull(name(family), tag(round));
      assertThat(images).extracting(TestImage::id).containsExactly(base.id(), topId(round, family));
      TestImage stored = images.get(0);
      assertThat(sent)
          .as("round %d, one of the images that were sent", round)
          .anyMatch(image -> image.checksum().equals(stored.checksum()));
      Answer json = new TestClient(ports.get(i)).get(base.path("json"));
      assertThat(json.headers("X-Docker-Checksum-Payload")).containsExactly(stored.checksum());
    }
  }

  private static TestImage base(int round, byte[] content) {
    String id = TestImage.id("base " + round);
    String config = CONFIG.formatted(BUILDERS.get(round % BUILDERS.size()));
    String json =
        ("{\"id\":\"%s\",\"created\":\"2015-06-06T07:07:07.123456789Z\",\"container_config\":%s,"
                + "\"docker_version\":\"1.8.2\",\"config\":%s,\"architecture\":\"amd64\","
                + "\"os\":\"linux\",\"Size\":2000,\"parent_id\":\"\"}")
            .formatted(id, config, config);
    return new TestImage(
        id, json.getBytes(StandardCharsets.UTF_8), TestLayer.compressed(content, 0));
  }

  private static TestImage top(int round, DockerFamily family, TestImage base) {
    String json =
        "{\"id\":\"%s\",\"parent\":\"%s\",\"created\":\"2015-07-07T07:07:07Z\",\"author\":\"%s\"}"
            .formatted(topId(round, family), base.id(), family);
    return new TestImage(
        topId(round, family),
        json.getBytes(StandardCharsets.UTF_8),
        TestLayer.compressed(family.name().getBytes(StandardCharsets.UTF_8), 0));
  }

  private static String topId(int round, DockerFamily family) {
    return TestImage.id(family + " on " + round);
  }

  private static String name(DockerFamily family) {
    return "mixed/" + family.name().toLowerCase(Locale.ROOT);
  }

  private static String tag(int round) {
    return "round-" + round;
  }
}
