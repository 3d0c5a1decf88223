package io.registry.content.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.registry.platform.json.JsonCodec;
import io.registry.platform.problem.RegistryException;
import io.registry.storage.Blob;
import io.registry.storage.BlobEntry;
import io.registry.storage.BlobKey;
import io.registry.storage.ByteRange;
import io.registry.storage.StorageException;
import io.registry.storage.StorageException.Reason;
import io.registry.testkit.BrokenStorage;
import io.registry.testkit.BrokenStorage.Outcome;
import io.registry.testkit.Budget;
import io.registry.testkit.InMemoryBlobStorage;
import io.registry.testkit.TestImage;
import io.registry.testkit.TestLayer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The protocol of a push: several clients, replicas, repetitions, crashes and strangers, in every
 * order for small numbers and in random orders for larger ones.
 */
@Tag("slow")
class PushModelTest {
  private static final JsonCodec CODEC = new JsonCodec();
  private static final UploadProperties EXPIRED =
      new UploadProperties(
          Duration.ofSeconds(-1),
          Duration.ofHours(1),
          UploadProperties.DEFAULTS.perClient(),
          UploadProperties.DEFAULTS.total(),
          UploadProperties.DEFAULTS.bytesPerClient(),
          UploadProperties.DEFAULTS.bytesTotal());
  private static final byte[] CONTENT =
      "what the layer holds, and more of it".repeat(9).getBytes(UTF_8);
  private static final TestImage IMAGE =
      TestImage.base("base", "").withLayer(TestLayer.compressed(CONTENT, 1));
  private static final ImageId ID = new ImageId(IMAGE.id());

  /** How images become visible: by the move of a folder, or by a claim. */
  private enum Store {
    MOVES,
    CLAIMS
  }

  private static final Pusher SAME = new Pusher("same");

  /** What is answered to a client whose image is complete meanwhile. */
  private static final String EXISTS = "Image already exists|Cannot set this image checksum";

  /** In what two clients' forms of one image differ. */
  private enum Difference {
    NONE,
    COMPRESSION,
    REWRITTEN_JSON
  }

  private static final class MovingStorage extends InMemoryBlobStorage {
    @Override
    public synchronized boolean moveFolder(BlobKey from, BlobKey to) {
      List<String> files;
      try (Stream<String> names = names(from);
          Stream<BlobEntry> there = list(to)) {
        files = names.toList();
        if (files.isEmpty() || there.findAny().isPresent()) {
          return false;
        }
      }
      for (String name : files) {
        write(to.child(name), read(from.child(name), ImageKeys.SMALL).orElseThrow());
        delete(from.child(name));
      }
      return true;
    }
  }

  /** A store with replicas, which can die, and what was seen of the image. */
  private static final class World {
    private final InMemoryBlobStorage storage;
    private final StoredImages reader;
    private final BrokenStorage[] stores = new BrokenStorage[2];
    private final ImageUploads[] replicas = new ImageUploads[2];
    private byte[] seen = {};

    World(Store store) {
      storage = store == Store.MOVES ? new MovingStorage() : new InMemoryBlobStorage();
      reader = new StoredImages(storage, CODEC);
      for (int replica = 0; replica < replicas.length; replica++) {
        restart(replica);
      }
    }

    void restart(int replica) {
      stores[replica] = new BrokenStorage(storage);
      replicas[replica] = uploads(stores[replica], UploadProperties.DEFAULTS);
    }

    static ImageUploads uploads(BrokenStorage storage, UploadProperties limits) {
      return new ImageUploads(
          storage,
          CODEC,
          image -> {},
          ImageEvents.UNHEARD,
          PushRule.NONE,
          limits,
          Clock.systemUTC());
    }

    /** Readers see nothing or a whole image, and always the same. */
    void observe() {
      byte[] found;
      try {
        ImageDescriptor described = reader.describe(ID);
        try (Blob layer = reader.layer(ID, ByteRange.ALL)) {
          byte[] bytes = layer.body().readAllBytes();
          TestImage whole = new TestImage(IMAGE.id(), described.json(), bytes);
          assertThat(described.checksums()).contains(new Checksum(whole.checksum()));
          assertThat(reader.ancestry(ID)).containsExactly(ID);
          found = (whole.checksum() + Arrays.hashCode(bytes)).getBytes(UTF_8);
        }
      } catch (RegistryException e) {
        assertThat(seen).as("an image that was there is refused: %s", e.getMessage()).isEmpty();
        return;
      } catch (IOException e) {
        throw new AssertionError(e);
      }
      if (seen.length > 0) {
        assertThat(found).as("a complete image changes").isEqualTo(seen);
      }
      seen = found;
    }

