package io.registry.web.v1;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.condition.OS.LINUX;

import io.registry.testkit.RawConnection;
import io.registry.testkit.RegistryProcess;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.io.TempDir;

/** A client begins images and finishes none, at a registry with a heap of 96 MiB. */
@Tag("external")
@Tag("slow")
class AbandonedUploadsHttpTest {
  private static final int ABANDONED = 5_000;
  private static final int SHARE = 1_000;
  private static final int WARM = 3 * SHARE;

  /** A kibibyte remembered of each image that was begun would take 17 MB more. */
  private static final long MOST_GROWTH = 6_000_000;

  /** Another address of this machine, on which it can be had without being set up. */
  private static final String OTHER_ADDRESS = "127.0.0.2";

  private static final int PUSHES = 10;

  @Test
  @EnabledOnOs(LINUX)
  void aClientThatFinishesNothingIsRefusedAloneAndCostsItsShareOnly(@TempDir Path store)
      throws Exception {
    try (RegistryProcess registry = RegistryProcess.start(store)) {
      TestClient client = registry.client();
      long warm = 0;
      for (int i = 0; i < ABANDONED; i++) {
        Answer answer = begin(client, i);
        if (i < SHARE) {
          assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
        } else {
          assertThat(answer.status()).as(answer.toString()).isEqualTo(429);
          assertThat(answer.text()).contains("finish uploads, or try again later");
        }
        if (i == WARM) {
          warm = registry.liveBytes();
        }
        if (i % (ABANDONED / PUSHES) == 0) {
          push(client.port(), TestImage.base("pushed-" + i, "a layer"));
          assertThat(staged(store)).isLessThanOrEqualTo(SHARE);
        }
      }
      long end = registry.liveBytes();
      System.out.printf(
          "%d images begun: live heap %d bytes after %d, %d at the end; %d folders%n",
          ABANDONED, warm, WARM, end, staged(store));
      assertThat(staged(store)).isEqualTo(SHARE);
      assertThat(end - warm).isLessThan(MOST_GROWTH);
    }
  }

  // Each request looks like another client at the same address.
  private static Answer begin(TestClient client, int number) {
    return TestImage.base("abandoned-" + number, "")
        .putJson(client, "User-Agent", "docker/" + number + " " + "x".repeat(1024));
  }

  private static void push(int port, TestImage image) throws IOException {
    put(port, image.path("json"), "", image.json());
    put(port, image.path("layer"), "", image.layer());
    put(
        port,
        image.path("checksum"),
        "X-Docker-Checksum-Payload: " + image.checksum() + "\r\n",
        new byte[0]);
  }

  private static void put(int port, String path, String headers, byte[] body) throws IOException {
    try (RawConnection connection = RawConnection.from(OTHER_ADDRESS, port)) {
      connection.send(
          "PUT %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%sContent-Length: %d\r\n\r\n%s"
              .formatted(path, headers, body.length, new String(body, ISO_8859_1)));
      assertThat(connection.readAll()).startsWith("HTTP/1.1 200");
    }
  }

  // An image has a folder, and in it one for each client.
  private static long staged(Path store) throws IOException {
    try (Stream<Path> images = Files.list(store.resolve("_staging"))) {
      List<Path> all = images.toList();
      long places = 0;
      for (Path image : all) {
        try (Stream<Path> clients = Files.list(image)) {
          places += Math.max(1, clients.count());
        }
      }
      return places;
    }
  }
}
