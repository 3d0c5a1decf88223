package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.testkit.RawConnection;
import io.registry.testkit.RegistryProcess;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a registry with a heap of 96 MiB can do, on any store: more than it could if it held a
 * layer, or a part of one for each client, in memory.
 */
abstract class MemoryHttpContract {
  /** All clients of the test have one address. */
  static final String WHOLE_SHARE = "--registry.limits.concurrency.share=100";

  private static final int BLOCK = 1024 * 1024;

  /** The registry; its store is of the test's own. */
  protected abstract RegistryProcess start(Path directory) throws Exception;

  /** The size of a large layer in bytes, a multiple of a mebibyte. */
  protected abstract long large();

  /** How many readers come at the same time. */
  protected abstract int readers();

  /** The size of the layer that they read, in mebibytes. */
  protected abstract int readSize();

  /** How many uploads come at the same time. */
  protected abstract int uploaders();

  /** The half of what each of them sends, in bytes. */
  protected abstract int half();

  @Test
  void aLayerLargerThanTheHeapIsPushedAndPulled(@TempDir Path store) throws Exception {
    try (RegistryProcess registry = start(store)) {
      TestClient client = registry.client();
      TestImage image = TestImage.base("large", "");
      assertThat(image.putJson(client).status()).isEqualTo(200);
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(image.json());
      digest.update((byte) '\n');
      String checksum = "sha256:" + hex(pushLarge(client, image, digest));
      assertThat(
              client
                  .put(image.path("checksum"), "", "X-Docker-Checksum-Payload", checksum)
                  .status())
          .isEqualTo(200);
      assertThat(client.get(image.path("json")).header("X-Docker-Size"))
          .isEqualTo(Long.toString(large()));

      pullLarge(client, image);
    }
  }

  @Test
  void manySlowReadersAreServedAtOnce(@TempDir Path store) throws Exception {
    List<RawConnection> readers = new ArrayList<>();
    try (RegistryProcess registry = start(store)) {
      TestClient client = registry.client();
      TestImage image = TestImage.of("slow", "", random(readSize() * BLOCK)).push(client);
      for (int i = 0; i < readers(); i++) {
        RawConnection reader = new RawConnection(client.port());
        readers.add(reader);
        reader.send(get(image));
        assertThat(reader.readHead()).startsWith("HTTP/1.1 200");
      }
      for (int round = 1; round <= 3; round++) {
        for (RawConnection reader : readers) {
          assertThat(reader.in().readNBytes(1000))
              .isEqualTo(Arrays.copyOfRange(image.layer(), round * 1000 - 1000, round * 1000));
        }
        assertThat(client.get("/v1/_ping").status()).isEqualTo(200);
      }
      byte[] rest = readers.get(readers() - 1).in().readAllBytes();
      assertThat(rest).isEqualTo(Arrays.copyOfRange(image.layer(), 3000, image.layer().length));
    } finally {
      for (RawConnection reader : readers) {
        reader.close();
      }
    }
  }

  @Test
  void manySlowUploadsAreTakenAtOnce(@TempDir Path store) throws Exception {
    List<RawConnection> uploads = new ArrayList<>();
    try (RegistryProcess registry = start(store)) {
      TestClient client = registry.client();
      String half = "x".repeat(half());
      for (int i = 0; i < uploaders(); i++) {
        TestImage image = TestImage.base("upload" + i, half + half);
        assertThat(image.putJson(client).status()).isEqualTo(200);
        RawConnection upload = new RawConnection(client.port());
        uploads.add(upload);
        upload.send(
            "PUT %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
                .formatted(image.path("layer"), 2 * half()));
        upload.send(half);
      }
      assertThat(client.get("/v1/_ping").status()).isEqualTo(200);
      for (int i = 0; i < uploaders(); i++) {
        uploads.get(i).send(half);
        assertThat(uploads.get(i).readHead()).startsWith("HTTP/1.1 200");
        TestImage image = TestImage.base("upload" + i, half + half);
        assertThat(image.putChecksum(client).status()).isEqualTo(200);
      }
    } finally {
      for (RawConnection upload : uploads) {
        upload.close();
      }
    }
  }

  private byte[] pushLarge(TestClient client, TestImage image, MessageDigest digest)
      throws IOException {
    byte[] block = random(BLOCK);
    try (RawConnection upload = new RawConnection(client.port())) {
      upload.send(
          "PUT %s HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
              .formatted(image.path("layer")));
      for (long sent = 0; sent < large(); sent += BLOCK) {
        upload.send(Integer.toHexString(BLOCK) + "\r\n");
        upload.out().write(block);
        upload.send("\r\n");
        digest.update(block);
      }
      upload.send("0\r\n\r\n");
      assertThat(upload.readHead()).startsWith("HTTP/1.1 200");
    }
    return digest.digest();
  }

  private void pullLarge(TestClient client, TestImage image) throws IOException {
    byte[] block = random(BLOCK);
    try (RawConnection download = new RawConnection(client.port())) {
      download.send(get(image));
      assertThat(download.readHead()).contains("Content-Length: " + large());
      InputStream in = download.in();
      byte[] buffer = new byte[BLOCK];
      for (long pulled = 0; pulled < large(); pulled += BLOCK) {
        assertThat(in.readNBytes(buffer, 0, BLOCK)).isEqualTo(BLOCK);
        // Not by AssertJ, which looks at each byte.
        assertThat(Arrays.equals(buffer, block)).as("the block at %s", pulled).isTrue();
      }
      assertThat(in.read()).isEqualTo(-1);
    }
  }

  private static String get(TestImage image) {
    return "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".formatted(image.path("layer"));
  }

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(4).nextBytes(bytes);
    return bytes;
  }

  private static String hex(byte[] digest) {
    return HexFormat.of().formatHex(digest);
  }
}
