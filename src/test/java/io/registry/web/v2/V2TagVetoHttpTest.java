package io.registry.web.v2;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.WebhookReceiver;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A hook refuses to move a tag to another manifest of the image that the tag names. */
class V2TagVetoHttpTest {
  @TempDir private static Path store;

  @Test
  void aTagThatMayNotBeSetServesItsOldManifest() {
    try (WebhookReceiver hook = WebhookReceiver.start();
        RegistryServer server =
            RegistryServer.start(
                store,
                "--registry.events.veto.timeout=20s",
                "--registry.events.veto.url=" + hook.url())) {
      V2Pusher pusher = new V2Pusher(server.client(), "team/vetoed");
      V2Image image = V2Image.of("vetoed", "layer");
      assertThat(pusher.put("t", image.pushBlobs(pusher)).status()).isEqualTo(201);
      for (byte[] layer : image.tars()) {
        pusher.blob(layer);
      }
      hook.next(WebhookReceiver.answer(403, "not this one", "Content-Type", "text/plain"));

      Answer refused = pusher.put("t", image.plainManifest());

      assertThat(refused.text()).contains("not this one");
      assertThat(pusher.get("manifests/t").text()).isEqualTo(new String(image.manifest(), UTF_8));
    }
  }
}
