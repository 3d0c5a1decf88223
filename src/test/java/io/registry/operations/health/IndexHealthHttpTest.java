package io.registry.operations.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.testkit.FakeIndex;
import io.registry.testkit.PassingClock;
import io.registry.testkit.PassingRegistry;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.Scrape;
import io.registry.testkit.TestClient;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.core.env.Environment;

/** When a registry with an index elsewhere is ready. */
class IndexHealthHttpTest {
  private static final String READINESS = "/actuator/health/readiness";

  @TempDir Path directory;

  @Test
  void aRegistryIsReadyWhileItsIndexCanBeReachedAndNotFlappingWhenItFailsOnce() {
    try (FakeIndex index = FakeIndex.start()) {
      index.down();
      try (RegistryServer server =
          PassingRegistry.start(
              directory.resolve("store"),
              "--registry.index.mode=remote",
              "--registry.index.remote.endpoint=" + index.endpoint(),
              "--registry.index.remote.attempts=1",
              "--registry.index.remote.timeout=1s",
              "--management.server.port=0")) {
        PassingClock clock = (PassingClock) server.bean(Clock.class);
        TestClient client =
            new TestClient(
                server
                    .bean(Environment.class)
                    .getRequiredProperty("local.management.port", Integer.class));
        assertThat(client.get(READINESS).status()).as("it was never there").isEqualTo(503);
        assertThat(client.get(READINESS).text()).contains("\"index\":{\"status\":\"DOWN\"}");
        assertThat(client.get("/actuator/health/liveness").status()).isEqualTo(200);
        assertThat(Scrape.of(client).sum("registry_ready")).isZero();

        index.up();
        assertThat(client.get(READINESS).status()).as("as was seen just now").isEqualTo(503);
        later(clock);
        assertThat(client.get(READINESS).status()).isEqualTo(200);
        int asked = index.timesAsked();
        for (int i = 0; i < 5; i++) {
          assertThat(client.get(READINESS).status()).isEqualTo(200);
        }
        assertThat(index.timesAsked()).as("however often one looks").isEqualTo(asked);
        assertThat(index.questions().get(0).header("authorization")).isEmpty();
        assertThat(Scrape.of(client).sum("registry_ready")).isEqualTo(1);

        index.always(FakeIndex.status(404));
        later(clock);
        assertThat(client.get(READINESS).status()).as("no is an answer").isEqualTo(200);

        index.always(FakeIndex.status(500));
        for (int i = 0; i < 2; i++) {
          later(clock);
          assertThat(client.get(READINESS).status()).as("it may pass").isEqualTo(200);
        }
        later(clock);
        assertThat(client.get(READINESS).status()).as("it does not pass").isEqualTo(503);
        later(clock);
        assertThat(client.get(READINESS).status()).isEqualTo(503);
        later(clock);
        assertThat(client.get(READINESS).status()).isEqualTo(503);
        assertThat(Scrape.of(client).sum("registry_index_circuit_open")).isEqualTo(1);

        index.recover();
        later(clock);
        assertThat(client.get(READINESS).status()).as("nobody else asks it").isEqualTo(200);
        assertThat(Scrape.of(client).sum("registry_index_circuit_open")).isZero();
      }
    }
  }

  private static void later(PassingClock clock) {
    clock.pass(Duration.ofSeconds(11));
  }
}
