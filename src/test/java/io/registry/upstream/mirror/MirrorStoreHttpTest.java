package io.registry.upstream.mirror;

import static io.registry.upstream.mirror.MirrorServer.image;
import static org.assertj.core.api.Assertions.assertThat;

import io.registry.storage.BlobStorage;
import io.registry.storage.StorageException.Reason;
import io.registry.testkit.BrokenRegistry;
import io.registry.testkit.BrokenStorage;
import io.registry.testkit.BrokenStorage.Verb;
import io.registry.testkit.FakeSource;
import io.registry.testkit.RawConnection;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestImage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A mirror whose store fails, or whose spool is too small. */
class MirrorStoreHttpTest {
  private static final int SIZE = 300_000;

  @TempDir private static Path directory;

  private static FakeSource source;
  private static RegistryServer mirror;

  @BeforeAll
  static void start() throws Exception {
    source = new FakeSource();
    mirror =
        BrokenRegistry.start(
            directory.resolve("store"),
            MirrorServer.arguments(
                directory, source.endpoint(), "--registry.mirror.spool-size=400KB"));
  }

  @AfterEach
  void heal() {
    store().heal();
  }

  @AfterAll
  static void stop() {
    mirror.close();
    source.close();
  }

  private static BrokenStorage store() {
    return (BrokenStorage) mirror.bean(BlobStorage.class);
  }

  @ParameterizedTest
  @EnumSource(
      value = Verb.class,
      names = {"CREATE", "WRITE", "COMMIT"})
  void nobodyGetsAllOfALayerThatCannotBeKept(Verb verb) throws Exception {
    TestImage image = image("cannot be kept " + verb, SIZE);
    source.serve(image);
    store().fail(Reason.FULL, verb, "layer");

    try (RawConnection connection = new RawConnection(mirror.port())) {
      connection.send("GET %s HTTP/1.1\r\nHost: x\r\n\r\n".formatted(image.path("layer")));
      String head = connection.readHead();
      if (head.startsWith("HTTP/1.1 200")) {
        assertThat(connection.in().readAllBytes()).hasSizeLessThan(SIZE);
      } else {
        assertThat(head).startsWith("HTTP/1.1 503");
      }
    }
    assertThat(MirrorServer.files(directory, image)).doesNotContain("layer");
  }

  @ParameterizedTest
  @EnumSource(
      value = Verb.class,
      names = {"CREATE", "COMMIT"})
  void anImageThatCannotBeDescribedIsAnsweredAsTheFailureThatItIs(Verb verb) throws Exception {
    TestImage image = image("cannot be described " + verb, 10);
    source.serve(image);
    store().fail(Reason.FULL, verb, "ancestry");

    assertThat(mirror.client().get(image.path("json")).status()).isEqualTo(507);
    assertThat(mirror.client().get(image.path("layer")).status()).isEqualTo(507);

    store().heal();
    assertThat(mirror.client().get(image.path("layer")).bytes()).isEqualTo(image.layer());
  }

  @Test
  void whatIsLeftOfAnAttemptOfAnotherImageIsReplaced() {
    TestImage before = TestImage.of("left over", "", new byte[] {1});
    TestImage after =
        new TestImage(
            before.id(),
            "{\"id\":\"%s\",\"new\":1}".formatted(before.id()).getBytes(StandardCharsets.UTF_8),
            new byte[] {2});
    source.serve(before);
    store().fail(Reason.FULL, Verb.COMMIT, "_checksum");
    assertThat(mirror.client().get(before.path("json")).status()).isEqualTo(507);
    store().heal();

    source.serve(after);

    assertThat(mirror.client().get(after.path("layer")).bytes()).isEqualTo(after.layer());
    assertThat(mirror.client().get(after.path("json")).headers("X-Docker-Checksum-Payload"))
        .containsExactly(after.checksum());
  }

  @Test
  void aLayerThatDoesNotFitIntoTheSpoolIsNotFetched() throws Exception {
    TestImage image = image("too large", 500_000);
    source.serve(image);
    assertThat(mirror.client().get(image.path("layer")).status()).isEqualTo(503);
    TestImage unknown = image("too large, unknown", 500_000);
    source
        .serve(unknown, List.of(unknown.id()))
        .on(unknown.path("layer"), FakeSource.chunked(unknown.layer()));
    try (RawConnection connection = new RawConnection(mirror.port())) {
      connection.send("GET %s HTTP/1.1\r\nHost: x\r\n\r\n".formatted(unknown.path("layer")));
      assertThat(connection.readAll()).doesNotEndWith("0\r\n\r\n");
    }

    TestImage smaller = image("fits", SIZE);
    source.serve(smaller);
    assertThat(mirror.client().get(smaller.path("layer")).bytes()).isEqualTo(smaller.layer());
  }
}
