package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.registry.storage.StorageException.Reason;
import io.registry.testkit.BrokenRegistry;
import io.registry.testkit.BrokenStorage;
import io.registry.testkit.BrokenStorage.Outcome;
import io.registry.testkit.BrokenStorage.Verb;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What clients see of a store that fails, and that nothing of it is left once the store works. */
class StorageFailureHttpTest {
  @TempDir private static Path store;
  private static RegistryServer server;
  private static BrokenStorage storage;
  private static TestClient client;
  private static TestImage base;

  @BeforeAll
  static void start() {
    server = BrokenRegistry.start(store);
    storage = server.bean(BrokenStorage.class);
    client = server.client();
    base = TestImage.base("base", "layer of the base").push(client);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @AfterEach
  void heal() {
    storage.heal();
  }

  @ParameterizedTest
  @CsvSource({
    "FULL, 507, '', The storage is full",
    "DENIED, 503, 30, The storage refuses access",
    "UNAVAILABLE, 503, 30, The storage does not answer",
    "BROKEN, 500, '', The storage failed"
  })
  void aFailureIsAnErrorInJson(Reason reason, int status, String retryAfter, String text) {
    TestImage image = TestImage.child("json " + reason, base, "a layer");
    storage.fail(
        reason,
        (number, verb, key) ->
            verb == Verb.COMMIT && key.path().contains("/json_") ? Outcome.FAILED : Outcome.DONE);

    Answer answer = image.putJson(client);

    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.text())
        .isEqualTo(
            "{\"error\": \"%s\", \"request\": \"%s\"}"
                .formatted(text, answer.header("X-Request-Id")));
    assertThat(answer.header("Content-Type")).isEqualTo("application/json");
    assertThat(answer.header("Retry-After")).isEqualTo(retryAfter);
    storage.heal();
    assertThat(client.get(image.path("json")).status()).isEqualTo(404);
    image.push(client);
    assertWhole(image);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "READ_ONLY")
  void aLayerThatFailsHalfWayIsNotKept(Reason reason) {
    TestImage image = TestImage.of("half " + reason, base.id(), new byte[1_000_000]);
    assertThat(image.putJson(client).status()).isEqualTo(200);
    storage.fail(
        reason,
        (number, verb, key) ->
            verb == Verb.WRITE && key.path().endsWith("/layer") && number > 10
                ? Outcome.FAILED
                : Outcome.DONE);

    assertThat(image.putLayer(client).status()).isEqualTo(status(reason));

    storage.heal();
    assertThat(image.putChecksum(client).status()).isEqualTo(400);
    assertThat(client.get(image.path("layer")).status()).isEqualTo(400);
    assertThat(store.resolve("images/" + image.id() + "/layer")).doesNotExist();
    assertThat(image.putLayer(client).status()).isEqualTo(200);
    assertThat(image.putChecksum(client).status()).isEqualTo(200);
    assertWhole(image);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "READ_ONLY")
  void aTagThatCouldNotBeMovedNamesTheOldImage(Reason reason) {
    TestImage next = TestImage.child("next " + reason, base, "another layer").push(client);
    String path = "/v1/repositories/foo/move-" + reason + "/tags/latest";
    assertThat(client.put(path, quoted(base)).status()).isEqualTo(200);
    storage.fail(reason, Verb.COMMIT, "tag_latest");

    assertThat(client.put(path, quoted(next)).status()).isEqualTo(status(reason));
    assertThat(client.get(path).text()).isEqualTo(quoted(base));

    storage.heal();
    assertThat(client.put(path, quoted(next)).status()).isEqualTo(200);
    assertThat(client.get(path).text()).isEqualTo(quoted(next));
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "READ_ONLY")
  void aTagThatCouldNotBeRemovedIsThere(Reason reason) {
    String path = "/v1/repositories/foo/remove-" + reason + "/tags/v1";
    assertThat(client.put(path, quoted(base)).status()).isEqualTo(200);
    storage.fail(reason, Verb.DELETE, "tag_v1");

    assertThat(client.delete(path).status()).isEqualTo(status(reason));
    assertThat(client.get(path).text()).isEqualTo(quoted(base));

    storage.heal();
    assertThat(client.delete(path).status()).isEqualTo(200);
    assertThat(client.get(path).status()).isEqualTo(404);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "READ_ONLY")
  void aReadThatFailsIsAnErrorAndNotAnAbsence(Reason reason) {
    TestImage image = TestImage.child("read " + reason, base, "a layer").push(client);
    String tag = "/v1/repositories/foo/read-" + reason + "/tags/v1";
    assertThat(client.put(tag, quoted(image)).status()).isEqualTo(200);
    List<String> paths =
        List.of(
            image.path("json"),
            image.path("layer"),
            image.path("ancestry"),
            tag,
            "/v1/repositories/foo/read-" + reason + "/tags");
    storage.fail(reason, (number, verb, key) -> Outcome.FAILED);

    for (String path : paths) {
      Answer answer = client.get(path);
      assertThat(answer.status()).as(path).isEqualTo(status(reason));
      assertThat(answer.text()).as(path).startsWith("{\"error\": \"The storage ");
      assertThat(answer.header("Cache-Control")).as(path).isEqualTo("no-cache");
    }

    storage.heal();
    assertWhole(image);
  }

