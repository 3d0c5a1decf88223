package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.registry.access.index.Accounts;
import io.registry.access.index.NewAccount;
import io.registry.testkit.RawConnection;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client that takes all it can get, and the others meanwhile. */
@Tag("slow")
class StarvationHttpTest {
  private static final String GREEDY = "127.0.0.2";
  private static final int UNREAD = 600;
  private static final int UNSENT = 700;

  /** Of 7 MB, which no buffer of a connection holds. */
  private static final int ENTRIES = 92_000;

  @TempDir Path store;

  private final List<RawConnection> held = new ArrayList<>();

  @AfterEach
  void letGo() throws IOException {
    for (RawConnection each : held) {
      each.close();
    }
  }

  @Test
  void whoDoesNotReadKeepsNobodyElseFromReading() throws IOException {
    try (RegistryServer server = RegistryServer.start(store)) {
      TestClient client = server.client();
      TestImage image = TestImage.base("read", "layer").push(client);
      assertThat(client.put("/v1/repositories/team/big/images", bigList()).status()).isEqualTo(204);

      for (int i = 0; i < UNREAD; i++) {
        held.add(RawConnection.from(GREEDY, server.port()));
        held.get(i)
            .send("GET /v1/repositories/team/big/images HTTP/1.1\r\nHost: localhost\r\n\r\n");
      }
      await().atMost(Duration.ofMinutes(1)).until(() -> busy(server, "metadata"));

      serves("reads", () -> client.get(image.path("json")));
      serves("_ping", () -> client.get("/v1/_ping"));
      serves("health", () -> client.get("/actuator/health/readiness"));
    }
  }

  @Test
  void whoDoesNotSendKeepsNobodyElseFromChanging() throws IOException {
    try (RegistryServer server = RegistryServer.start(store)) {
      TestClient client = server.client();
      for (int i = 0; i < UNSENT; i++) {
        held.add(RawConnection.from(GREEDY, server.port()));
        held.get(i)
            .send(
                "PUT /v1/images/%s/json HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n"
                    .formatted(TestImage.id("slow" + i)));
      }
      await().until(() -> busy(server, "changes"));

      serves("changes", () -> TestImage.base("changed", "layer").putJson(client));
      serves("_ping", () -> client.get("/v1/_ping"));
      serves("health", () -> client.get("/actuator/health/readiness"));
    }
  }

  @Test
  void anAccountHasOneShareWhereverItComesFrom() throws IOException {
    try (RegistryServer server =
        RegistryServer.start(
            store,
            "--registry.limits.concurrency.changes=8",
            "--registry.limits.concurrency.queue=16",
            "--registry.index.mode=embedded",
            "--registry.index.admin.password=battery staple",
            "--spring.datasource.url=jdbc:h2:mem:greedy;MODE=PostgreSQL;DB_CLOSE_DELAY=-1")) {
      for (String name : List.of("mallory", "alice")) {
        server.bean(Accounts.class).create(new NewAccount(name, "correct horse", "", false));
      }
      for (int i = 0; i < 12; i++) {
        held.add(RawConnection.from("127.0.0." + (2 + i / 3), server.port()));
        held.get(i)
            .send(
                "PUT /v1/repositories/mallory/app/ HTTP/1.1\r\nHost: localhost\r\nAuthorization: %s\r\nContent-Length: 5\r\n\r\n"
                    .formatted(basic("mallory")));
      }
      await()
          .until(
              () -> gauge(server, "in.use", "changes") + gauge(server, "waiting", "changes") == 12);

      serves(
          "changes",
          () ->
              server
                  .client()
                  .put("/v1/repositories/alice/app/", "[]", "Authorization", basic("alice")));
    }
  }

  private static void serves(String what, Supplier<TestClient.Answer> request) {
    long longest = 0;
    List<Integer> statuses = new ArrayList<>();
    // One that waits for its full patience is told once, not ten times.
    for (int i = 0; i < 10 && longest < 5_000_000_000L; i++) {
      long begun = System.nanoTime();
      statuses.add(request.get().status());
      longest = Math.max(longest, System.nanoTime() - begun);
    }
    System.out.printf(
        "starvation: %s of others: %s, at most %d ms%n",
        what,
        statuses.stream().collect(Collectors.groupingBy(s -> s, Collectors.counting())),
        longest / 1_000_000);
    assertThat(statuses).as(what).containsOnly(200);
  }

  // All that the client gets is taken.
  private static boolean busy(RegistryServer server, String kind) {
    return gauge(server, "waiting", kind) > 40 || refused(server, kind) > 0;
  }

  private static double gauge(RegistryServer server, String name, String kind) {
    return server
        .bean(MeterRegistry.class)
        .get("registry.limits." + name)
        .tag("kind", kind)
        .gauge()
        .value();
  }

  private static double refused(RegistryServer server, String kind) {
    return server
        .bean(MeterRegistry.class)
        .get("registry.limits.refused")
        .tag("kind", kind)
        .counter()
        .count();
  }

  private static String bigList() {
    return IntStream.range(0, ENTRIES)
        .mapToObj(i -> "{\"id\": \"%064x\"}".formatted(i))
        .collect(Collectors.joining(",", "[", "]"));
  }

  private static String basic(String name) {
    byte[] text = (name + ":correct horse").getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(text);
  }
}
