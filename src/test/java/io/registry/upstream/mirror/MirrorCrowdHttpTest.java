package io.registry.upstream.mirror;

import static io.registry.upstream.mirror.MirrorServer.image;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.registry.testkit.FakeSource;
import io.registry.testkit.RawConnection;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestImage;
import io.registry.testkit.Together;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many clients that want a layer which is not here (protocol 7.2). */
class MirrorCrowdHttpTest {
  private static final int CROWD = 100;

  /** More than the sockets between them keep. */
  private static final int LARGE = 16 * 1024 * 1024;

  @TempDir private static Path directory;

  private static FakeSource source;
  private static RegistryServer mirror;

  @BeforeAll
  static void start() throws Exception {
    source = new FakeSource();
    // The crowd has one address, and its clients wait for each other.
    mirror =
        MirrorServer.start(
            directory,
            source.endpoint(),
            "--registry.mirror.fetches=2",
            "--registry.limits.concurrency.share=100");
  }

  @AfterAll
  static void stop() {
    mirror.close();
    source.close();
  }

  private static TestClient client() {
    return mirror.client();
  }

  @Test
  void aHundredClientsCauseOneFetchAndGetEveryByte() throws Exception {
    TestImage image = image("crowd", 1_000_000);
    CountDownLatch gate = new CountDownLatch(1);
    source.serve(image).on(image.path("layer"), FakeSource.halting(image.layer(), 500_000, gate));
    AtomicInteger begun = new AtomicInteger();

    Together.run(
        Collections.nCopies(
            CROWD,
            () -> {
              try (RawConnection connection = get(image)) {
                assertThat(connection.readHead()).contains("Content-Length: 1000000");
                // The rest comes when all have begun to stream, before the fetch has ended.
                if (begun.incrementAndGet() == CROWD) {
                  gate.countDown();
                }
                assertThat(connection.in().readAllBytes()).isEqualTo(image.layer());
              }
            }));

    assertThat(source.count("GET", image.path("layer"))).isEqualTo(1);
    assertThat(source.count("GET", image.path("json"))).isEqualTo(1);
    assertThat(source.count("GET", image.path("ancestry"))).isEqualTo(1);
  }

  @Test
  void aSlowClientHoldsUpNobody() throws Exception {
    TestImage image = image("slow", LARGE);
    source.serve(image);

    try (RawConnection slow = get(image)) {
      assertThat(slow.readHead()).startsWith("HTTP/1.1 200");
      for (int i = 0; i < 3; i++) {
        assertThat(client().get(image.path("layer")).bytes()).isEqualTo(image.layer());
      }
      assertThat(MirrorServer.files(directory, image)).contains("layer");
      assertThat(slow.in().readAllBytes()).isEqualTo(image.layer());
    }
    assertThat(source.count("GET", image.path("layer"))).isEqualTo(1);
    await().untilAsserted(() -> assertThat(MirrorServer.spooled(directory)).isZero());
  }

  @Test
  void aClientThatLeavesStopsNothing() throws Exception {
    TestImage image = image("left", LARGE);
    CountDownLatch gate = new CountDownLatch(1);
    source.serve(image).on(image.path("layer"), FakeSource.halting(image.layer(), LARGE / 2, gate));

    try (RawConnection leaving = get(image)) {
      assertThat(leaving.readHead()).startsWith("HTTP/1.1 200");
      assertThat(leaving.in().readNBytes(1000)).hasSize(1000);
    }
    gate.countDown();

    await().untilAsserted(() -> assertThat(MirrorServer.files(directory, image)).contains("layer"));
    assertThat(client().get(image.path("layer")).bytes()).isEqualTo(image.layer());
    assertThat(source.count("GET", image.path("layer"))).isEqualTo(1);
    await().untilAsserted(() -> assertThat(MirrorServer.spooled(directory)).isZero());
  }

  @Test
  void nobodyGetsTheEndBeforeTheLayerIsKept() throws Exception {
    TestImage image = image("held back", 200_000);
    CountDownLatch gate = new CountDownLatch(1);
    source.serve(image).on(image.path("layer"), FakeSource.halting(image.layer(), 199_999, gate));

    try (RawConnection connection = get(image)) {
      String head = connection.readHead();
      assertThat(head).contains("Content-Length: 200000").doesNotContain("ETag");
      assertThat(connection.in().readNBytes(100_000)).hasSize(100_000);
      assertThat(MirrorServer.files(directory, image)).doesNotContain("layer");
      gate.countDown();
      assertThat(connection.in().readAllBytes()).hasSize(100_000);
      assertThat(MirrorServer.files(directory, image)).contains("layer");
    }
  }

  @Test
  void noMoreLayersThanAreSetAreFetchedAtTheSameTime() throws Exception {
    List<TestImage> images = List.of(image("q1", 1000), image("q2", 1000), image("q3", 1000));
    CountDownLatch gate = new CountDownLatch(1);
    AtomicInteger under = new AtomicInteger();
    for (TestImage image : images) {
      FakeSource.Answer layer = FakeSource.halting(image.layer(), 10, gate);
      source
          .serve(image)
          .on(
              image.path("layer"),
              exchange -> {
                under.incrementAndGet();
                layer.send(exchange);
              });
    }

    try (RawConnection one = get(images.get(0));
        RawConnection two = get(images.get(1));
        RawConnection three = get(images.get(2))) {
      await().untilAsserted(() -> assertThat(under).hasValue(2));
      assertThat(client().get(images.get(2).path("json")).status()).isEqualTo(200);
      assertThat(under).hasValue(2);
      gate.countDown();
      for (RawConnection connection : List.of(one, two, three)) {
        assertThat(connection.readHead()).startsWith("HTTP/1.1 200");
      }
    }
  }

  private static RawConnection get(TestImage image) throws IOException {
    RawConnection connection = new RawConnection(client().port());
    connection.send(
        "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".formatted(image.path("layer")));
    return connection;
  }
}
