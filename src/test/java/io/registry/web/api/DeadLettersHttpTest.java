package io.registry.web.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.registry.testkit.FakeIndex;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestDatabase;
import io.registry.testkit.TestImage;
import io.registry.testkit.WebhookReceiver;
import io.registry.testkit.WebhookReceiver.Post;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import tools.jackson.databind.JsonNode;

/** With accounts, dead letters are for admins, and webhooks are told who did it. */
@ExtendWith(OutputCaptureExtension.class)
class DeadLettersHttpTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String PASSWORD = "correct horse";
  private static final String LETTERS = "/api/events/dead-letters";

  @TempDir Path folder;

  private final WebhookReceiver receiver = WebhookReceiver.start();

  @AfterEach
  void stop() {
    receiver.close();
  }

  @Test
  void adminsSeeThemTryThemAgainAndForgetThem() {
    receiver.always(WebhookReceiver.status(410));
    try (RegistryServer server =
        start("--registry.index.mode=embedded", "--registry.index.admin.password=" + PASSWORD)) {
      ApiClient anonymous = ApiClient.anonymous(server.client());
      ApiClient admin = anonymous.as("admin", PASSWORD);
      admin.post("/api/users", "{'name': 'anna', 'password': '" + PASSWORD + "'}");
      ApiClient anna = anonymous.as("anna", PASSWORD);
      tag(server.client(), "anna", "v1");
      tag(server.client(), "anna", "v2");
      await().atMost(PATIENCE).until(() -> admin.get(LETTERS).json().path("letters").size() == 2);

      assertThat(anonymous.get(LETTERS).status()).isEqualTo(401);
      assertThat(anna.get(LETTERS).status()).isEqualTo(403);
      JsonNode page = admin.get(LETTERS + "?limit=1").json();
      assertThat(page.at("/letters/0/subject").asString()).isEqualTo("tag-set anna/app:v1");
      String first = LETTERS + "/" + page.at("/letters/0/id").asString();
      page = admin.get(LETTERS + "?limit=1&after=" + page.path("next").asString()).json();
      assertThat(page.at("/letters/0/subject").asString()).isEqualTo("tag-set anna/app:v2");

      assertThat(anna.post(first + "/retry", "{}").status()).isEqualTo(403);
      assertThat(anonymous.post(first + "/retry", "{}").status()).isEqualTo(401);
      assertThat(anna.delete(first).status()).isEqualTo(403);
      receiver.always(WebhookReceiver.status(204));
      assertThat(admin.post(first + "/retry", "{}").status()).isEqualTo(204);
      await().atMost(PATIENCE).until(() -> receiver.posts().size() == 3);
      Post post = receiver.posts().get(2);
      assertThat(post.json().at("/events/0/actor/name").asString()).isEqualTo("anna");
      String second = LETTERS + "/" + page.at("/letters/0/id").asString();
      assertThat(admin.delete(second).status()).isEqualTo(204);
      assertThat(admin.get(LETTERS).json().path("letters").isEmpty()).isTrue();
    }
  }

  @Test
  void aChangeByTheApiIsLoggedWithWhoMadeIt(CapturedOutput output) {
    try (RegistryServer server =
        start(
            "--registry.index.mode=embedded",
            "--registry.index.admin.password=" + PASSWORD,
            "--registry.events.log=true")) {
      tag(server.client(), "admin", "v1");
      ApiClient admin = ApiClient.anonymous(server.client()).as("admin", PASSWORD);
      assertThat(admin.patch("/api/repositories/admin/app", "{'visibility': 'public'}").status())
          .isEqualTo(200);
    }
    assertThat(output.getAll())
        .contains("event=tag-set repository=admin/app tag=v1")
        .contains("event=repository-made-public repository=admin/app who=admin from=127.0.0.1");
  }

  @Test
  void withAnIndexElsewhereNobodyCanTellWhoIsAnAdmin() {
    try (FakeIndex index = FakeIndex.start();
        RegistryServer server =
            start(
                "--registry.index.mode=remote",
                "--registry.index.remote.endpoint=" + index.endpoint())) {
      assertThat(server.client().get(LETTERS).status()).isEqualTo(404);
    }
  }

  private RegistryServer start(String... more) {
    List<String> arguments = new ArrayList<>(List.of(more));
    arguments.add("--registry.events.webhooks.ci.url=" + receiver.url());
    arguments.add("--spring.datasource.url=" + TestDatabase.h2(folder.resolve("db")));
    return RegistryServer.start(folder.resolve("store"), arguments.toArray(String[]::new));
  }

  private static void tag(TestClient client, String user, String tag) {
    String basic = ApiClient.basic(user, PASSWORD);
    TestImage image = TestImage.base("image of " + user + tag, "a layer");
    String repository = "/v1/repositories/" + user + "/app/";
    String token =
        client
            .put(
                repository,
                "[{\"id\": \"" + image.id() + "\"}]",
                "Authorization",
                basic,
                "X-Docker-Token",
                "true")
            .header("X-Docker-Token");
    String[] auth = {"Authorization", "Token " + token};
    assertThat(image.putJson(client, auth).status()).isEqualTo(200);
    assertThat(image.putLayer(client, auth).status()).isEqualTo(200);
    assertThat(image.putChecksum(client, auth).status()).isEqualTo(200);
    assertThat(client.put(repository + "tags/" + tag, "\"" + image.id() + "\"", auth).status())
        .isEqualTo(200);
  }
}
