package io.registry.features.events;

import static io.registry.testkit.WebhookReceiver.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.registry.testkit.PassingClock;
import io.registry.testkit.PassingRegistry;
import io.registry.testkit.PostgresServer;
import io.registry.testkit.RegistryProcess;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestDatabase;
import io.registry.testkit.TestImage;
import io.registry.testkit.Together;
import io.registry.testkit.WebhookReceiver;
import io.registry.testkit.WebhookReceiver.Post;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** What was acknowledged is told, whoever dies, and no push waits for that. */
@Tag("external")
@ExtendWith(OutputCaptureExtension.class)
@Tag("slow")
class OutboxHttpTest {
  /** Longer than the claim of a process that was killed while it told something. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final String TAGS = "/v1/repositories/team/app/tags/";

  @TempDir Path folder;

  private final WebhookReceiver receiver = WebhookReceiver.start();
  private final TestImage image = TestImage.base("image", "a layer");

  @AfterEach
  void stop() {
    receiver.close();
  }

  @Test
  void whatWasAcknowledgedIsToldAfterAKill() throws Exception {
    String[] arguments = {
      "--registry.storage.local.path=" + folder.resolve("store"),
      "--registry.cache.lease=100ms",
      "--registry.events.webhooks.ci.url=" + receiver.url(),
      "--registry.events.webhooks.ci.backoff=10ms",
      "--registry.events.webhooks.ci.backoff-max=20ms",
      "--spring.datasource.url=" + TestDatabase.h2(folder.resolve("db"))
    };
    receiver.down();
    try (RegistryProcess first = RegistryProcess.startWith(arguments)) {
      image.push(first.client());
      for (int i = 0; i < 5; i++) {
        tag(first.client(), "v" + i);
      }
      first.kill();
      first.awaitEnd();
    }
    assertThat(receiver.posts()).isEmpty();

    receiver.up();
    try (RegistryProcess second = RegistryProcess.startWith(arguments)) {
      await().atMost(PATIENCE).until(() -> receiver.posts().size() >= 5);
      assertThat(receiver.told())
          .containsExactly(
              "push team/app:v0",
              "push team/app:v1",
              "push team/app:v2",
              "push team/app:v3",
              "push team/app:v4");
      tag(second.client(), "v5");
      await().atMost(PATIENCE).until(() -> receiver.told().contains("push team/app:v5"));
    }
  }

  @Test
  void registriesOnOneDatabaseTellEachEventOnceAndNeverTwoAtATime() throws Exception {
    receiver.always(receiver.slow(Duration.ofMillis(3)));
    String database = "--spring.datasource.url=" + PostgresServer.shared().newDatabase();
    String webhook = "--registry.events.webhooks.ci.url=" + receiver.url();
    Path store = folder.resolve("store");
    try (RegistryServer one = RegistryServer.start(store, database, webhook);
        RegistryServer other = RegistryServer.start(store, database, webhook)) {
      image.push(one.client());
      int each = 20;

      Together.run(
          Stream.of(one, other)
              .<Together.Task>map(
                  server ->
                      () -> {
                        for (int i = 0; i < each; i++) {
                          tag(server.client(), server.port() + "-" + i);
                        }
                      })
              .toList());

      await().atMost(PATIENCE).until(() -> receiver.posts().size() >= 2 * each);
      assertThat(receiver.mostAtOnce()).isEqualTo(1);
      assertThat(receiver.posts().stream().map(post -> post.header("webhook-id")).distinct())
          .hasSize(2 * each);
      for (RegistryServer server : List.of(one, other)) {
        String start = "push team/app:" + server.port() + "-";
        assertThat(receiver.told().stream().filter(told -> told.startsWith(start)))
            .containsExactlyElementsOf(IntStream.range(0, each).mapToObj(i -> start + i).toList());
      }
      assertThat(receiver.posts().stream().map(OutboxHttpTest::instance).distinct()).hasSize(2);
      await()
          .atMost(PATIENCE)
          .until(() -> one.bean(Outbox.class).backlog("ci").equals(Backlog.NONE));
      assertThat(receiver.posts()).hasSize(2 * each);
    }
  }

  private static String instance(Post post) {
    return post.json().at("/events/0/source/instanceID").asString();
  }

  @Test
  void aRegistryThatEndsInTheMiddleOfADeliveryLeavesItToTheOther() throws Exception {
    String database = "--spring.datasource.url=" + PostgresServer.shared().newDatabase();
    String webhook = "--registry.events.webhooks.ci.url=" + receiver.url();
    Path store = folder.resolve("store");
    CountDownLatch never = new CountDownLatch(1);
    receiver.next(WebhookReceiver.held(never, 500));
    try (RegistryServer one =
        RegistryServer.start(
            store, database, webhook, "--registry.events.webhooks.ci.timeout=1m")) {
      image.push(one.client());
      tag(one.client(), "v1");
      await().atMost(PATIENCE).until(() -> receiver.posts().size() == 1);
    }

    try (RegistryServer other = RegistryServer.start(store, database, webhook)) {
      assertThat(other.port()).isPositive();
      await().atMost(PATIENCE).until(() -> receiver.posts().size() == 2);
      assertThat(receiver.posts().get(1).body()).isEqualTo(receiver.posts().get(0).body());
    } finally {
      never.countDown();
    }
  }

  @Test
  void aDatabaseThatIsAwayRefusesNoPushAndIsAskedOnceInAWhile(CapturedOutput output)
      throws Exception {
    try (PostgresServer postgres = PostgresServer.start();
        RegistryServer server =
            PassingRegistry.start(
                folder.resolve("store"),
                "--spring.datasource.url=" + postgres.newDatabase(),
                "--spring.datasource.hikari.connection-timeout=300",
                "--registry.events.webhooks.ci.timeout=20s",
                "--registry.events.webhooks.ci.url=" + receiver.url())) {
      TestClient client = server.client();
      image.push(client);
      CountDownLatch gone = new CountDownLatch(1);
      receiver.next(WebhookReceiver.held(gone, 200));
      tag(client, "v1");
      await().atMost(PATIENCE).until(() -> receiver.posts().size() == 1);

      postgres.kill();
      // That the receiver has taken it can only be written down when the database is back.
      gone.countDown();
      for (int i = 2; i < 6; i++) {
        tag(client, "v" + i);
      }
      assertThat(client.get("/actuator/metrics/registry.events.lost?tag=reason:database").text())
          .contains("\"value\":4.0");
      List<String> lost =
          output.getAll().lines().filter(line -> line.contains("is lost, because")).toList();
      assertThat(lost).hasSize(4).allMatch(line -> line.contains("ERROR"));
      assertThat(lost.get(0)).contains("cannot be reached", "\"tag\": \"v2\"", "\"action\"");
      assertThat(lost.subList(1, 4))
          .allMatch(line -> line.contains("the database is not asked for a while"));
      assertThat(client.get("/actuator/health/readiness").status()).isEqualTo(200);

      postgres.startAgain();
      await()
          .atMost(PATIENCE)
          .until(
              () -> {
                ((PassingClock) server.bean(Clock.class)).pass(Duration.ofSeconds(6));
                tag(client, "v6");
                return receiver.told().contains("push team/app:v6");
              });
      assertThat(receiver.told().subList(0, 2))
          .containsExactly("push team/app:v1", "push team/app:v6");
    }
  }

  @Test
  void whatAFullOutboxCannotTakeIsInTheLog(CapturedOutput output) {
    receiver.always(status(503));
    try (RegistryServer server =
        RegistryServer.start(
            folder.resolve("store"),
            "--spring.datasource.url=" + TestDatabase.h2(folder.resolve("db")),
            "--registry.events.outbox-size=2",
            "--registry.events.webhooks.ci.url=" + receiver.url())) {
      TestClient client = server.client();
      image.push(client);
      List<String> names = new ArrayList<>(List.of("v1", "v2", "v3"));
      names.forEach(name -> tag(client, name));

      assertThat(client.get("/actuator/metrics/registry.events.lost?tag=reason:full").text())
          .contains("\"value\":1.0");
      assertThat(output.getAll()).contains("the outbox is full: {\"events\"", "\"tag\": \"v3\"");
    }
  }

  private void tag(TestClient client, String name) {
    assertThat(client.put(TAGS + name, "\"" + image.id() + "\"").status()).isEqualTo(200);
  }
}
