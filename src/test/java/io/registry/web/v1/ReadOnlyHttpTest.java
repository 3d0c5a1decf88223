package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.registry.platform.problem.SetupException;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import io.registry.testkit.TestLayer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An archive: everything can be read, nothing changes, whatever is tried. */
class ReadOnlyHttpTest {
  private static final String REPOSITORY = "/v1/repositories/archive/app";
  private static final String READ_ONLY = "--registry.read-only=true";

  @TempDir static Path store;

  private static TestImage listed;
  private static TestImage top;
  private static Map<String, String> before;
  private static RegistryServer archive;
  private static TestClient client;

  @BeforeAll
  static void fillsTheStoreAndStartsTheArchive() throws IOException {
    listed = TestImage.of("archive-base", "", TestLayer.of("etc/motd"));
    top = TestImage.child("archive-top", listed, "no archive");
    try (RegistryServer filling = RegistryServer.start(store)) {
      TestClient pusher = filling.client();
      listed.push(pusher);
      top.push(pusher);
      assertThat(pusher.put(REPOSITORY + "/", "[{\"id\": \"" + top.id() + "\"}]").status())
          .isEqualTo(200);
      assertThat(pusher.put(REPOSITORY + "/tags/latest", '"' + top.id() + '"').status())
          .isEqualTo(200);
      assertThat(pusher.get(listed.path("files")).status()).isEqualTo(200);
    }
    Files.createDirectories(store.resolve("_uploads/of-a-dead-process"));
    before = everything();
    archive = RegistryServer.start(store, READ_ONLY);
    client = archive.client();
  }

  @AfterAll
  static void theStoreIsAsItWas() throws IOException {
    archive.close();
    assertThat(everything()).isEqualTo(before);
  }

  @Test
  void everythingThatIsKeptCanBeHad() {
    assertThat(client.get(REPOSITORY + "/images").text()).contains(top.id());
    assertThat(client.get(REPOSITORY + "/tags/latest").text()).contains(top.id());
    assertThat(client.get(REPOSITORY + "/tags").text()).contains(top.id());
    assertThat(client.get(top.path("ancestry")).text()).contains(listed.id());
    assertThat(client.get(top.path("json")).bytes()).isEqualTo(top.json());
    assertThat(client.get(top.path("layer")).bytes()).isEqualTo(top.layer());
    assertThat(client.get(listed.path("files")).text()).contains("etc/motd");
  }

  @Test
  void whatWouldHaveToBeKeptIsNotFoundOut() {
    Answer files = client.get(top.path("files"));
    assertThat(files.status()).isEqualTo(404);
    assertThat(files.text()).contains("this registry is read-only");
    Answer diff = client.get(listed.path("diff"));
    assertThat(diff.status()).isEqualTo(404);
    assertThat(diff.text()).contains("this registry is read-only");
  }

  @ParameterizedTest
  @CsvSource({
    "PUT, /v1/repositories/archive/app/",
    "PUT, /v1/repositories/archive/app/images",
    "PUT, /v1/repositories/archive/app/tags/latest",
    "PUT, /v1/repositories/archive/app/properties",
    "DELETE, /v1/repositories/archive/app/",
    "DELETE, /v1/repositories/archive/app/tags",
    "DELETE, /v1/repositories/archive/app/tags/latest",
    "PUT, /v1/images/ID/json",
    "PUT, /v1/images/ID/layer",
    "PUT, /v1/images/ID/checksum",
  })
  void whatWouldChangeSomethingIsNotAllowed(String method, String path) {
    String target = path.replace("ID", top.id());
    Answer answer = method.equals("PUT") ? client.put(target, "{}") : client.delete(target);
    assertThat(answer.status()).isEqualTo(405);
    assertThat(answer.text()).isEqualTo("{\"error\": \"This registry is read-only\"}");
    assertThat(answer.header("Allow")).isEqualTo("GET,HEAD,OPTIONS");
  }

  @Test
  void itIsReadyAndWell() {
    assertThat(client.get("/actuator/health/readiness").status()).isEqualTo(200);
    assertThat(client.get("/_status").status()).isEqualTo(200);
    assertThat(client.get("/v1/_status").status()).isEqualTo(200);
  }

  @Test
  void aMirrorCannotBeReadOnly() {
    assertThatThrownBy(
            () ->
                RegistryServer.start(
                        store, READ_ONLY, "--registry.mirror.source=http://127.0.0.1:1")
                    .close())
        .hasRootCauseInstanceOf(SetupException.class)
        .rootCause()
        .hasMessageContaining("registry.mirror.source");
  }

  private static Map<String, String> everything() throws IOException {
    Map<String, String> found = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(store)) {
      for (Path path : paths.toList()) {
        found.put(store.relativize(path).toString(), Files.getLastModifiedTime(path).toString());
      }
    }
    return found;
  }
}