  @Test
  void aDownloadThatBreaksOffIsNotTakenForWhole() {
    TestImage image = TestImage.of("download", base.id(), new byte[200_000]).push(client);
    storage.fail(
        Reason.BROKEN,
        (number, verb, key) -> verb == Verb.READ && number > 15 ? Outcome.FAILED : Outcome.DONE);

    assertThatExceptionOfType(UncheckedIOException.class)
        .isThrownBy(() -> client.get(image.path("layer")));

    storage.heal();
    assertWhole(image);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "READ_ONLY")
  void aDownloadThatFailsBeforeItsFirstByteIsAnErrorThatNobodyCaches(Reason reason) {
    TestImage image = TestImage.child("small download " + reason, base, "layer").push(client);
    storage.fail(reason, Verb.READ, "layer");

    Answer answer = client.get(image.path("layer"), "Range", "bytes=1-3");

    assertThat(answer.status()).isEqualTo(status(reason));
    assertThat(answer.text()).startsWith("{\"error\": \"The storage ");
    assertThat(answer.headers("Content-Type")).containsExactly("application/json");
    assertThat(answer.headers("Cache-Control")).containsExactly("no-cache");
    assertThat(answer.headers("Expires")).containsExactly("-1");
    assertThat(answer.headers("ETag")).isEmpty();
    assertThat(answer.headers("Last-Modified")).isEmpty();
    assertThat(answer.headers("Content-Range")).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "READ_ONLY")
  void aLayerThatCannotBeReadToVerifyItIsNoFaultOfTheClient(Reason reason) throws IOException {
    TestImage image = TestImage.child("verify " + reason, base, "a layer");
    // As the original leaves an image whose checksum it has not heard.
    Path folder = Files.createDirectories(store.resolve("images/" + image.id()));
    Files.write(folder.resolve("json"), image.json());
    Files.writeString(
        folder.resolve("ancestry"), "[\"%s\", \"%s\"]".formatted(image.id(), base.id()));
    Files.writeString(folder.resolve("_inprogress"), "true");
    Files.write(folder.resolve("layer"), image.layer());
    Files.writeString(folder.resolve("_checksum"), image.checksum());
    storage.fail(reason, Verb.READ, "layer");

    assertThat(image.putChecksum(client).status()).isEqualTo(status(reason));

    storage.heal();
    assertThat(image.putChecksum(client).status()).isEqualTo(200);
    assertWhole(image);
  }

