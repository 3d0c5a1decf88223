package io.registry.operations.check;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.registry.testkit.RegistryServer;
import io.registry.web.v2.SchemaOneImages;
import io.registry.web.v2.V2Pusher;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SchemaOneCheckHttpTest {
  @TempDir private Path directory;

  @Test
  void aSignatureThatDoesNotVerifyIsReported() throws Exception {
    SchemaOneImages.Image image = SchemaOneImages.named("version-1.8");
    Path store = directory.resolve("store");
    try (RegistryServer server = RegistryServer.start(store)) {
      image.push(new V2Pusher(server.client(), "s1/checked"));
    }
    List<String> settings = List.of("--registry.storage.local.path=" + store);
    String link =
        "repositories/s1/checked/_oci/manifests/" + image.digest().toString().replace(':', '-');
    Path file = store.resolve(link);

    assertThat(CheckedStore.command(settings).findings()).isEmpty();
    String signed = Files.readString(file);
    String broken = signed.replaceFirst("signature(\\\\\": \\\\\")..", "signature$1AA");
    assertThat(broken).isNotEqualTo(signed);
    Files.write(file, broken.getBytes(UTF_8));

    assertThat(CheckedStore.command(settings).findings())
        .containsExactly("manifest-unverified " + link);
  }
}