    void assertClean() {
      uploads(new BrokenStorage(storage), EXPIRED).sweep().run();
      try (Stream<String> staged = storage.folders(StagingPlace.ROOT);
          Stream<String> files = storage.names(ImageKeys.folder(ID))) {
        assertThat(staged).isEmpty();
        assertThat(files).containsExactlyInAnyOrder("json", "ancestry", "layer", "_checksum");
      }
    }
  }

  /** A daemon: three requests, of which it leaves out the rest when the image exists. */
  private static final class Client {
    private final Pusher pusher;
    private final TestImage image;
    private int next;

    Client(Pusher pusher, TestImage image) {
      this.pusher = pusher;
      this.image = image;
    }

    boolean isDone() {
      return next == 3;
    }

    // A client that looks like another one may find that the other one has completed the image.
    private boolean isUnlikeOthers() {
      return !pusher.equals(SAME);
    }

    void step(ImageUploads replica) {
      try {
        switch (next) {
          case 0 -> replica.begin(ID, image.json(), pusher);
          case 1 -> replica.receiveLayer(ID, new ByteArrayInputStream(image.layer()), pusher);
          case 2 -> replica.finish(ID, new Checksum(image.checksum()), pusher);
          default -> throw new IllegalStateException("it is done");
        }
        next++;
      } catch (RegistryException e) {
        boolean exists =
            String.valueOf(e.getMessage())
                .matches(isUnlikeOthers() ? "Image already exists" : EXISTS);
        if (!exists || (isUnlikeOthers() && next > 0)) {
          throw e;
        }
        next = 3;
      }
    }
  }

  private static List<Client> clients(Difference difference) {
    TestImage other =
        switch (difference) {
          case NONE -> IMAGE;
          case COMPRESSION -> IMAGE.withLayer(TestLayer.compressed(CONTENT, 7));
          case REWRITTEN_JSON ->
              new TestImage(
                  IMAGE.id(),
                  new String(IMAGE.json(), UTF_8)
                      .replace("}", ",\"config\":{\"Labels\":null}}")
                      .getBytes(UTF_8),
                  IMAGE.layer());
        };
    return List.of(new Client(new Pusher("one"), IMAGE), new Client(new Pusher("two"), other));
  }

  /** Each order of three requests of the first client and three of the second. */
  private static List<int[]> orders() {
    List<int[]> orders = new ArrayList<>();
    for (int bits = 0; bits < 64; bits++) {
      if (Integer.bitCount(bits) == 3) {
        int all = bits;
        int[] order = new int[6];
        Arrays.setAll(order, step -> all >> step & 1);
        orders.add(order);
      }
    }
    return orders;
  }

