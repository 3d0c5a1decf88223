package io.registry.features.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.registry.content.manifest.Digest;
import io.registry.storage.StorageException.Reason;
import io.registry.testkit.BrokenRegistry;
import io.registry.testkit.BrokenStorage;
import io.registry.testkit.BrokenStorage.Outcome;
import io.registry.testkit.BrokenStorage.Verb;
import io.registry.testkit.RegisterHistory;
import io.registry.testkit.RegisterHistory.Call;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import io.registry.testkit.TestLayer;
import io.registry.testkit.Together;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Two registries on one store, whose clients set, remove and read a few tags all the time, through
 * both of them and over both protocols. What each client saw of each tag is written down, and
 * checked in the end.
 */
final class TagTraffic implements AutoCloseable {
  private static final int REPOSITORIES = 3;
  private static final int TAGS = 2;

  /** The only tag that names, among others, what V1 cannot express: it does not exist over V1. */
  private static final int MIXED = 1;

  private static final int CLIENTS = 8;

  /** So often a tag can be set. */
  private static final int IMAGES = 400;

  /** One call in so many changes something. */
  private static final int CHANGES = 60;

  /** One call of the store in so many takes longer. */
  private static final int DELAYS = 30;

  /** As long as it takes somebody else to change a tag from begin to end, and longer. */
  private static final long LONGEST_DELAY = Duration.ofMillis(150).toNanos();

  /** Far more than any test needs; only there so that a hang fails. */
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private static final Pattern IMAGE = Pattern.compile("\"([0-9a-f]{64})\"");
  private static final Pattern ANNOTATION =
      Pattern.compile("\"io.registry.v1.id\": " + IMAGE.pattern());
  private static final Pattern CONFIG =
      Pattern.compile("\"config\": *\\{[^}]*\"digest\": *\"sha256:([0-9a-f]{64})\"");
  private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  private static final byte[] LAYER = TestLayer.of("file");
  private static final Pattern TAG = Pattern.compile("\"([a-z0-9]+)\": *" + IMAGE.pattern());

  private final List<RegistryServer> registries = new ArrayList<>();
  private final List<Repository> repositories = new ArrayList<>();
  private final AtomicInteger calls = new AtomicInteger();
  private final ReentrantReadWriteLock calling = new ReentrantReadWriteLock(true);
  private volatile List<RegistryServer> changing = List.of();
  private volatile boolean stopped;

