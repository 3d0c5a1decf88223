package io.registry.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.testkit.FakeSource;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a mirror fetches, what it keeps of that, and what it answers (protocol 7). */
class MirrorHttpTest {
  @TempDir private static Path directory;

  private static FakeSource source;
  private static RegistryServer mirror;

  @BeforeAll
  static void start() throws Exception {
    source = new FakeSource();
    mirror = MirrorServer.start(directory, source.endpoint());
  }

  @AfterAll
  static void stop() {
    mirror.close();
    source.close();
  }

  private static TestClient client() {
    return mirror.client();
  }

  @Test
  void anImageOfTheSourceIsServedAndKept() throws Exception {
    TestImage base = image("kept base", 300_000);
    TestImage top = TestImage.child("kept top", base, "top");
    source
        .serve(base)
        .serve(
            top,
            List.of(top.id(), base.id()),
            "X-Docker-Checksum-Payload",
            top.checksum(),
            "X-Docker-Size",
            "3",
            "Set-Cookie",
            "session=1",
            "X-Docker-Token",
            "secret");

    assertThat(client().get(top.path("ancestry")).text())
        .isEqualTo("[\"%s\", \"%s\"]".formatted(top.id(), base.id()));
    Answer json = client().get(top.path("json"));
    assertThat(json.bytes()).isEqualTo(top.json());
    assertThat(json.header("X-Docker-Size")).isEqualTo("3");
    assertThat(json.headers("X-Docker-Checksum-Payload")).containsExactly(top.checksum());
    assertThat(json.headers("Cache-Control")).hasSize(1);
    assertThat(json.header("Set-Cookie")).isEmpty();
    assertThat(json.header("X-Docker-Token")).isEmpty();
    for (TestImage image : List.of(top, base)) {
      assertThat(client().get(image.path("layer")).bytes()).isEqualTo(image.layer());
    }

    assertThat(files(base)).containsExactlyInAnyOrder("ancestry", "_checksum", "json", "layer");
    int asked = source.requests().size();
    assertThat(client().get(top.path("ancestry")).status()).isEqualTo(200);
    assertThat(client().get(base.path("json")).bytes()).isEqualTo(base.json());
    assertThat(client().get(base.path("layer")).bytes()).isEqualTo(base.layer());
    assertThat(source.requests()).hasSize(asked);
  }

  static TestImage image(String name, int size) {
    byte[] layer = new byte[size];
    new Random(name.hashCode()).nextBytes(layer);
    return TestImage.of(name, "", layer);
  }

  private static List<String> files(TestImage image) throws Exception {
    Path folder = directory.resolve("store/images").resolve(image.id());
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> String.valueOf(file.getFileName())).toList();
    }
  }
}
