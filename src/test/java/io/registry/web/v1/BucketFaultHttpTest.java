package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.registry.testkit.FaultProxy;
import io.registry.testkit.FaultProxy.Fault;
import io.registry.testkit.RawConnection;
import io.registry.testkit.RegistryProcess;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.S3Bucket;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What clients see of a bucket that fails in the middle, and what is then left in it. */
@Tag("external")
@Tag("slow")
class BucketFaultHttpTest {
  private static S3Bucket bucket;
  private static FaultProxy proxy;
  private static RegistryServer server;
  private static TestClient client;
  private static TestImage image;

  @BeforeAll
  static void start() throws Exception {
    bucket = new S3Bucket();
    proxy = bucket.proxy();
    List<String> arguments = new ArrayList<>(bucket.arguments());
    arguments.add("--registry.storage.s3.part-size=5MB");
    server = RegistryServer.startWith(arguments.toArray(String[]::new));
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
  void anUploadThatTheClientBreaksOffLeavesNoParts() throws IOException {
    TestImage broken = TestImage.child("broken", image, "a layer");
    assertThat(broken.putJson(client).status()).isEqualTo(200);
    try (RawConnection raw = new RawConnection(client.port())) {
      raw.send(
          "PUT %s HTTP/1.1\r\nHost: x\r\nContent-Length: 20000000\r\n\r\n"
              .formatted(broken.path("layer")));
      raw.send("x".repeat(12_000_000));
      await().until(() -> bucket.unfinishedUploads().size() == 1);
    }

    await().until(() -> bucket.unfinishedUploads().isEmpty());
    assertThat(client.get(broken.path("layer")).status()).isEqualTo(400);
    assertThat(bucket.objects()).noneMatch(name -> name.endsWith(broken.id() + "/layer"));
    broken.push(client);
    assertThat(client.get(broken.path("layer")).bytes()).isEqualTo(broken.layer());
  }

  @Test
  void anUploadWhoseBodyIsShorterThanAnnouncedIsNotPublished() throws IOException {
    TestImage broken = TestImage.child("short", image, "a layer");
    assertThat(broken.putJson(client).status()).isEqualTo(200);
    try (RawConnection raw = new RawConnection(client.port())) {
      raw.send(
          "PUT %s HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\na layer"
              .formatted(broken.path("layer")));
      raw.halfClose();
      assertThat(raw.readHead()).startsWith("HTTP/1.1 400");
    }

    assertThat(bucket.objects()).noneMatch(name -> name.endsWith(broken.id() + "/layer"));
  }

  @Test
  void withoutPermissionToDeleteAPushSucceedsAndNothingIsLost() {
    TestImage pushed = TestImage.child("pushed", image, "a layer");
    assertThat(pushed.putJson(client).status()).isEqualTo(200);
    assertThat(pushed.putLayer(client).status()).isEqualTo(200);
    String tags = "/v1/repositories/foo/kept/tags/";
    assertThat(client.put(tags + "v1", '"' + image.id() + '"').status()).isEqualTo(200);
    Fault denied =
        Fault.status(403, "<Error><Code>AccessDenied</Code><Message>no</Message></Error>");
    proxy.plan(100, request -> request.matches("DELETE .*|POST .*[?]delete.*"), denied);

    assertThat(pushed.putChecksum(client).status()).isEqualTo(200);
    for (Answer answer :
        List.of(client.delete(tags + "v1"), client.delete("/v1/repositories/foo/kept/"))) {
      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.text()).startsWith("{\"error\": \"The storage refuses access\"");
    }

    proxy.heal();
    assertThat(client.get(tags + "v1").status()).isEqualTo(200);
    assertThat(client.get(pushed.path("layer")).bytes()).isEqualTo(pushed.layer());
  }

  @Test
  void aRegistryThatIsKilledInAnUploadLeavesNothingButParts() throws Exception {
    TestImage killed = TestImage.child("killed", image, "a layer");
    List<String> arguments = new ArrayList<>(bucket.arguments());
    arguments.add("--registry.storage.s3.part-size=5MB");
    try (RegistryProcess process = RegistryProcess.startWith(arguments.toArray(String[]::new));
        RawConnection raw = new RawConnection(process.client().port())) {
      assertThat(killed.putJson(process.client()).status()).isEqualTo(200);
      raw.send(
          "PUT %s HTTP/1.1\r\nHost: x\r\nContent-Length: 20000000\r\n\r\n"
              .formatted(killed.path("layer")));
      raw.send("x".repeat(12_000_000));
      await().until(() -> bucket.unfinishedUploads().size() == 1);
      process.kill();
      process.awaitEnd();
    }
    assertThat(bucket.unfinishedUploads()).hasSize(1);

    try (RegistryServer next = RegistryServer.startWith(arguments.toArray(String[]::new))) {
      // Not older than a week: they may be those of another registry that is still at it.
      assertThat(next.client().get(killed.path("layer")).status()).isEqualTo(400);
      killed.push(next.client());
      assertThat(next.client().get(killed.path("layer")).bytes()).isEqualTo(killed.layer());
      assertThat(bucket.unfinishedUploads()).hasSize(1);
      bucket.abortUploads();
    }
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
