package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.registry.testkit.RegistryProcess;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestImage;
import io.registry.testkit.Together;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Registries in processes of their own, with little memory, and killed at their work. */
@Tag("external")
@Tag("slow")
class LayerContentsProcessHttpTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration POLL = Duration.ofMillis(20);
  private static final Path BOMB = Path.of("src/test/resources/layers/bomb-ratio.bz2");
  private static final int FILES = 300_000;

  @TempDir private Path store;

  private Path diff(TestImage image) {
    return store.resolve("images/" + image.id() + "/_diff");
  }

  private static byte[] manyFiles() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream gzip = new Fast(bytes);
        TarArchiveOutputStream tar = new TarArchiveOutputStream(gzip)) {
      for (int i = 0; i < FILES; i++) {
        tar.putArchiveEntry(
            new TarArchiveEntry("usr/share/doc/package-%06d/copyright".formatted(i)));
        tar.closeArchiveEntry();
      }
    }
    return bytes.toByteArray();
  }

  private static final class Fast extends GZIPOutputStream {
    Fast(OutputStream out) throws IOException {
      super(out, 64 * 1024);
      def.setLevel(Deflater.BEST_SPEED);
    }
  }

  @Test
  void manyFilesNeedLittleMemory() throws Exception {
    byte[] layer = manyFiles();
    try (RegistryProcess registry =
        RegistryProcess.startWith(
            "--registry.storage.local.path=" + store, "--registry.contents.diff-after-push=true")) {
      TestClient client = registry.client();
      TestImage base = TestImage.of("many", "", layer).push(client);
      TestImage child = TestImage.of("many again", base.id(), layer).push(client);
      await()
          .atMost(PATIENCE)
          .pollInterval(POLL)
          .until(() -> Files.exists(diff(base)) && Files.exists(diff(child)));
      assertThat(client.get(child.path("diff")).text())
          .startsWith(
              "{\"deleted\": {}, \"changed\": {\"usr/share/doc/package-000000/copyright\": [")
          .endsWith("]}, \"created\": {}}");
      // All of them together would not fit into its memory.
      Together.run(
          Collections.nCopies(
              4,
              () ->
                  assertThat(client.get(child.path("files")).text().split("copyright", -1))
                      .hasSize(FILES + 1)));
    }
  }

  @Test
  void twoReplicasFinishWhatAnotherHadBegunWhenItWasKilled() throws Exception {
    TestImage image =
        // A few bytes that it takes a while to unpack, to nothing but the end of a tar.
        TestImage.of("long work", "", Files.readAllBytes(BOMB));
    String[] arguments = {
      "--registry.storage.local.path=" + store,
      "--registry.contents.diff-after-push=true",
      "--registry.contents.claim=1s",
      "--registry.contents.limits.ratio=100000000"
    };
    try (RegistryProcess killed = RegistryProcess.startWith(arguments)) {
      image.push(killed.client());
      killed.kill();
      killed.awaitEnd();
    }
    assertThat(diff(image)).doesNotExist();
    try (RegistryServer one = RegistryServer.startWith(arguments);
        RegistryServer other = RegistryServer.startWith(arguments)) {
      for (RegistryServer server : List.of(one, other)) {
        assertThat(server.client().get(image.path("diff")).status()).isEqualTo(200);
      }
      for (RegistryServer server : List.of(one, other)) {
        await()
            .atMost(PATIENCE)
            .pollInterval(POLL)
            .until(() -> !server.client().get(image.path("diff")).text().isEmpty());
        assertThat(server.client().get(image.path("diff")).text())
            .isEqualTo("{\"deleted\": {}, \"changed\": {}, \"created\": {}}");
      }
    }
  }
}
