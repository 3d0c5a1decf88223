package io.registry.web.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.content.manifest.Digest;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestImage;
import io.registry.web.v2.V2Pusher;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rules do not remove the tags of what an admin has pinned. */
class PinsHttpTest {
  @Test
  void rulesLeaveWhatIsPinned(@TempDir Path store) {
    try (RegistryServer server =
        RegistryServer.start(
            store,
            "--registry.retention.rules[0].name=releases",
            "--registry.retention.rules[0].expression=v.*")) {
      TestClient client = server.client();
      ApiClient api = ApiClient.anonymous(client);
      Digest digest = new V2Pusher(client, "team/app").tagged("new", "an artifact");
      TestImage image = TestImage.base("pinned", "layer").push(client);
      assertThat(client.put("/v1/repositories/team/app/tags/old", '"' + image.id() + '"').status())
          .isEqualTo(200);
      String rules = "/api/repositories/team/app/retention";
      assertThat(api.get(rules).text()).doesNotContain("\"kept\":true");
      String manifestPin = "/api/pins/manifests/team/app/" + digest;
      String imagePin = "/api/pins/images/" + image.id();

      assertThat(api.put(manifestPin, "{'reason': 'audit'}").status()).isEqualTo(204);
      assertThat(api.put(imagePin, "{'reason': ''}").status()).isEqualTo(204);

      assertThat(api.get(rules).text()).doesNotContain("\"kept\":false").contains("pinned");
      assertThat(api.get("/api/pins").text())
          .contains("\"repository\":\"team/app\"", digest.toString(), image.id(), "audit");
      assertThat(api.delete(manifestPin).status()).isEqualTo(204);
      assertThat(api.delete(manifestPin).status()).isEqualTo(404);
      assertThat(api.delete(imagePin).status()).isEqualTo(204);
      assertThat(api.get(rules).text()).doesNotContain("\"kept\":true");
      assertThat(api.get("/api/pins").text()).isEqualTo("{\"pins\":[]}");
      assertThat(api.put("/api/pins/manifests/team/app/none", "{'reason': ''}").status())
          .isEqualTo(400);
    }
  }
}
