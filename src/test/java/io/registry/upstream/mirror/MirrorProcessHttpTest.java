package io.registry.upstream.mirror;

import static io.registry.upstream.mirror.MirrorServer.image;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.registry.testkit.FakeSource;
import io.registry.testkit.RawConnection;
import io.registry.testkit.RegistryProcess;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestImage;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A mirror in a process of its own, which can be killed and has a heap of 96 MiB. */
@Tag("external")
@Tag("slow")
class MirrorProcessHttpTest {
  private static final int BLOCK = 1024 * 1024;
  private static final int BLOCKS = 256;
  private static final int SLOW = 20;

  @TempDir Path directory;

  private RegistryProcess start(URI source) throws IOException {
    List<String> arguments = new ArrayList<>(List.of(MirrorServer.arguments(directory, source)));
    arguments.add("--registry.storage.local.path=" + directory.resolve("store"));
    return RegistryProcess.startWith(arguments.toArray(String[]::new));
  }

  @Test
  void aMirrorThatIsKilledLeavesNoHalfOfALayer() throws Exception {
    TestImage half = image("half", 2_000_000);
    TestImage whole = image("whole", 200_000);
    CountDownLatch never = new CountDownLatch(1);
    try (FakeSource source = new FakeSource()) {
      source
          .serve(whole)
          .serve(half)
          .on(half.path("layer"), FakeSource.halting(half.layer(), 1_000_000, never));
      try (RegistryProcess mirror = start(source.endpoint())) {
        RawConnection pulling = get(mirror.client(), half);
        assertThat(pulling.readHead()).startsWith("HTTP/1.1 200");
        assertThat(pulling.in().readNBytes(500_000)).hasSize(500_000);
        assertThat(mirror.client().get(whole.path("layer")).bytes()).isEqualTo(whole.layer());
        mirror.kill();
        mirror.awaitEnd();
        pulling.close();
      }
      assertThat(MirrorServer.files(directory, half)).isEmpty();
      assertThat(MirrorServer.files(directory, whole)).contains("layer");
      assertThat(MirrorServer.spooled(directory)).isPositive();

      source.serve(half);
      try (RegistryProcess mirror = start(source.endpoint())) {
        assertThat(MirrorServer.spooled(directory)).isZero();
        assertThat(mirror.client().get(half.path("layer")).bytes()).isEqualTo(half.layer());
        assertThat(mirror.client().get(whole.path("layer")).bytes()).isEqualTo(whole.layer());
      }
      never.countDown();
    }
  }

  @Test
  void aLayerLargerThanTheHeapPassesWhileManyReadItSlowly() throws Exception {
    byte[] block = new byte[BLOCK];
    new Random(4).nextBytes(block);
    TestImage image = TestImage.base("large", "");
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    digest.update(image.json());
    digest.update((byte) '\n');
    for (int i = 0; i < BLOCKS; i++) {
      digest.update(block);
    }
    String checksum = "sha256:" + HexFormat.of().formatHex(digest.digest());
    List<RawConnection> slow = new ArrayList<>();
    try (FakeSource source = new FakeSource()) {
      source
          .serve(image, List.of(image.id()), "X-Docker-Checksum-Payload", checksum)
          .on(
              image.path("layer"),
              exchange -> {
                exchange.sendResponseHeaders(200, (long) BLOCK * BLOCKS);
                try (OutputStream out = exchange.getResponseBody()) {
                  for (int i = 0; i < BLOCKS; i++) {
                    out.write(block);
                  }
                }
              });
      try (RegistryProcess mirror = start(source.endpoint())) {
        for (int i = 0; i < SLOW; i++) {
          RawConnection reader = get(mirror.client(), image);
          slow.add(reader);
          assertThat(reader.readHead()).startsWith("HTTP/1.1 200");
          assertThat(reader.in().readNBytes(1000)).isEqualTo(Arrays.copyOf(block, 1000));
        }
        try (RawConnection fast = get(mirror.client(), image)) {
          assertThat(fast.readHead()).contains("Content-Length: " + (long) BLOCK * BLOCKS);
          assertSame(fast.in(), block, 0);
        }
        assertThat(MirrorServer.files(directory, image)).contains("layer");
        assertThat(source.count("GET", image.path("layer"))).isEqualTo(1);
        assertSame(slow.get(0).in(), block, 1000);
        for (RawConnection reader : slow) {
          reader.close();
        }
        await().untilAsserted(() -> assertThat(MirrorServer.spooled(directory)).isZero());
      }
    }
  }

  private static void assertSame(InputStream in, byte[] block, int from) throws IOException {
    int offset = from;
    for (int i = 0; i < BLOCKS; i++) {
      byte[] got = in.readNBytes(BLOCK - offset);
      if (!Arrays.equals(got, 0, got.length, block, offset, BLOCK)) {
        throw new AssertionError("block " + i + " differs");
      }
      offset = 0;
    }
    assertThat(in.read()).isNegative();
  }

  private static RawConnection get(TestClient client, TestImage image) throws IOException {
    RawConnection connection = new RawConnection(client.port());
    connection.send(
        "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".formatted(image.path("layer")));
    return connection;
  }
}
