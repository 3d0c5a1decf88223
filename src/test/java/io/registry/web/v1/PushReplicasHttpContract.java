package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.testkit.Budget;
import io.registry.testkit.RegistryProcess;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import io.registry.testkit.TestLayer;
import io.registry.testkit.Together;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Two processes on one store: clients push one image, and their requests go to either of them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class PushReplicasHttpContract {
  static final int MORE_THAN_TWO_PARTS = 12 * 1024 * 1024;

  private static final int SMALL = 50_000;
  private static final int CLIENTS = 4;
  private static final int REQUESTS = 3;
  private static final int MAX_DELAY_NANOS = 6_000_000;
  private static final String EXISTS = "409 {\"error\": \"Image already exists\"}";
  private static final String OTHER = "409 {\"error\": \"Another image has this id\"}";

  private final long seed = Budget.seed();
  private final Random random = new Random(seed);
  private final List<RegistryProcess> replicas = new ArrayList<>();

  /** The command line of each registry. */
  abstract List<String> arguments();

  /** The paths of all files in the store. */
  abstract List<String> files() throws Exception;

  abstract int rounds();

  abstract int kills();

  /** How long the content of the layer is in that round. */
  int size(int round) {
    return SMALL;
  }

  @BeforeAll
  void start() throws Exception {
    replicas.add(newReplica());
    replicas.add(newReplica());
  }

  @AfterAll
  void stop() throws Exception {
    for (RegistryProcess replica : replicas) {
      replica.close();
    }
  }

  private RegistryProcess newReplica() throws Exception {
    return RegistryProcess.startWith(arguments().toArray(String[]::new));
  }

  @Test
  void allClientsThatPushOneImageSucceedAndReadersSeeOneImage() throws Exception {
    for (int round = 0; round < rounds(); round++) {
      List<TestImage> sent = variants("same " + round, content(size(round)), CLIENTS);
      Reader reader = new Reader(sent);
      List<Together.Task> pushes = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        Client client = new Client(sent.get(i), round + "-" + i, anyReplica());
        pushes.add(() -> assertThat(client.push()).as(client.image.id()).isIn("200 true", EXISTS));
      }
      whileReading(reader, pushes);
      assertNothingElse(reader);
    }
  }

  @Test
  void oneOfTwoImagesWithOneIdWinsAndItsBytesStay() throws Exception {
    for (int round = 0; round < rounds(); round++) {
      TestImage image = TestImage.base("different " + round, "");
      List<TestImage> sent =
          IntStream.range(0, 2)
              .mapToObj(i -> image.withLayer(TestLayer.compressed(content(SMALL), i)))
              .toList();
      Reader reader = new Reader(sent);
      List<Client> clients = clients(sent, "different " + round);
      for (Client client : clients) {
        assertThat(client.json()).hasToString("200 true");
      }
      List<TestImage> won = Collections.synchronizedList(new ArrayList<>());
      whileReading(
          reader,
          clients.stream()
              .<Together.Task>map(
                  client ->
                      () -> {
                        assertThat(client.layer()).hasToString("200 true");
                        String answer = client.checksum().toString();
                        assertThat(answer).isIn("200 true", OTHER);
                        if (!answer.equals(OTHER)) {
                          won.add(client.image);
                        }
                      })
              .toList());
      assertThat(won).as("round " + round).hasSize(1);
      assertThat(assertStoredWhole(reader)).isEqualTo(won.get(0).layer());
    }
  }

  @Test
  void clientsWhoseRequestsInterleaveAllSucceed() throws Exception {
    for (int round = 0; round < rounds(); round++) {
      List<TestImage> sent = variants("interleaved " + round, content(SMALL), 2);
      Reader reader = new Reader(sent);
      List<Client> clients =
          List.of(
              new Client(sent.get(0), "interleaved 0 " + round, () -> replicas.get(0).client()),
              new Client(sent.get(1), "interleaved 1 " + round, () -> replicas.get(1).client()));
      for (Function<Client, Answer> request :
          List.<Function<Client, Answer>>of(Client::json, Client::layer)) {
        for (Client client : clients) {
          assertThat(request.apply(client)).hasToString("200 true");
        }
      }
      whileReading(
          reader,
          clients.stream()
              .<Together.Task>map(
                  client -> () -> assertThat(client.checksum()).hasToString("200 true"))
              .toList());
      assertNothingElse(reader);
    }
  }

  @Test
  void whatAKilledReplicaLeftIsPushedAgainThroughTheOtherOne() throws Exception {
    List<Reader> acknowledged = new ArrayList<>();
    for (int round = 0; round < kills(); round++) {
      List<TestImage> sent = variants("killed " + round, content(SMALL), CLIENTS);
      RegistryProcess killed = replicas.get(0);
      Supplier<TestClient> survivor = () -> replicas.get(1).client();
      AtomicReference<Optional<byte[]>> before = new AtomicReference<>(Optional.empty());
      Supplier<TestClient> replica = killing(killed);
      List<Together.Task> pushes = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        Client client = new Client(sent.get(i), "killed " + round + "-" + i, replica);
        pushes.add(
            () -> {
              try {
                assertThat(client.push()).isIn("200 true", EXISTS);
                // The image is acknowledged: these are its bytes from now on.
                before.set(Optional.of(survivor.get().get(client.image.path("layer")).bytes()));
              } catch (UncheckedIOException e) {
                Client again = new Client(client.image, client.name, survivor);
                assertThat(again.push()).isIn("200 true", EXISTS);
              }
            });
      }
      Together.run(pushes);
      killed.kill();
      killed.awaitEnd();
      replicas.set(0, replicas.get(1));
      Reader reader = new Reader(sent);
      byte[] stored = assertStoredWhole(reader);
      before.get().ifPresent(layer -> assertThat(stored).isEqualTo(layer));
      acknowledged.add(reader);
      replicas.set(0, newReplica());
      for (Reader each : acknowledged) {
        each.read(replicas.get(0).client());
        assertThat(each.hasSeen()).isTrue();
      }
    }
  }

  // The blow falls while the requests of the clients are being handled.
  private Supplier<TestClient> killing(RegistryProcess killed) {
    AtomicInteger left = new AtomicInteger(1 + random.nextInt(CLIENTS * REQUESTS));
    int delay = random.nextInt(MAX_DELAY_NANOS);
    Supplier<TestClient> any = anyReplica();
    return () -> {
      if (left.decrementAndGet() == 0) {
        new Thread(
                () -> {
                  LockSupport.parkNanos(delay);
                  killed.kill();
                })
            .start();
      }
      return any.get();
    };
  }

  private Supplier<TestClient> anyReplica() {
    Random own = new Random(random.nextLong());
    return () -> {
      synchronized (own) {
        return replicas.get(own.nextInt(replicas.size())).client();
      }
    };
  }

  private List<Client> clients(List<TestImage> sent, String name) {
    return IntStream.range(0, sent.size())
        .mapToObj(i -> new Client(sent.get(i), name + "-" + i, anyReplica()))
        .toList();
  }

  private byte[] content(int size) {
    byte[] content = new byte[size];
    random.nextBytes(content);
    return content;
  }

  private static List<TestImage> variants(String name, byte[] content, int count) {
    TestImage image = TestImage.base(name, "");
    return IntStream.range(0, count)
        .mapToObj(i -> image.withLayer(TestLayer.compressed(content, i)))
        .toList();
  }

  private void whileReading(Reader reader, List<Together.Task> pushes) throws Exception {
    CountDownLatch under = new CountDownLatch(pushes.size());
    List<Together.Task> all = new ArrayList<>();
    for (Together.Task push : pushes) {
      all.add(
          () -> {
            try {
              push.run();
            } finally {
              under.countDown();
            }
          });
    }
    all.add(
        () -> {
          while (under.getCount() > 0) {
            for (RegistryProcess replica : replicas) {
              reader.read(replica.client());
            }
          }
        });
    try {
      Together.run(all);
    } catch (Exception | AssertionError e) {
      throw new AssertionError("with -Dseed=" + seed + ": " + e, e);
    }
  }

  /** The image is there, and nothing is left of what the clients have sent. */
  private void assertNothingElse(Reader reader) throws Exception {
    assertStoredWhole(reader);
    assertThat(files()).noneMatch(file -> file.startsWith("_staging/" + reader.id()));
  }

  /** The image is there with its four files, and has the layer that is returned. */
  private byte[] assertStoredWhole(Reader reader) throws Exception {
    for (RegistryProcess replica : replicas) {
      reader.read(replica.client());
    }
    assertThat(reader.hasSeen()).as("an image that was pushed").isTrue();
    String folder = "images/" + reader.id() + "/";
    assertThat(files().stream().filter(file -> file.startsWith(folder)))
        .as("seed " + seed)
        .containsExactlyInAnyOrder(
            folder + "json", folder + "ancestry", folder + "layer", folder + "_checksum");
    return reader.layer();
  }

  /** A client with a token of its own. */
  private static final class Client {
    final TestImage image;
    final String name;
    private final Supplier<TestClient> replica;

    Client(TestImage image, String name, Supplier<TestClient> replica) {
      this.image = image;
      this.name = name;
      this.replica = replica;
    }

    private String[] token() {
      return new String[] {
        "Authorization",
        "Token Token signature=%s,repository=\"a/b\",access=write".formatted(TestImage.id(name))
      };
    }

    Answer json() {
      return image.putJson(replica.get(), token());
    }

    Answer layer() {
      return image.putLayer(replica.get(), token());
    }

    Answer checksum() {
      return image.putChecksum(replica.get(), token());
    }

    /** The answer that ends the push: daemons skip an image that is there already. */
    String push() {
      String json = json().toString();
      if (json.equals(EXISTS)) {
        return json;
      }
      assertThat(json).isEqualTo("200 true");
      assertThat(layer()).hasToString("200 true");
      return checksum().toString();
    }
  }

  /** Expects nothing, and from some moment on one image. */
  private static final class Reader {
    private final List<TestImage> possible;
    private Optional<TestImage> seen = Optional.empty();

    Reader(List<TestImage> possible) {
      this.possible = possible;
    }

    String id() {
      return possible.get(0).id();
    }

    boolean hasSeen() {
      return seen.isPresent();
    }

    byte[] layer() {
      return seen.orElseThrow().layer();
    }

    void read(TestClient client) {
      TestImage any = possible.get(0);
      Answer early = client.get(any.path("layer"));
      Answer json = client.get(any.path("json"));
      if (json.status() != 200) {
        // Nothing, or "Image is being uploaded, retry later".
        assertThat(json.status()).as(json.toString()).isIn(400, 404);
        assertThat(early.status()).as(early::toString).isIn(400, 404);
        assertThat(seen).as("an image that was there is gone: " + json).isEmpty();
        return;
      }
      Answer layer = client.get(any.path("layer"));
      assertThat(layer.status()).isEqualTo(200);
      Set<TestImage> found = new HashSet<>(seen.map(List::of).orElse(possible));
      found.removeIf(image -> !Arrays.equals(image.layer(), layer.bytes()));
      assertThat(found).as("a layer that a client sent, and always the same").hasSize(1);
      TestImage image = found.iterator().next();
      if (early.status() == 200) {
        assertThat(early.bytes()).isEqualTo(image.layer());
      }
      assertThat(json.bytes()).isEqualTo(image.json());
      assertThat(json.headers("X-Docker-Checksum-Payload")).containsExactly(image.checksum());
      assertThat(json.header("X-Docker-Size")).isEqualTo("" + image.layer().length);
      assertThat(client.get(image.path("ancestry"))).hasToString("200 [\"" + image.id() + "\"]");
      seen = Optional.of(image);
    }
  }
}
