package io.registry.web.v1;

import static io.registry.testkit.RegistryServer.newName;
import static org.assertj.core.api.Assertions.assertThat;

import io.registry.testkit.SharedRegistry;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestImage;
import org.junit.jupiter.api.Test;

/** The walking path: what was pushed is pulled again, byte for byte. */
@SharedRegistry
class PushPullHttpTest {
  @Test
  void whatWasPushedIsPulledAgain(TestClient client) {
    TestImage base = TestImage.base(newName("base"), "a layer").push(client);
    TestImage top = TestImage.child(newName("top"), base, "another layer").push(client);
    String tag = "/v1/repositories/foo/%s/tags/v1".formatted(newName("bar"));

    assertThat(client.put(tag, '"' + top.id() + '"').status()).isEqualTo(200);
    assertThat(client.get(tag).text()).isEqualTo('"' + top.id() + '"');
    assertThat(client.get(top.path("ancestry")).text())
        .isEqualTo("[\"%s\", \"%s\"]".formatted(top.id(), base.id()));
    assertThat(client.get(base.path("json")).bytes()).isEqualTo(base.json());
    assertThat(client.get(top.path("layer")).bytes()).isEqualTo(top.layer());
  }
}
