package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.registry.operations.control.Capacity;
import io.registry.testkit.RawConnection;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One place for each kind of requests, and one more that waits. */
class ConcurrencyHttpTest {
  private static final String SIZE = "100";

  @TempDir static Path store;
  private static RegistryServer server;

  @BeforeAll
  static void start() {
    server =
        RegistryServer.start(
            store,
            "--registry.limits.concurrency.uploads=1",
            "--registry.limits.concurrency.downloads=1",
            "--registry.limits.concurrency.metadata=1",
            "--registry.limits.concurrency.changes=1",
            "--registry.limits.concurrency.queue=1");
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void anUploadBeyondThoseThatMayWaitIsToldToComeAgainAndNothingElseIs() throws IOException {
    TestImage image = TestImage.base("first", "x".repeat(Integer.parseInt(SIZE)));
    TestClient client = server.client();
    assertThat(image.putJson(client).status()).isEqualTo(200);
    try (RawConnection first = upload(image);
        RawConnection second = uploadAsSecond(image)) {
      await().until(() -> gauge("in.use", "uploads") == 1 && gauge("waiting", "uploads") == 1);
      double refused = refused("uploads");

      TestClient.Answer third = image.putLayer(client);
      assertThat(third.status()).isEqualTo(503);
      assertThat(third.text()).startsWith("{\"error\": \"The registry is busy: try again later\"");
      assertThat(third.header("Retry-After")).isEqualTo("10");
      assertThat(refused("uploads")).isEqualTo(refused + 1);

      assertThat(client.get("/v1/_ping").status()).isEqualTo(200);
      assertThat(client.get("/actuator/health/liveness").status()).isEqualTo(200);
      assertThat(client.get("/v1/repositories/a/b/tags").status()).isEqualTo(404);
      assertThat(client.get(image.path("layer")).status()).isNotEqualTo(503);

      first.send("x".repeat(Integer.parseInt(SIZE)));
      assertThat(first.readHead()).startsWith("HTTP/1.1 200");
      await().until(() -> gauge("waiting", "uploads") == 0);
      second.send("x".repeat(Integer.parseInt(SIZE)));
      assertThat(second.readHead()).startsWith("HTTP/1.1 ");
    }
    await().until(() -> gauge("in.use", "uploads") == 0);
  }

  @Test
  void whereAllPlacesOfChangesAreTakenReadersAreServedAllTheSame() throws IOException {
    TestClient client = server.client();
    String head =
        "PUT %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n"
            .formatted("/v1/images/" + TestImage.id("slow") + "/json");
    try (RawConnection first = new RawConnection(server.port());
        RawConnection second = new RawConnection(server.port())) {
      first.send(head);
      second.send(head);
      await().until(() -> gauge("in.use", "changes") == 1 && gauge("waiting", "changes") == 1);

      assertThat(TestImage.base("third", "").putJson(client).status()).isEqualTo(503);
      assertThat(client.get("/v1/repositories/a/b/tags").status()).isEqualTo(404);
      assertThat(client.get("/v1/_ping").status()).isEqualTo(200);
      assertThat(client.get("/_ping").status()).isEqualTo(200);
      assertThat(client.get("/v1/_status").status()).isEqualTo(200);
      assertThat(client.get("/actuator/health/readiness").status()).isEqualTo(200);
      assertThat(client.get(TestImage.base("none", "").path("layer")).status()).isEqualTo(404);
    }
    await().until(() -> gauge("in.use", "changes") == 0);
  }

  @Test
  void limitsAreRaisedAndLoweredByAQuarterOfWhatIsSetButNeverToNothing() {
    Capacity capacity = server.bean(Capacity.class);
    assertThat(capacity.lower()).isEqualTo("metadata 1, changes 1, uploads 1, downloads 1");
    assertThat(capacity.raise()).isEqualTo("metadata 1, changes 1, uploads 1, downloads 1");
    assertThat(capacity.raise()).isEqualTo("metadata 2, changes 2, uploads 2, downloads 2");
    assertThat(gauge("limit", "uploads")).isEqualTo(2);
    assertThat(capacity.lower()).isEqualTo("metadata 1, changes 1, uploads 1, downloads 1");
  }

  @Test
  void onAPoolOfThreadsSlowUploadsLeaveThoseForAllElse(@TempDir Path other) throws IOException {
    List<RawConnection> uploads = new ArrayList<>();
    try (RegistryServer small =
        RegistryServer.start(
            other,
            "--spring.threads.virtual.enabled=false",
            "--server.tomcat.threads.max=16",
            "--registry.limits.concurrency.share=100")) {
      TestClient client = small.client();
      TestImage image = TestImage.base("image", "layer");
      assertThat(image.putJson(client).status()).isEqualTo(200);
      for (int i = 0; i < 6; i++) {
        uploads.add(upload(small.port(), image));
      }
      await()
          .until(
              () ->
                  gauge(small, "in.use", "uploads") == 3
                      && gauge(small, "waiting", "uploads") == 3);
      for (int i = 0; i < 16; i++) {
        RawConnection further = upload(small.port(), image);
        uploads.add(further);
        assertThat(further.readHead()).startsWith("HTTP/1.1 503");
      }
      assertThat(client.get("/v1/repositories/a/b/tags").status()).isEqualTo(404);
      assertThat(client.get("/v1/_ping").status()).isEqualTo(200);
      for (RawConnection upload : uploads) {
        upload.close();
      }
    }
  }

  @Test
  void onAPoolOfThreadsSlowChangesLeaveThoseForReaders(@TempDir Path other) throws IOException {
    List<RawConnection> changes = new ArrayList<>();
    try (RegistryServer small =
        RegistryServer.start(
            other,
            "--spring.threads.virtual.enabled=false",
            "--server.tomcat.threads.max=16",
            "--registry.limits.concurrency.share=100")) {
      for (int i = 0; i < 10; i++) {
        RawConnection change = new RawConnection(small.port());
        changes.add(change);
        change.send(
            "PUT /v1/images/%s/json HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n"
                .formatted(TestImage.id("slow" + i)));
        if (i >= 3) {
          assertThat(change.readHead()).startsWith("HTTP/1.1 503");
        } else {
          int entered = i + 1;
          await()
              .until(
                  () ->
                      gauge(small, "in.use", "changes") + gauge(small, "waiting", "changes")
                          == entered);
        }
      }
      TestClient client = small.client();
      assertThat(client.get("/v1/repositories/a/b/tags").status()).isEqualTo(404);
      assertThat(client.get("/v1/_ping").status()).isEqualTo(200);
      for (RawConnection change : changes) {
        change.close();
      }
    }
  }

  private static RawConnection uploadAsSecond(TestImage image) throws IOException {
    await().until(() -> gauge("in.use", "uploads") == 1);
    return upload(image);
  }

  private static RawConnection upload(TestImage image) throws IOException {
    return upload(server.port(), image);
  }

  private static RawConnection upload(int port, TestImage image) throws IOException {
    RawConnection connection = new RawConnection(port);
    connection.send(
        "PUT %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %s\r\n\r\n"
            .formatted(image.path("layer"), SIZE));
    return connection;
  }

  private static double gauge(String name, String kind) {
    return gauge(server, name, kind);
  }

  private static double gauge(RegistryServer registry, String name, String kind) {
    return registry
        .bean(MeterRegistry.class)
        .get("registry.limits." + name)
        .tag("kind", kind)
        .gauge()
        .value();
  }

  private static double refused(String kind) {
    return server
        .bean(MeterRegistry.class)
        .get("registry.limits.refused")
        .tag("kind", kind)
        .counter()
        .count();
  }
}