  @Test
  void theStatusTellsThatTheStorageIsBroken() {
    assertThat(client.get("/v1/_status").status()).isEqualTo(200);
    storage.fail(Reason.FULL, (number, verb, key) -> Outcome.FAILED);

    Answer answer = client.get("/v1/_status");

    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.text()).contains("\"storage\": \"broken storage failed to");
    assertThat(client.get("/v1/_ping").status()).isEqualTo(200);
  }

  @ParameterizedTest
  @EnumSource(
      value = Outcome.class,
      names = {"FAILED", "DONE_BUT_FAILED"})
  void whicheverOperationOfAPushFailsThePushCanBeRepeated(Outcome outcome) throws IOException {
    int failing = 1;
    while (failsAndHeals(outcome, failing)) {
      failing++;
    }
    assertThat(failing).as("operations of a push").isGreaterThan(20);
  }

  /** Answers whether a push has that many operations; if so, one has failed. */
  private static boolean failsAndHeals(Outcome outcome, int failing) throws IOException {
    String name = outcome + "-" + failing;
    TestImage image = TestImage.child(name, base, "layer of " + name);
    String tag = "/v1/repositories/push/" + name + "/tags/latest";

    // The lease of the cache is renewed whenever it is time for that.
    AtomicInteger operations = new AtomicInteger();
    storage.fail(
        Reason.BROKEN,
        (number, verb, key) ->
            !key.path().startsWith("_cache") && operations.incrementAndGet() == failing
                ? outcome
                : Outcome.DONE);
    boolean failed = pushFails(image, tag);
    storage.heal();

    assertWholeOrRefused(image);
    assertThat(client.get(tag).text()).isIn(quoted(image), "{\"error\": \"Tag not found\"}");
    if (client.get(image.path("json")).status() != 200) {
      image.push(client);
    }
    assertThat(client.put(tag, quoted(image)).status()).as(name).isEqualTo(200);
    assertWhole(image);
    assertThat(client.get(tag).text()).as(name).isEqualTo(quoted(image));
    assertThat(files("images/" + image.id()))
        .as(name)
        .containsExactly("_checksum", "ancestry", "json", "layer");
    assertThat(files("repositories/push/" + name))
        .containsExactly("json", "tag_latest", "taglatest_json");
    return failed;
  }

  /** Pushes up to the first refusal, which can only be that of the broken store. */
  private static boolean pushFails(TestImage image, String tag) {
    List<Supplier<Answer>> steps =
        List.of(
            () -> image.putJson(client),
            () -> image.putLayer(client),
            () -> image.putChecksum(client),
            () -> client.put(tag, quoted(image)));
    for (Supplier<Answer> step : steps) {
      Answer answer = step.get();
      if (answer.status() != 200) {
        assertThat(answer.status()).isEqualTo(500);
        return true;
      }
    }
    return false;
  }

  private static void assertWholeOrRefused(TestImage image) {
    if (client.get(image.path("json")).status() == 200) {
      assertWhole(image);
      return;
    }
    for (String part : List.of("json", "layer", "ancestry")) {
      assertThat(client.get(image.path(part)).status()).as(part).isIn(400, 404);
    }
  }

  private static void assertWhole(TestImage image) {
    Answer json = client.get(image.path("json"));
    assertThat(json.status()).isEqualTo(200);
    assertThat(json.bytes()).isEqualTo(image.json());
    assertThat(json.header("X-Docker-Checksum-Payload")).isEqualTo(image.checksum());
    assertThat(json.header("X-Docker-Size")).isEqualTo(Integer.toString(image.layer().length));
    assertThat(client.get(image.path("layer")).bytes()).isEqualTo(image.layer());
    assertThat(client.get(image.path("ancestry")).text())
        .isEqualTo("[\"%s\", \"%s\"]".formatted(image.id(), base.id()));
  }

  private static List<String> files(String folder) throws IOException {
    try (Stream<Path> files = Files.list(store.resolve(folder))) {
      return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
    }
  }

  private static String quoted(TestImage image) {
    return '"' + image.id() + '"';
  }

  private static int status(Reason reason) {
    return switch (reason) {
      case FULL -> 507;
      case READ_ONLY -> throw new IllegalArgumentException("no failure of the store");
      case DENIED, UNAVAILABLE -> 503;
      case BROKEN -> 500;
    };
  }
}
