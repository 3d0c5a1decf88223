package io.registry.web.v1;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.registry.access.index.Accounts;
import io.registry.access.index.NewAccount;
import io.registry.testkit.PassingClock;
import io.registry.testkit.PassingRegistry;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import io.registry.web.api.ApiClient;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** What the unfinished uploads of one account take from it, and what from others. */
class UploadSharesHttpTest {
  private static final String PASSWORD = "correct horse";
  private static final int MEGABYTE = 1024 * 1024;

  @TempDir private Path folder;

  private RegistryServer server;
  private TestClient client;
  private PassingClock clock;

  @BeforeEach
  void start(TestInfo test) {
    server =
        PassingRegistry.start(
            folder.resolve("store"),
            "--registry.index.mode=embedded",
            "--registry.index.admin.password=" + PASSWORD,
            "--registry.uploads.bytes-per-client=3MB",
            "--registry.uploads.bytes-total=4MB",
            "--spring.datasource.url=jdbc:h2:mem:shares%s;MODE=PostgreSQL;DB_CLOSE_DELAY=-1"
                .formatted(test.getTestMethod().orElseThrow().getName()));
    client = server.client();
    clock = (PassingClock) server.bean(Clock.class);
    Accounts accounts = server.bean(Accounts.class);
    for (String name : List.of("alice", "bob", "mallory")) {
      accounts.create(new NewAccount(name, PASSWORD, "", false));
    }
  }

  @AfterEach
  void stop() {
    if (server != null) {
      server.close();
    }
  }

  @Test
  void theAccountWithTheMostBytesGivesWayWhenThereIsNoRoomForMore() {
    TestImage large = TestImage.of("large", "", new byte[2 * MEGABYTE]);
    expect(200, begin("mallory", large));
    expect(200, large.putLayer(client, as("mallory")));
    List<TestImage> small =
        List.of(TestImage.base("first", "small"), TestImage.base("second", "small"));
    for (TestImage image : small) {
      expect(200, begin("alice", image));
    }
    clock.pass(Duration.ofMinutes(2));

    TestImage next = TestImage.of("next", "", new byte[2 * MEGABYTE]);
    expect(200, begin("bob", next));
    expect(200, next.putLayer(client, as("bob")));

    for (TestImage image : small) {
      expect(200, image.putLayer(client, as("alice")));
      expect(200, image.putChecksum(client, as("alice")));
    }
    expect(404, large.putChecksum(client, as("mallory")));
  }

  @Test
  void descriptionsThatAreRefusedDoNotCount() {
    TestImage image = TestImage.base("often described", "layer");
    String filling = "x".repeat(100_000);
    int accepted = 0;
    for (int i = 0; i < 60; i++) {
      String json = "{\"id\": \"%s\", \"n\": %d, \"x\": \"%s\"}".formatted(image.id(), i, filling);
      TestImage variant = new TestImage(image.id(), json.getBytes(UTF_8), image.layer());
      accepted += begin("alice", variant).status() == 200 ? 1 : 0;
    }

    assertThat(accepted).isEqualTo(4);
    TestImage another = TestImage.base("another", "layer");
    expect(200, begin("alice", another));
    expect(200, another.putLayer(client, as("alice")));
  }

  private Answer begin(String user, TestImage image) {
    String list = "[{\"id\": \"%s\"}]".formatted(image.id());
    expect(200, client.put("/v1/repositories/" + user + "/app/", list, as(user)));
    return image.putJson(client, as(user));
  }

  private static void expect(int status, Answer answer) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(status);
  }

  private static String[] as(String user) {
    return new String[] {"Authorization", ApiClient.basic(user, PASSWORD)};
  }
}
