package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.testkit.RawConnection;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import io.registry.testkit.TestLayer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** Several clients push, tag and read the same things at the same time. */
class ConcurrentPushHttpTest {
  private static final int CLIENTS = 100;
  private static final int LAYER = 300_000;

  @TempDir static Path store;
  private static RegistryServer server;
  private static TestClient client;

  @BeforeAll
  static void start() {
    server = RegistryServer.start(store);
    client = server.client();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void aHundredClientsPushTheSameImageAndAllSucceed(TestInfo test) throws Exception {
    TestImage image = TestImage.of(test.getDisplayName(), "", random(1, LAYER));
    assertThat(pushAtOnce(i -> image, i -> new String[0]))
        .allMatch(ConcurrentPushHttpTest::isTaken);
    assertStored(image);
    assertLoneRepetitionIsRefused(image);
  }

  @Test
  void aHundredClientsWithTokensOfTheirOwnPushTheSameImageAndAllSucceed(TestInfo test)
      throws Exception {
    TestImage image = TestImage.of(test.getDisplayName(), "", random(2, LAYER));
    assertThat(pushAtOnce(i -> image, ConcurrentPushHttpTest::token))
        .allMatch(ConcurrentPushHttpTest::isTaken);
    assertStored(image);
    assertLoneRepetitionIsRefused(image);
  }

  @Test
  void aHundredClientsThatCompressOneImageDifferentlyAllSucceed(TestInfo test) throws Exception {
    TestImage image = TestImage.base(test.getDisplayName(), "");
    byte[] content = random(3, 50_000);
    List<TestImage> variants =
        IntStream.range(0, CLIENTS)
            .mapToObj(i -> image.withLayer(TestLayer.compressed(content, i)))
            .toList();
    assertThat(pushAtOnce(variants::get, ConcurrentPushHttpTest::token))
        .allMatch(ConcurrentPushHttpTest::isTaken);
    byte[] layer = client.get(image.path("layer")).bytes();
    TestImage stored = image.withLayer(layer);
    assertThat(variants.stream().map(TestImage::checksum)).contains(stored.checksum());
    assertStored(stored);
  }

  @Test
  void aLoneClientThatRepeatsItselfIsToldThatTheImageExists(TestInfo test) {
    TestImage image = TestImage.base(test.getDisplayName(), "lone");
    image.push(client);
    assertLoneRepetitionIsRefused(image);
  }

  @Test
  void aLoneClientThatBeganTwiceIsStillToldThatTheImageExists(TestInfo test) {
    TestImage image = TestImage.base(test.getDisplayName(), "lone");
    assertThat(image.putJson(client).status()).isEqualTo(200);
    assertThat(image.putJson(client).status()).isEqualTo(200);
    assertThat(image.putLayer(client).status()).isEqualTo(200);
    assertThat(image.putLayer(client).status()).isEqualTo(200);
    assertThat(image.putChecksum(client).status()).isEqualTo(200);
    assertLoneRepetitionIsRefused(image);
  }

  @Test
  void theLayerThatIsVerifiedFirstIsTheOneThatStays(TestInfo test) {
    byte[] content = random(4, 5_000);
    TestImage first =
        TestImage.base(test.getDisplayName(), "").withLayer(TestLayer.compressed(content, 1));
    TestImage second = first.withLayer(TestLayer.compressed(content, 2));
    TestImage other = first.withLayer(TestLayer.compressed(random(5, 5_000), 1));
    assertThat(other.putJson(client, token(3)).status()).isEqualTo(200);
    assertThat(other.putLayer(client, token(3)).status()).isEqualTo(200);
    assertThat(first.putJson(client, token(1)).status()).isEqualTo(200);
    assertThat(second.putJson(client, token(2)).status()).isEqualTo(200);
    assertThat(first.putLayer(client, token(1)).status()).isEqualTo(200);
    assertThat(second.putLayer(client, token(2)).status()).isEqualTo(200);
    assertThat(client.get(first.path("json")).status()).isEqualTo(400);
    assertThat(second.putChecksum(client, token(2)).status()).isEqualTo(200);
    assertStored(second);
    assertThat(first.putChecksum(client, token(1)).status()).isEqualTo(200);
    assertThat(other.putChecksum(client, token(3)))
        .hasToString("409 {\"error\": \"Another image has this id\"}");
    assertStored(second);
    assertLoneRepetitionIsRefused(second);
  }

  @Test
  void aClientThatComesLateToTheLayerMayFinishToo(TestInfo test) {
    TestImage image = TestImage.base(test.getDisplayName(), "shared");
    assertThat(image.putJson(client, token(1)).status()).isEqualTo(200);
    assertThat(image.putJson(client, token(2)).status()).isEqualTo(200);
    assertThat(image.putLayer(client, token(1)).status()).isEqualTo(200);
    assertThat(image.putChecksum(client, token(1)).status()).isEqualTo(200);
    assertThat(image.putLayer(client, token(2)).status()).isEqualTo(200);
    TestImage wrong = image.withLayer("something else".getBytes(StandardCharsets.UTF_8));
    assertThat(wrong.putChecksum(client, token(2)))
        .hasToString("400 {\"error\": \"Checksum mismatch\"}");
    assertThat(image.putChecksum(client, token(2)).status()).isEqualTo(200);
    assertStored(image);
    assertLoneRepetitionIsRefused(image);
  }

  @Test
  void aLayerCountsWithEachJsonThatItsClientHasSent(TestInfo test) throws IOException {
    TestImage image = TestImage.base(test.getDisplayName(), "layer");
    String other = "{\"id\": \"%s\", \"comment\": \"other\"}".formatted(image.id());
    TestImage renamed =
        new TestImage(image.id(), other.getBytes(StandardCharsets.UTF_8), image.layer());
    String token = token(1)[1];
    try (RawConnection upload = new RawConnection(client.port())) {
      assertThat(image.putJson(client, "User-Agent", "x", "Authorization", token).status())
          .isEqualTo(200);
      upload.send(
          String.join(
              "\r\n",
              "PUT " + image.path("layer") + " HTTP/1.1",
              "Host: x",
              "User-Agent: x",
              "Authorization: " + token,
              "Expect: 100-continue",
              "Content-Length: 5",
              "",
              ""));
      assertThat(upload.readHead()).startsWith("HTTP/1.1 100");
      assertThat(renamed.putJson(client, "User-Agent", "x", "Authorization", token).status())
          .isEqualTo(200);
      upload.send("layer");
      assertThat(upload.readHead()).startsWith("HTTP/1.1 200");
    }
    assertThat(renamed.putChecksum(client, "User-Agent", "x", "Authorization", token).status())
        .isEqualTo(200);
    assertThat(client.get(image.path("json")).bytes()).isEqualTo(renamed.json());
    assertThat(client.get(image.path("json")).headers("X-Docker-Checksum-Payload"))
        .containsExactly(renamed.checksum());
  }

  @Test
  void readersDuringPushesSeeNothingOrTheWholeImage(TestInfo test) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      for (int round = 0; round < 10; round++) {
        TestImage image = TestImage.of(test.getDisplayName() + round, "", random(round, LAYER));
        CountDownLatch done = new CountDownLatch(1);
        List<Future<Boolean>> readers = new ArrayList<>();
        for (int reader = 0; reader < 4; reader++) {
          readers.add(threads.submit(() -> readUntil(done, image)));
        }
        for (int pusher = 0; pusher < 3; pusher++) {
          TestImage variant = image.withLayer(TestLayer.compressed(image.layer(), pusher));
          String[] token = token(pusher);
          readers.add(threads.submit(() -> isTaken(push(variant, token))));
        }
        for (Future<Boolean> pusher : readers.subList(4, 7)) {
          assertThat(pusher.get()).isTrue();
        }
        done.countDown();
        for (Future<Boolean> reader : readers) {
          assertThat(reader.get()).isTrue();
        }
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void aTagThatMovesIsReadAsOneOfItsValues(TestInfo test) throws Exception {
    TestImage one = TestImage.base(test.getDisplayName() + 1, "1").push(client);
    TestImage two = TestImage.base(test.getDisplayName() + 2, "2").push(client);
    String tags = "/v1/repositories/race/moving/tags";
    assertThat(client.put(tags + "/t", '"' + one.id() + '"').status()).isEqualTo(200);
    List<Callable<Boolean>> all = new ArrayList<>();
    for (int thread = 0; thread < 4; thread++) {
      String id = thread % 2 == 0 ? one.id() : two.id();
      all.add(
          () ->
              IntStream.range(0, 50)
                  .allMatch(i -> client.put(tags + "/t", '"' + id + '"').status() == 200));
      all.add(
          () ->
              IntStream.range(0, 100)
                  .mapToObj(i -> client.get(tags + "/t").text())
                  .allMatch(text -> text.contains(one.id()) || text.contains(two.id())));
      all.add(
          () ->
              IntStream.range(0, 50)
                  .mapToObj(i -> client.get(tags).text())
                  .allMatch(
                      text ->
                          text.equals("{\"t\": \"" + one.id() + "\"}")
                              || text.equals("{\"t\": \"" + two.id() + "\"}")));
    }
    ExecutorService threads = Executors.newFixedThreadPool(all.size());
    try {
      for (Future<Boolean> result : threads.invokeAll(all)) {
        assertThat(result.get()).isTrue();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void imageListsOfClientsThatPushAtOnceAreMerged() throws Exception {
    String path = "/v1/repositories/race/lists";
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Callable<Integer>> all = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        String body = "[{\"id\": \"" + TestImage.id("list" + i) + "\"}]";
        all.add(() -> client.put(path + "/", body).status());
      }
      for (Future<Integer> status : threads.invokeAll(all)) {
        assertThat(status.get()).isEqualTo(200);
      }
    } finally {
      threads.shutdownNow();
    }
    String list = client.get(path + "/images").text();
    assertThat(IntStream.range(0, 50).mapToObj(i -> TestImage.id("list" + i)))
        .allMatch(list::contains);
  }

  private static List<List<Answer>> pushAtOnce(
      IntFunction<TestImage> images, IntFunction<String[]> headers) throws Exception {
    CyclicBarrier start = new CyclicBarrier(CLIENTS);
    ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
    try {
      List<Future<List<Answer>>> pushes = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        TestImage image = images.apply(i);
        String[] header = headers.apply(i);
        pushes.add(
            threads.submit(
                () -> {
                  start.await();
                  return push(image, header);
                }));
      }
      List<List<Answer>> answers = new ArrayList<>();
      for (Future<List<Answer>> push : pushes) {
        answers.add(push.get());
      }
      return answers;
    } finally {
      threads.shutdownNow();
    }
  }

  /** As a daemon does it: an image that exists is skipped. */
  private static List<Answer> push(TestImage image, String... headers) {
    Answer json = image.putJson(client, headers);
    if (json.status() != 200) {
      return List.of(json);
    }
    return List.of(json, image.putLayer(client, headers), image.putChecksum(client, headers));
  }

  private static boolean isTaken(List<Answer> answers) {
    return answers.stream().allMatch(answer -> answer.status() == 200)
        || (answers.size() == 1
            && answers.get(0).toString().equals("409 {\"error\": \"Image already exists\"}"));
  }

  private static boolean readUntil(CountDownLatch done, TestImage image) {
    boolean last;
    do {
      last = done.getCount() == 0;
      Answer layer = client.get(image.path("layer"));
      Answer json = client.get(image.path("json"));
      if (layer.status() == 200) {
        String checksum = image.withLayer(layer.bytes()).checksum();
        if (!json.headers("X-Docker-Checksum-Payload").equals(List.of(checksum))) {
          return false;
        }
      } else if (last || (layer.status() != 404 && layer.status() != 400)) {
        return false;
      }
    } while (!last);
    return true;
  }

  private static void assertStored(TestImage image) {
    Answer json = client.get(image.path("json"));
    assertThat(json.bytes()).isEqualTo(image.json());
    assertThat(json.headers("X-Docker-Checksum-Payload")).containsExactly(image.checksum());
    assertThat(client.get(image.path("layer")).bytes()).isEqualTo(image.layer());
    try (Stream<Path> files = Files.list(store.resolve("images").resolve(image.id()))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("json", "ancestry", "layer", "_checksum");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void assertLoneRepetitionIsRefused(TestImage image) {
    String exists = "409 {\"error\": \"Image already exists\"}";
    assertThat(image.putChecksum(client))
        .hasToString("409 {\"error\": \"Cannot set this image checksum\"}");
    assertThat(image.putLayer(client)).hasToString(exists);
    assertThat(image.putJson(client)).hasToString(exists);
    assertThat(image.putChecksum(client).status()).isEqualTo(409);
  }

  private static String[] token(int number) {
    return new String[] {
      "Authorization", "Token Token signature=S%d,repository=\"a/b\",access=write".formatted(number)
    };
  }

  private static byte[] random(int seed, int size) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }
}
