package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.testkit.FaultProxy;
import io.registry.testkit.FaultProxy.Fault;
import io.registry.testkit.RawConnection;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.S3Bucket;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestImage;
import java.io.IOException;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a client sees of a layer whose connection to the store breaks. */
class BreakingDownloadHttpTest {
  private static S3Bucket bucket;
  private static FaultProxy proxy;
  private static RegistryServer server;
  private static TestClient client;
  private static TestImage image;

  @BeforeAll
  static void start() throws Exception {
    bucket = new S3Bucket();
    proxy = bucket.proxy();
    server = RegistryServer.startWith(bucket.arguments().toArray(String[]::new));
    client = server.client();
    byte[] layer = new byte[100_000];
    new Random(1).nextBytes(layer);
    image = TestImage.of("image", "", layer).push(client);
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
    bucket.close();
  }

  @AfterEach
  void heal() {
    proxy.heal();
  }

  @Test
  void aDownloadThatBreaksInTheStoreIsNotNoticedByTheClient() {
    proxy.plan(1, request -> request.matches("GET .*/layer"), Fault.resetAnswer(50_000));

    assertThat(client.get(image.path("layer")).bytes()).isEqualTo(image.layer());
    assertThat(proxy.requests()).filteredOn(request -> request.matches("GET .*/layer")).hasSize(2);
  }

  @Test
  void aDownloadThatCannotGoOnIsCutSoThatItLooksShort() throws IOException {
    AtomicInteger reads = new AtomicInteger();
    proxy.plan(
        (number, request) ->
            !request.matches("GET .*/layer")
                ? Fault.none()
                : reads.incrementAndGet() == 1
                    ? Fault.truncateAnswer(50_000)
                    : Fault.status(503, ""));

    try (RawConnection raw = new RawConnection(client.port())) {
      raw.send("GET %s HTTP/1.1\r\nHost: x\r\n\r\n".formatted(image.path("layer")));
      assertThat(raw.readHead()).contains("Content-Length: 100000");
      assertThat(readToEnd(raw)).isLessThan(100_000);
    }
  }

  private static int readToEnd(RawConnection raw) {
    int count = 0;
    try {
      while (raw.in().read() >= 0) {
        count++;
      }
    } catch (IOException e) {
      // A reset says it even more clearly.
      return count;
    }
    return count;
  }
}
