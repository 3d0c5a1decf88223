package io.registry.operations.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.registry.testkit.RawConnection;
import io.registry.testkit.RegistryProcess;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestImage;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A push that has begun when the registry is stopped can end. */
@Tag("external")
class BegunPushesTest {
  private static final String REPOSITORY = "/v1/repositories/team/app";
  private static final String STRANGER = "127.0.0.2";

  @TempDir Path store;

  @Test
  void aBegunPushEndsAndNoOtherClientIsServedMeanwhile() throws Exception {
    try (RegistryProcess registry = RegistryProcess.start(store)) {
      TestClient client = registry.client();
      TestImage base = TestImage.base("base", "a layer");
      TestImage top = TestImage.child("top", base, "another layer");
      assertThat(client.put(REPOSITORY + "/", "[{\"id\": \"" + top.id() + "\"}]").status())
          .isEqualTo(200);
      base.push(client);

      registry.terminate();
      await().until(() -> refusesStrangers(client.port()));

      top.push(client);
      assertThat(client.put(REPOSITORY + "/tags/latest", '"' + top.id() + '"').status())
          .isEqualTo(200);
      assertThat(client.put(REPOSITORY + "/images", "[{\"id\": \"" + top.id() + "\"}]").status())
          .isEqualTo(204);
      registry.awaitEnd();
    }
    assertThat(store.resolve("images/" + top().id() + "/layer")).exists();
    assertThat(store.resolve("repositories/team/app/tag_latest")).exists();
  }

  private static TestImage top() {
    return TestImage.child("top", TestImage.base("base", "a layer"), "another layer");
  }

  private static boolean refusesStrangers(int port) {
    try (RawConnection stranger = RawConnection.from(STRANGER, port)) {
      stranger.send(
          "GET /v1/repositories/team/app/tags HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
      String answer = stranger.readAll();
      return answer.startsWith("HTTP/1.1 503")
          && answer.contains("Retry-After: 30")
          && answer.contains("This registry stops");
    } catch (IOException e) {
      throw new AssertionError("the port is closed", e);
    }
  }
}
