package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A repository with many tags. */
class ManyTagsHttpTest {
  private static final int TAGS = 10_000;
  private static final Path OPEN_FILES = Path.of("/proc/self/fd");

  @Test
  void tenThousandTagsAreListedInOneCallWithoutLeavingAFileOpen(@TempDir Path store)
      throws IOException {
    assumeTrue(Files.isDirectory(OPEN_FILES), "this system does not tell what files are open");
    Path repository = Files.createDirectories(store.resolve("repositories/many/named"));
    String id = TestImage.id("many");
    for (int tag = 0; tag < TAGS; tag++) {
      Files.writeString(repository.resolve("tag_t" + tag), id);
    }
    try (RegistryServer server = RegistryServer.start(store)) {
      TestClient client = server.client();
      String first = client.get("/v1/repositories/many/named/tags").text();
      assertThat(first.split(id, -1)).hasSize(TAGS + 1);
      assertThat(first).startsWith("{\"t0\": \"" + id).contains("\"t9999\": \"" + id);
      long before = openFilesOf(repository);
      for (int i = 0; i < 5; i++) {
        assertThat(client.get("/v1/repositories/many/named/tags").text()).isEqualTo(first);
      }
      assertThat(openFilesOf(repository)).isEqualTo(before).isZero();
    }
  }

  private static long openFilesOf(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(OPEN_FILES)) {
      return files.filter(file -> target(file).startsWith(folder)).count();
    }
  }

  private static Path target(Path link) {
    try {
      return Files.readSymbolicLink(link);
    } catch (IOException e) {
      // Closed in between.
      return link;
    }
  }
}
