package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestImage;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The walking path: what was pushed is pulled again, byte for byte. */
class PushPullHttpTest {

  @Test
  void whatWasPushedIsPulledAgain(@TempDir Path store) {
    try (RegistryServer server = RegistryServer.start(store)) {
      TestClient client = server.client();
      TestImage base = TestImage.base("base", "a layer").push(client);
      TestImage top = TestImage.child("top", base, "another layer").push(client);

      assertThat(client.put("/v1/repositories/foo/bar/tags/v1", '"' + top.id() + '"').status())
          .isEqualTo(200);
      assertThat(client.get("/v1/repositories/foo/bar/tags/v1").text())
          .isEqualTo('"' + top.id() + '"');
      assertThat(client.get(top.path("ancestry")).text())
          .isEqualTo("[\"%s\", \"%s\"]".formatted(top.id(), base.id()));
      assertThat(client.get(base.path("json")).bytes()).isEqualTo(base.json());
      assertThat(client.get(top.path("layer")).bytes()).isEqualTo(top.layer());
    }
  }
}