  @ParameterizedTest
  @EnumSource(Difference.class)
  void twoClientsSucceedInEachOrderOnEachReplica(Difference difference) {
    for (Store store : Store.values()) {
      for (int[] order : orders()) {
        // The replicas are alike, so the first request goes to the first of them.
        for (int replicas = 0; replicas < 64; replicas += 2) {
          World world = new World(store);
          List<Client> clients = clients(difference);
          for (int step = 0; step < order.length; step++) {
            Client client = clients.get(order[step]);
            if (!client.isDone()) {
              client.step(world.replicas[replicas >> step & 1]);
              world.observe();
            }
          }
          assertThat(clients).allMatch(Client::isDone);
          world.assertClean();
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Store.class)
  void aReplicaMayDieAtEachStepOfEachRequest(Store store) {
    int deaths = 0;
    for (int[] order : orders()) {
      for (int request = 0; request < order.length; request++) {
        for (Outcome outcome : List.of(Outcome.FAILED, Outcome.DONE_BUT_FAILED)) {
          boolean died = true;
          for (int operation = 1; died; operation++) {
            died = run(store, order, request, operation, outcome);
            deaths += died ? 1 : 0;
          }
        }
      }
    }
    assertThat(deaths).isGreaterThan(1_000);
  }

  /** Each repeats the request that it has no answer to, and no earlier one. */
  @ParameterizedTest
  @EnumSource(Store.class)
  void clientsThatLookTheSameGoOnAfterADeath(Store store) {
    int deaths = 0;
    for (int[] order : orders()) {
      // The clients are alike, so the first of them sends the first request.
      for (int request = 0; order[0] == 0 && request < order.length; request++) {
        for (Outcome outcome : List.of(Outcome.FAILED, Outcome.DONE_BUT_FAILED)) {
          boolean died = true;
          for (int operation = 1; died; operation++) {
            List<Client> clients = List.of(new Client(SAME, IMAGE), new Client(SAME, IMAGE));
            died = run(store, clients, false, order, request, operation, outcome);
            deaths += died ? 1 : 0;
          }
        }
      }
    }
    assertThat(deaths).isGreaterThan(1_000);
  }

  private static boolean run(
      Store store, int[] order, int request, int operation, Outcome outcome) {
    List<Client> clients = clients(Difference.COMPRESSION);
    return run(store, clients, true, order, request, operation, outcome);
  }

  // Whether the replica died: the request may need fewer operations.
  private static boolean run(
      Store store,
      List<Client> clients,
      boolean anew,
      int[] order,
      int request,
      int operation,
      Outcome outcome) {
    World world = new World(store);
    boolean died = false;
    for (int step = 0; step < order.length; step++) {
      Client client = clients.get(order[step]);
      if (client.isDone()) {
        continue;
      }
      int replica = step % 2;
      if (step != request) {
        client.step(world.replicas[replica]);
        world.observe();
        continue;
      }
      AtomicBoolean dead = new AtomicBoolean();
      world.stores[replica].fail(
          Reason.UNAVAILABLE,
          (number, verb, key) -> {
            world.observe();
            if (number < operation) {
              return Outcome.DONE;
            }
            return dead.getAndSet(true) ? Outcome.FAILED : outcome;
          });
      try {
        client.step(world.replicas[replica]);
      } catch (StorageException e) {
        // The client goes on through a registry that was started anew.
        client.next = anew ? 0 : client.next;
      }
      died = dead.get();
      world.restart(replica);
      world.observe();
    }
    for (Client client : clients) {
      while (!client.isDone()) {
        client.step(world.replicas[0]);
        world.observe();
      }
    }
    world.assertClean();
    return died;
  }

  /** Another replica does all of another client's push between two operations of a request. */
  @ParameterizedTest
  @CsvSource({"MOVES, false", "MOVES, true", "CLAIMS, false", "CLAIMS, true"})
  void anotherClientMayCompleteBetweenAnyTwoOperations(Store store, boolean otherImage) {
    for (int request = 0; request < 3; request++) {
      boolean more = true;
      for (int operation = 1; more; operation++) {
        World world = new World(store);
        TestImage second =
            otherImage
                ? IMAGE.withLayer(TestLayer.compressed("another".getBytes(UTF_8), 1))
                : IMAGE.withLayer(TestLayer.compressed(CONTENT, 5));
        Client one = new Client(new Pusher("one"), IMAGE);
        Client two = new Client(new Pusher("two"), second);
        two.step(world.replicas[1]);
        two.step(world.replicas[1]);
        AtomicBoolean interrupted = new AtomicBoolean();
        int at = operation;
        for (int step = 0; step < 3 && !one.isDone(); step++) {
          if (step == request) {
            world.stores[0].fail(
                Reason.BROKEN,
                (number, verb, key) -> {
                  world.observe();
                  if (number == at && interrupted.compareAndSet(false, true)) {
                    stepOrOtherImage(two, world.replicas[1], otherImage);
                    world.observe();
                  }
                  return Outcome.DONE;
                });
          }
          stepOrOtherImage(one, world.replicas[0], otherImage);
          world.observe();
          if (step == request) {
            world.stores[0].heal();
          }
        }
        more = interrupted.get();
        if (!more) {
          stepOrOtherImage(two, world.replicas[1], otherImage);
        }
        world.observe();
        assertThat(List.of(one.isDone(), two.isDone()))
            .as("request %d, operation %d", request, operation)
            .contains(true);
        if (!otherImage) {
          assertThat(one.isDone() && two.isDone()).isTrue();
        }
        world.assertClean();
      }
    }
  }

  private static void stepOrOtherImage(Client client, ImageUploads replica, boolean otherImage) {
    try {
      client.step(replica);
    } catch (RegistryException e) {
      assertThat(otherImage).as(e.getMessage()).isTrue();
      assertThat(e).hasMessageStartingWith("Another image has this id");
    }
  }

  /** What a client of another account knows of a private image. */
  private record Knowledge(boolean json, boolean layer, boolean checksum) {
    boolean suffices() {
      return json && layer;
    }
  }

  /**
   * A stranger sends all sequences of up to four requests that can be made of what it knows and
   * what it makes up, while the owner's push stands at each of its steps.
   */
  @ParameterizedTest
  @CsvSource({
    "false, false, false",
    "true, false, false",
    "false, true, false",
    "false, false, true",
    "true, false, true",
    "false, true, true",
    "true, true, false"
  })
  void aStrangerGetsAnImageOnlyBySendingAllOfIt(boolean json, boolean layer, boolean checksum) {
    Knowledge knowledge = new Knowledge(json, layer, checksum);
    List<Runner> requests = requests(knowledge);
    boolean gained = false;
    for (int length = 1; length <= 4; length++) {
      for (int code = 0; code < Math.pow(requests.size(), length); code++) {
        for (int owner = 0; owner <= length; owner++) {
          gained |= isGained(requests, code, length, owner);
        }
      }
    }
    assertThat(gained).isEqualTo(knowledge.suffices());
  }

  private interface Runner {
    void run(ImageUploads uploads, Pusher pusher);
  }

  private static List<Runner> requests(Knowledge knowledge) {
    TestImage forged =
        new TestImage(
            IMAGE.id(),
            "{\"id\":\"%s\"}".formatted(IMAGE.id()).getBytes(UTF_8),
            "junk".getBytes(UTF_8));
    byte[] json = knowledge.json() ? IMAGE.json() : forged.json();
    byte[] layer = knowledge.layer() ? IMAGE.layer() : forged.layer();
    TestImage own = new TestImage(IMAGE.id(), json, layer);
    List<Runner> requests = new ArrayList<>();
    requests.add((uploads, pusher) -> uploads.begin(ID, json, pusher));
    requests.add(
        (uploads, pusher) -> uploads.receiveLayer(ID, new ByteArrayInputStream(layer), pusher));
    requests.add((uploads, pusher) -> uploads.finish(ID, new Checksum(own.checksum()), pusher));
    if (knowledge.checksum()) {
      requests.add((uploads, pusher) -> uploads.finish(ID, new Checksum(IMAGE.checksum()), pusher));
    }
    return requests;
  }

  // The owner completes the push before the stranger's request of that number.
  private static boolean isGained(List<Runner> requests, int code, int length, int owner) {
    World world = new World(Store.MOVES);
    Set<ImageId> had = new HashSet<>();
    Pusher stranger = new Pusher("stranger", "stranger", new Stranger(had));
    int rest = code;
    boolean sentOwn = false;
    for (int step = 0; step <= length; step++) {
      if (step == owner) {
        Client client = new Client(new Pusher("owner"), IMAGE);
        if (!had.isEmpty() && !sentOwn) {
          throw new AssertionError("gained before it was there");
        }
        try {
          while (!client.isDone()) {
            client.step(world.replicas[1]);
          }
        } catch (RegistryException e) {
          // The stranger has taken the id for an image of its own.
          return false;
        }
      }
      if (step < length) {
        try {
          requests.get(rest % requests.size()).run(world.replicas[0], stranger);
        } catch (RegistryException e) {
          assertThat(e).hasMessageNotContaining("secret");
        }
        rest /= requests.size();
        sentOwn |= !had.isEmpty() && step < owner;
      }
    }
    return !had.isEmpty() && !sentOwn;
  }

  private record Stranger(Set<ImageId> had) implements PushRights {
    @Override
    public boolean isOpen() {
      return false;
    }

    @Override
    public boolean mayRead(ImageId image) {
      return had.contains(image);
    }

    @Override
    public boolean mayBuildOn(ImageId parent) {
      return true;
    }

    @Override
    public void completed(ImageId image) {
      had.add(image);
    }
  }

  @ParameterizedTest
  @EnumSource(Store.class)
  void manyClientsSucceedInRandomOrdersWithRepetitionsAndDeaths(Store store) {
    long seed = Budget.seed();
    Random random = new Random(seed);
    for (int round = 0; round < Budget.times(100); round++) {
      World world = new World(store);
      List<Client> clients = new ArrayList<>();
      for (int number = 0; number < 6; number++) {
        clients.add(
            new Client(
                new Pusher("client " + number),
                IMAGE.withLayer(TestLayer.compressed(CONTENT, number))));
      }
      List<Client> left = new ArrayList<>(clients);
      while (!left.isEmpty()) {
        Client client = left.get(random.nextInt(left.size()));
        int replica = random.nextInt(2);
        if (random.nextInt(6) == 0) {
          client.next = random.nextInt(client.next + 1);
        }
        int deadly = random.nextInt(8) == 0 ? 1 + random.nextInt(15) : Integer.MAX_VALUE;
        world.stores[replica].fail(
            Reason.UNAVAILABLE,
            (number, verb, key) -> number < deadly ? Outcome.DONE : Outcome.FAILED);
        try {
          client.step(world.replicas[replica]);
        } catch (StorageException e) {
          client.next = 0;
          world.restart(replica);
        } catch (RegistryException e) {
          throw new AssertionError("with -Dseed=" + seed + ": " + e, e);
        }
        world.stores[replica].heal();
        world.observe();
        left.removeIf(Client::isDone);
      }
      world.assertClean();
    }
  }
}
