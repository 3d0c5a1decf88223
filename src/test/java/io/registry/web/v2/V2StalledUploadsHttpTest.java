package io.registry.web.v2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.registry.content.manifest.Digest;
import io.registry.testkit.RawConnection;
import io.registry.testkit.RegistryProcess;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Fast uploads get large blocks of memory, of which there are few. Clients that send fast and then
 * stall keep them; that must not keep others from pushing.
 */
@Tag("external")
@Tag("slow")
class V2StalledUploadsHttpTest {
  private static final int MB = 1_000_000;
  private static final int SENT = 5 * MB;
  private static final int WHOLE = 7 * MB;

  /** What may be in buffers of the server, and not yet in its files. */
  private static final int BUFFERED = MB;

  /** As many large blocks as a server with four processors has. */
  private static final int STALLED = 8;

  /** Far more than it takes; only there so that a hang fails. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir Path store;

  @Test
  void stalledUploadsHoldNobodyUpAndGoOn() throws Exception {
    byte[] blob = noise(WHOLE, 1);
    TestImage image = TestImage.of("beside stalled uploads", "", noise(20 * MB, 2));
    List<RawConnection> stalled = new ArrayList<>();
    try (RegistryProcess registry = RegistryProcess.start(store)) {
      V2Pusher pusher = new V2Pusher(registry.client(), "stalled/uploads");
      List<String> locations = new ArrayList<>();
      for (int i = 0; i < STALLED; i++) {
        locations.add(pusher.begin());
        stalled.add(patch(registry, locations.get(i), blob));
      }
      await().atMost(PATIENCE).until(() -> received() >= STALLED * (long) (SENT - BUFFERED));

      image.push(registry.client());
      stalled.get(0).out().write(blob, SENT, WHOLE - SENT);
      stalled.get(0).out().flush();
      assertThat(stalled.get(0).readHead()).startsWith("HTTP/1.1 202");
      Answer finished = pusher.finish(locations.get(0), new byte[0], Digest.of(blob));
      assertThat(finished.status()).as(finished.text()).isEqualTo(201);
      registry.kill();
      registry.awaitEnd();
    } finally {
      for (RawConnection each : stalled) {
        each.close();
      }
    }
    try (RegistryProcess registry = RegistryProcess.start(store)) {
      V2Pusher pusher = new V2Pusher(registry.client(), "stalled/uploads");
      assertThat(pusher.get("blobs/" + Digest.of(blob)).bytes()).isEqualTo(blob);
      assertThat(registry.client().get(image.path("layer")).bytes()).isEqualTo(image.layer());

      byte[] next = noise(WHOLE, 3);
      Digest digest = Digest.of(next);
      next[SENT] ^= 1;
      Answer refused = pusher.finish(pusher.begin(), next, digest);
      assertThat(refused.status()).isEqualTo(400);
      assertThat(refused.text()).contains("DIGEST_INVALID");
      assertThat(pusher.head("blobs/" + digest).status()).isEqualTo(404);
      next[SENT] ^= 1;
      assertThat(pusher.get("blobs/" + pusher.blob(next)).bytes()).isEqualTo(next);
    }
  }

  /** Begins to send a part of an upload, and stops in the middle. */
  private static RawConnection patch(RegistryProcess registry, String location, byte[] blob)
      throws IOException {
    RawConnection connection = new RawConnection(registry.client().port());
    String path = location.replaceFirst("^https?://[^/]+", "");
    connection.send(
        "PATCH %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n"
            .formatted(path, blob.length));
    connection.out().write(blob, 0, SENT);
    connection.out().flush();
    return connection;
  }

  private long received() throws IOException {
    try (Stream<Path> files = Files.walk(store.resolve("_uploads"))) {
      return files.mapToLong(V2StalledUploadsHttpTest::size).sum();
    }
  }

  private static long size(Path file) {
    try {
      return Files.isRegularFile(file) ? Files.size(file) : 0;
    } catch (NoSuchFileException e) {
      // It is complete by now.
      return 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] noise(int length, int seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }
}