  /**
   * Starts the registries.
   *
   * @param store their directory
   * @param arguments more of their command lines
   */
  TagTraffic(Path store, String... arguments) throws IOException {
    try {
      for (int i = 0; i < 2; i++) {
        registries.add(BrokenRegistry.start(store, arguments));
      }
      makeImages(store.resolve("images"));
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
    for (int i = 0; i < REPOSITORIES; i++) {
      repositories.add(new Repository("traffic/" + i));
    }
    registries.forEach(registry -> slowDown(registry.bean(BrokenStorage.class)));
    changing = registries();
  }

  // All have the layer of one image that was pushed.
  private void makeImages(Path folder) throws IOException {
    TestImage image = TestImage.of("image", "", LAYER).push(registries.get(0).client());
    for (int number = 0; number < IMAGES; number++) {
      Path other = Files.createDirectories(folder.resolve(id(number)));
      Files.writeString(other.resolve("json"), "{\"id\": \"" + id(number) + "\"}");
      Files.writeString(other.resolve("ancestry"), "[\"" + id(number) + "\"]");
      for (String file : List.of("layer", "_checksum")) {
        Files.createLink(other.resolve(file), folder.resolve(image.id()).resolve(file));
      }
    }
  }

  private static String id(int number) {
    return String.format(Locale.ROOT, "%064x", number);
  }

  // Just before a file is read that is already open, or before the next one is written.
  private static void slowDown(BrokenStorage storage) {
    storage.fail(
        Reason.BROKEN,
        (number, verb, key) -> {
          ThreadLocalRandom random = ThreadLocalRandom.current();
          if (key.path().startsWith("repositories")
              && (verb == Verb.READ || verb == Verb.CREATE || verb == Verb.DELETE)
              && random.nextInt(DELAYS) == 0) {
            LockSupport.parkNanos(random.nextLong(LONGEST_DELAY));
          }
          return Outcome.DONE;
        });
  }

  /** A repository, of which each tag is a register. */
  private static final class Repository {
    private final String name;
    private final String path;
    private final List<RegisterHistory> tags;
    private final AtomicInteger images = new AtomicInteger();

    /** What is written with which configuration of an image or artifact that is pushed over V2. */
    private final Map<String, String> pushed = new ConcurrentHashMap<>();

    Repository(String name) {
      this.name = name;
      this.path = "/v1/repositories/" + name + "/tags";
      this.tags =
          IntStream.range(0, TAGS).mapToObj(i -> new RegisterHistory(path + "/t" + i)).toList();
    }

    String path(int tag) {
      return path + "/t" + tag;
    }

    String path2(String rest) {
      return "/v2/" + name + "/" + rest;
    }

    String value(String id) {
      String value = pushed.get(id);
      return value == null ? String.valueOf(Integer.parseInt(id, 16)) : value;
    }
  }

  /** The two registries. */
  List<RegistryServer> registries() {
    return List.copyOf(registries);
  }

  /** From now on, tags are set and removed through these only; reads go through all. */
  void changeThrough(List<RegistryServer> some) {
    changing = List.copyOf(some);
  }

  /** Sends requests while that is done, and then checks what was seen. */
  void during(Together.Task task) throws Exception {
    List<Together.Task> tasks = new ArrayList<>();
    tasks.add(() -> stopAfter(task));
    for (int i = 0; i < CLIENTS; i++) {
      tasks.add(
          () -> {
            while (!stopped) {
              call();
            }
          });
    }
    Together.run(tasks);
    for (RegistryServer registry : registries) {
      repositories.forEach(repository -> readAll(registry.client(), repository));
    }
    repositories.stream()
        .flatMap(repository -> repository.tags.stream())
        .forEach(RegisterHistory::check);
  }

  private void stopAfter(Together.Task task) throws Exception {
    try {
      task.run();
    } finally {
      stopped = true;
    }
  }

  /** How many calls were answered. */
  int calls() {
    return calls.get();
  }

  /** How many lists and tags were told from what is remembered. */
  int hits() {
    return registries.stream().mapToInt(TagTraffic::hits).sum();
  }

  private static int hits(RegistryServer registry) {
    Optional<Counter> counter =
        Optional.ofNullable(
            registry
                .bean(MeterRegistry.class)
                .find("registry.cache.gets")
                .tags("cache", "tags", "result", "hit")
                .counter());
    return counter.map(found -> (int) found.count()).orElse(0);
  }

  /** Returns after so many more calls. */
  void awaitCalls(int more) {
    int before = calls();
    await().atMost(PATIENCE).until(() -> calls() >= before + more);
  }

  /** Returns when so much more was told from what is remembered. */
  void awaitHits(int more) {
    int before = hits();
    await().atMost(PATIENCE).until(() -> hits() >= before + more);
  }

  /** Does something while nobody waits for an answer or asks. */
  void atRest(Together.Task task) throws Exception {
    calling.writeLock().lock();
    try {
      task.run();
    } finally {
      calling.writeLock().unlock();
    }
  }

  private void call() {
    calling.readLock().lock();
    try {
      ThreadLocalRandom random = ThreadLocalRandom.current();
      Repository repository = repositories.get(random.nextInt(REPOSITORIES));
      int tag = random.nextInt(TAGS);
      List<RegistryServer> open = changing;
      if (!open.isEmpty() && random.nextInt(CHANGES) == 0) {
        TestClient client = open.get(random.nextInt(open.size())).client();
        switch (random.nextInt(5)) {
          case 0 -> remove(client, repository, tag);
          case 1, 2 -> set(client, repository, tag);
          default -> push(client, repository, tag, tag == MIXED && random.nextBoolean());
        }
      } else {
        TestClient client = registries.get(random.nextInt(registries.size())).client();
        switch (random.nextInt(3)) {
          case 0 -> read(client, repository, tag);
          case 1 -> readManifest(client, repository, tag);
          default -> readAll(client, repository);
        }
      }
      calls.incrementAndGet();
    } catch (RuntimeException | AssertionError e) {
      stopped = true;
      throw e;
    } finally {
      calling.readLock().unlock();
    }
  }

  private static void set(TestClient client, Repository repository, int tag) {
    int number = repository.images.getAndIncrement();
    if (number >= IMAGES) {
      return;
    }
    Call call = repository.tags.get(tag).write(String.valueOf(number));
    Answer answer = client.put(repository.path(tag), "\"" + id(number) + "\"");
    if (answer.status() == 200) {
      call.done();
    } else {
      assertFailed(answer);
      call.unknown();
    }
  }

  // An artifact is what V1 cannot express.
  private static void push(TestClient client, Repository repository, int tag, boolean isArtifact) {
    int number = repository.images.getAndIncrement();
    if (number >= IMAGES) {
      return;
    }
    byte[] config =
        """
        {"os":"linux","config":{"Image":"%d"},"rootfs":{"type":"layers","diff_ids":["%s"]}}"""
            .formatted(number, Digest.of(LAYER))
            .getBytes(StandardCharsets.US_ASCII);
    for (byte[] blob : List.of(config, LAYER)) {
      Answer answer =
          client.send(
              "POST",
              repository.path2("blobs/uploads/?digest=" + Digest.of(blob)),
              BodyPublishers.ofByteArray(blob));
      if (answer.status() != 201) {
        assertFailed(answer);
        return;
      }
    }
    String manifest =
        """
        {"schemaVersion":2,"config":{"mediaType":"%s","size":%d,"digest":"%s"},\
        "layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","size":%d,"digest":"%s"}]}"""
            .formatted(
                isArtifact ? "application/x" : "application/vnd.oci.image.config.v1+json",
                config.length,
                Digest.of(config),
                LAYER.length,
                Digest.of(LAYER));
    repository.pushed.put(Digest.of(config).hex(), String.valueOf(number));
    Call call = repository.tags.get(tag).write(String.valueOf(number));
    Answer answer =
        client.put(repository.path2("manifests/t" + tag), manifest, "Content-Type", MANIFEST);
    if (answer.status() == 201) {
      call.done();
      assertThat(answer.header("Warning").isEmpty()).as("%s", answer).isEqualTo(!isArtifact);
    } else {
      assertFailed(answer);
      call.unknown();
    }
  }

  // A registry that finds nothing to remove has read.
  private static void remove(TestClient client, Repository repository, int tag) {
    Call call = repository.tags.get(tag).delete();
    Call read = repository.tags.get(tag).read();
    boolean overV2 = ThreadLocalRandom.current().nextBoolean();
    Answer answer =
        client.delete(overV2 ? repository.path2("manifests/t" + tag) : repository.path(tag));
    if (answer.status() == 404) {
      call.dropped();
      read.done(Optional.empty());
      return;
    }
    read.dropped();
    if (answer.status() == (overV2 ? 202 : 200)) {
      call.done();
    } else {
      assertFailed(answer);
      call.unknown();
    }
  }

  private static void read(TestClient client, Repository repository, int tag) {
    Call call = repository.tags.get(tag).read();
    Answer answer = client.get(repository.path(tag));
    if (answer.status() == 200) {
      call.done(
          IMAGE
              .matcher(answer.text())
              .results()
              .map(image -> repository.value(image.group(1)))
              .findFirst());
    } else if (answer.status() == 404 && tag == MIXED) {
      call.dropped();
    } else if (answer.status() == 404) {
      call.done(Optional.empty());
    } else {
      assertFailed(answer);
      call.dropped();
    }
  }

  // The same tag over V2: no answer may be older than one over V1.
  private static void readManifest(TestClient client, Repository repository, int tag) {
    Call call = repository.tags.get(tag).read();
    Answer answer = client.get(repository.path2("manifests/t" + tag));
    if (answer.status() == 200) {
      call.done(
          Stream.of(ANNOTATION, CONFIG)
              .flatMap(pattern -> pattern.matcher(answer.text()).results())
              .map(image -> repository.value(image.group(1)))
              .findFirst());
    } else if (answer.status() == 404) {
      assertThat(answer.text()).contains("There is no such tag");
      call.done(Optional.empty());
    } else {
      assertFailed(answer);
      call.dropped();
    }
  }

  private static void readAll(TestClient client, Repository repository) {
    List<Call> reads = repository.tags.stream().map(RegisterHistory::read).toList();
    Answer answer = client.get(repository.path);
    if (answer.status() != 404 && answer.status() != 200) {
      assertFailed(answer);
      reads.forEach(Call::dropped);
      return;
    }
    Map<String, String> tags = new HashMap<>();
    if (answer.status() == 200) {
      TAG.matcher(answer.text())
          .results()
          .forEach(found -> tags.put(found.group(1), repository.value(found.group(2))));
    }
    for (int tag = 0; tag < TAGS; tag++) {
      Optional<String> value = Optional.ofNullable(tags.get("t" + tag));
      if (value.isEmpty() && tag == MIXED) {
        reads.get(tag).dropped();
      } else {
        reads.get(tag).done(value);
      }
    }
  }

  private static void assertFailed(Answer answer) {
    assertThat(answer.status()).as("%s", answer).isGreaterThanOrEqualTo(500);
  }

  @Override
  public void close() {
    registries.forEach(RegistryServer::close);
  }
}
