package io.registry.upstream.mirror;

import static io.registry.upstream.mirror.MirrorServer.image;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.registry.testkit.DockerDaemon;
import io.registry.testkit.DockerFamily;
import io.registry.testkit.DockerImages;
import io.registry.testkit.FaultProxy;
import io.registry.testkit.FaultProxy.Fault;
import io.registry.testkit.OriginalStore;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.S3Bucket;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;

/** Two registries, one mirroring the other through a network that is not always there. */
@Tag("slow")
class MirrorPullHttpTest {
  @TempDir Path directory;

  @Test
  void everyClientPullsAndResumesThroughAMirrorAndAgainWhenTheSourceIsGone() throws Exception {
    Map<DockerFamily, List<TestImage>> pushed = new HashMap<>();
    try (RegistryServer source = RegistryServer.start(directory.resolve("source"));
        FaultProxy network = new FaultProxy(source.port());
        RegistryServer mirror = MirrorServer.start(directory, network.endpoint())) {
      for (DockerFamily family : DockerFamily.values()) {
        DockerFamily pusher = family.pushes() ? family : DockerFamily.DOCKER_1_12;
        List<TestImage> images = DockerImages.chain(pusher, "mirrored " + family);
        pushed.put(family, images);
        new DockerDaemon(pusher, source.port())
            .push(name(family), images, Map.of("v1", images.get(2).id()));

        DockerDaemon puller = new DockerDaemon(family, mirror.port());
        assertSame(
            (family.resumes() ? puller.cutAfter(20_000) : puller).pull(name(family), "v1"), images);
      }
      source.close();
      network.plan((number, request) -> Fault.resetInBody(0));

      for (DockerFamily family : DockerFamily.values()) {
        assertSame(
            new DockerDaemon(family, mirror.port()).pull(name(family), "v1"),
            pushed.getOrDefault(family, List.of()));
      }
    }
  }

  private static String name(DockerFamily family) {
    return "mirrored/" + family.name().toLowerCase(Locale.ROOT);
  }

  private static void assertSame(List<TestImage> pulled, List<TestImage> pushed) {
    assertThat(DockerImages.ids(pulled)).isEqualTo(DockerImages.ids(pushed));
    for (int i = 0; i < pushed.size(); i++) {
      assertThat(pulled.get(i).json()).isEqualTo(pushed.get(i).json());
      assertThat(pulled.get(i).layer()).isEqualTo(pushed.get(i).layer());
    }
  }

  @Test
  void whatFaultsOfTheNetworkSpoilComesWholeAfterwards() throws Exception {
    List<Fault> faults =
        List.of(
            Fault.resetAnswer(0),
            Fault.resetAnswer(100_000),
            Fault.truncateAnswer(150_000),
            Fault.wrongLength(10),
            Fault.wrongLength(-10),
            Fault.status(500, "x"),
            Fault.answer("nonsense"),
            Fault.silence());
    try (RegistryServer source = RegistryServer.start(directory.resolve("source"));
        FaultProxy network = new FaultProxy(source.port());
        RegistryServer mirror =
            MirrorServer.startPassing(
                directory,
                network.endpoint(),
                "--registry.mirror.timeout=500ms",
                "--registry.mirror.idle-timeout=500ms",
                "--registry.mirror.attempts=1")) {
      for (Fault fault : faults) {
        TestImage image = image("fault " + fault, 200_000).push(source.client());
        assertThat(mirror.client().get(image.path("json")).status()).isEqualTo(200);
        network.plan((number, request) -> request.endsWith("/layer") ? fault : Fault.none());
        try {
          Answer answer = mirror.client().get(image.path("layer"));
          assertThat(answer.status()).as(fault.toString()).isEqualTo(404);
        } catch (UncheckedIOException e) {
          assertThat(e).as(fault.toString()).isNotNull();
        }
        assertThat(MirrorServer.files(directory, image)).doesNotContain("layer");
        network.heal();
        MirrorServer.pass(mirror);
        assertThat(mirror.client().get(image.path("layer")).bytes()).isEqualTo(image.layer());
      }
    }
  }

  @Test
  void aSourceThatIsSilentOrGoneCostsALittleWhileOnly() throws Exception {
    TestImage here = TestImage.base("here", "layer");
    TestImage nowhere = TestImage.base("nowhere", "layer");
    try (FaultProxy network = new FaultProxy(1);
        RegistryServer mirror =
            MirrorServer.start(
                directory,
                network.endpoint(),
                "--registry.mirror.timeout=200ms",
                "--registry.mirror.rest=1h")) {
      here.push(mirror.client());
      network.plan((number, request) -> Fault.silence());

      for (int i = 0; i < 20; i++) {
        assertThat(mirror.client().get(nowhere.path("json")).status()).isEqualTo(404);
      }

      assertThat(network.requests()).as("then it is left alone").hasSize(5);
      assertThat(mirror.client().get(here.path("layer")).bytes()).isEqualTo(here.layer());
      TestClient client = mirror.client();
      assertThat(client.get("/actuator/health").text())
          .contains("\"mirror\":{\"status\":\"DEGRADED\"}");
      Answer ready = client.get("/actuator/health/readiness");
      assertThat(ready.status()).isEqualTo(200);
      assertThat(ready.text()).doesNotContain("mirror");
    }
  }

  @Test
  void aStoreOfTheOriginalIsMirrored() throws Exception {
    OriginalStore store = OriginalStore.unpack(directory.resolve("original"));
    try (RegistryServer source = RegistryServer.start(directory.resolve("original"));
        RegistryServer mirror =
            MirrorServer.start(directory, URI.create("http://127.0.0.1:" + source.port()))) {
      int pulled = 0;
      for (String id : store.images()) {
        Answer layer = source.client().get("/v1/images/" + id + "/layer");
        Answer mirrored = mirror.client().get("/v1/images/" + id + "/layer");
        Answer json = source.client().get("/v1/images/" + id + "/json");
        boolean whole = layer.status() == 200 && json.status() == 200;
        assertThat(mirrored.status()).as(id).isEqualTo(whole ? 200 : 404);
        if (whole) {
          pulled++;
          assertThat(mirrored.bytes()).isEqualTo(layer.bytes());
          assertThat(mirror.client().get("/v1/images/" + id + "/json").bytes())
              .isEqualTo(json.bytes());
          assertThat(mirror.client().get("/v1/images/" + id + "/ancestry").text())
              .isEqualTo(source.client().get("/v1/images/" + id + "/ancestry").text());
        }
      }
      assertThat(pulled).isGreaterThan(5);
    }
  }

  @Test
  void aMirrorOnABucketKeepsThereWhatItFetches() throws Exception {
    TestImage image = image("bucket", 300_000);
    try (S3Bucket bucket = new S3Bucket();
        RegistryServer source = RegistryServer.start(directory.resolve("source"))) {
      image.push(source.client());
      List<String> arguments = new ArrayList<>(bucket.arguments());
      arguments.add("--registry.storage.redirect=true");
      arguments.addAll(
          List.of(
              MirrorServer.arguments(directory, URI.create("http://127.0.0.1:" + source.port()))));
      try (RegistryServer mirror = RegistryServer.startWith(arguments.toArray(String[]::new))) {
        assertThat(mirror.client().head(image.path("layer")).status())
            .as("there is nothing to send it to yet")
            .isEqualTo(200);
        assertThat(mirror.client().get(image.path("layer")).bytes()).isEqualTo(image.layer());
        assertThat(mirror.client().get(image.path("layer")).status()).isEqualTo(302);
      }
      source.close();
      try (RegistryServer mirror =
          RegistryServer.startWith(
              arguments.stream()
                  .filter(each -> !each.contains("redirect"))
                  .toArray(String[]::new))) {
        assertThat(mirror.client().get(image.path("json")).bytes()).isEqualTo(image.json());
        assertThat(mirror.client().get(image.path("layer")).bytes()).isEqualTo(image.layer());
      }
      assertThat(bucket.unfinishedUploads()).isEmpty();
    }
  }

  @Test
  void withoutASourceThereIsNoMirror() {
    try (RegistryServer server = RegistryServer.start(directory.resolve("plain"))) {
      assertThat(server.client().get("/actuator/health").text()).doesNotContain("mirror");
      assertThat(server.client().get("/v1/_ping").header("X-Docker-Registry-Standalone"))
          .isEqualTo("True");
      assertThatThrownBy(() -> server.bean(Mirror.class))
          .isInstanceOf(NoSuchBeanDefinitionException.class);
    }
  }
}
