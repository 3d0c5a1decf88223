package io.registry.web.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.content.manifest.Digest;
import io.registry.testkit.InMemoryBlobStorage;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.Together;
import io.registry.web.v2.V2Pusher;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Clients of two registries on one store push, remove and restore; a model says what is there. */
@TestInstance(Lifecycle.PER_CLASS)
@Tag("slow")
class TrashModelHttpTest {
  private static final int STEPS = Integer.getInteger("trash.steps", 80);
  private static final int ARTIFACTS = 3;
  private static final List<String> REPOSITORIES = List.of("model/a", "model/b");
  private static final List<String> TAGS = List.of("one", "two");

  private final long seed = Long.getLong("trash.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final Map<String, Repository> model = new HashMap<>();
  private final Map<String, Item> trash = new TreeMap<>();
  private final Map<String, Integer> kinds = new TreeMap<>();
  private final Map<String, Set<Digest>> ever = new HashMap<>();

  private List<RegistryServer> servers;

  @BeforeAll
  void start(@TempDir Path unused) {
    InMemoryBlobStorage store = new InMemoryBlobStorage();
    servers =
        IntStream.range(0, 2)
            .mapToObj(i -> RegistryServer.startOn(store, unused, "--registry.cache.lease=100ms"))
            .toList();
  }

  @AfterAll
  void stop() {
    servers.forEach(RegistryServer::close);
  }

  /** What a repository contains: the digests by tag, and the manifests. */
  private record Repository(Map<String, Digest> tags, Set<Digest> manifests, Set<Named> versions) {
    Repository() {
      this(new TreeMap<>(), new HashSet<>(), new HashSet<>());
    }
  }

  private record Named(String tag, Digest digest) {}

  /** What was removed. */
  private record Item(
      String repository,
      String kind,
      String name,
      Map<String, Digest> tags,
      Set<Digest> manifests) {}

  private Repository of(String repository) {
    return model.computeIfAbsent(repository, any -> new Repository());
  }

  private TestClient client() {
    return servers.get(random.nextInt(servers.size())).client();
  }

  private <T> T any(List<T> all) {
    return all.get(random.nextInt(all.size()));
  }

  private V2Pusher pusher(String repository) {
    return new V2Pusher(client(), repository);
  }

  private byte[] artifact(String repository, int number) {
    return pusher(repository).artifact("artifact " + number, Map.of());
  }

  @Test
  void whatIsRemovedAndRestoredIsWhatTheModelSays() {
    for (int step = 0; step < STEPS; step++) {
      String repository = any(REPOSITORIES);
      int dice = random.nextInt(12);
      String done;
      if (dice < 4) {
        done = push(repository, any(TAGS), random.nextInt(ARTIFACTS));
      } else if (dice < 6) {
        done = removeTag(repository, any(TAGS));
      } else if (dice < 7) {
        done = removeManifest(repository);
      } else if (dice < 8) {
        done = removeRepository(repository);
      } else if (dice < 10) {
        done = restoreItem();
      } else {
        done = restoreVersion(repository, any(TAGS));
      }
      kinds.merge(done.replaceFirst(" .*", ""), 1, Integer::sum);
      check("seed %d, step %d: %s".formatted(seed, step, done));
    }
    // With few steps by chance not every kind is there.
    if (STEPS >= 80) {
      assertThat(kinds).as("seed %d", seed).hasSizeGreaterThan(6);
    }
  }

  private String push(String repository, String tag, int number) {
    byte[] manifest = artifact(repository, number);
    assertThat(pusher(repository).put(tag, manifest).status()).isEqualTo(201);
    Digest digest = Digest.of(manifest);
    of(repository).manifests().add(digest);
    set(repository, tag, digest);
    return "push " + repository + ":" + tag + " " + digest;
  }

  private void set(String repository, String tag, Digest digest) {
    ever.computeIfAbsent(repository + ":" + tag, any -> new HashSet<>()).add(digest);
    Digest former = of(repository).tags().put(tag, digest);
    if (former != null && !former.equals(digest)) {
      of(repository).versions().add(new Named(tag, former));
    }
  }

  private String removeTag(String repository, String tag) {
    Digest digest = of(repository).tags().remove(tag);
    int status = pusher(repository).delete("manifests/" + tag).status();
    assertThat(status).isEqualTo(digest == null ? 404 : 202);
    if (digest == null) {
      return "no-tag";
    }
    removed(repository, Map.of(tag, digest));
    learn(repository);
    return "untag " + repository + ":" + tag;
  }

  private final List<Item> expected = new ArrayList<>();

  private void removed(String repository, Map<String, Digest> tags) {
    tags.forEach(
        (tag, digest) -> {
          of(repository).versions().add(new Named(tag, digest));
          expected.add(new Item(repository, "tag", tag, Map.of(tag, digest), Set.of(digest)));
        });
  }

  // What the API lists, and did not list before, is what was removed just now.
  private void learn(String repository) {
    for (JsonNode found : items(repository)) {
      String id = found.path("id").asString();
      if (trash.containsKey(id)) {
        continue;
      }
      Item item =
          expected.stream()
              .filter(each -> each.kind().equals(found.path("kind").asString()))
              .filter(each -> each.name().equals(found.path("name").asString("")))
              .findFirst()
              .orElseThrow(() -> new AssertionError("seed " + seed + ": not removed: " + found));
      expected.remove(item);
      trash.put(id, item);
    }
    assertThat(expected).as("seed %d", seed).isEmpty();
  }

  private List<JsonNode> items(String repository) {
    return ApiClient.anonymous(client())
        .get("/api/trash?namespace=model")
        .json()
        .path("items")
        .valueStream()
        .filter(item -> repository.equals("model/" + item.path("repository").asString()))
        .toList();
  }

  private String removeManifest(String repository) {
    Repository it = of(repository);
    if (it.manifests().isEmpty()) {
      return "no-manifest";
    }
    Digest digest = any(List.copyOf(it.manifests()));
    assertThat(pusher(repository).delete("manifests/" + digest).status()).isEqualTo(202);
    it.manifests().remove(digest);
    Map<String, Digest> tags = new TreeMap<>(it.tags());
    tags.values().removeIf(other -> !other.equals(digest));
    it.tags().keySet().removeAll(tags.keySet());
    removed(repository, tags);
    expected.add(new Item(repository, "manifest", digest.toString(), Map.of(), Set.of(digest)));
    learn(repository);
    return "remove-manifest " + repository + " " + digest;
  }

  private String removeRepository(String repository) {
    Repository it = of(repository);
    int status = client().delete("/v1/repositories/" + repository + "/").status();
    if (status == 404) {
      assertThat(it.manifests()).as("seed %d", seed).isEmpty();
      return "no-repository";
    }
    assertThat(status).isEqualTo(200);
    expected.add(
        new Item(
            repository, "repository", "", new TreeMap<>(it.tags()), new HashSet<>(it.manifests())));
    it.tags().clear();
    it.manifests().clear();
    learn(repository);
    return "remove-repository " + repository;
  }

  private String restoreItem() {
    if (trash.isEmpty()) {
      return "no-item";
    }
    String id = any(List.copyOf(trash.keySet()));
    Item item = Objects.requireNonNull(trash.get(id));
    Repository it = of(item.repository());
    ApiClient.Answer answer =
        ApiClient.anonymous(client())
            .post("/api/trash/" + item.repository() + "/" + id + "/restore", "{}");
    Digest now = it.tags().get(item.name());
    if (item.kind().equals("tag") && now != null && !now.equals(item.tags().get(item.name()))) {
      assertThat(answer.status()).as("seed %d: %s", seed, answer).isEqualTo(409);
      return "conflict";
    }
    assertThat(answer.status()).as("seed %d: %s", seed, answer).isEqualTo(200);
    item.tags().forEach(it.tags()::putIfAbsent);
    it.manifests().addAll(item.manifests());
    trash.remove(id);
    return "restore-" + item.kind() + " " + item;
  }

  private String restoreVersion(String repository, String tag) {
    List<JsonNode> versions =
        ApiClient.anonymous(client())
            .get("/api/repositories/" + repository + "/tags/" + tag + "/history")
            .json()
            .path("versions")
            .valueStream()
            .toList();
    Set<Digest> named = new HashSet<>();
    for (JsonNode version : versions) {
      named.add(Digest.find(version.path("digest").asString()).orElseThrow());
    }
    Set<Digest> known = new HashSet<>();
    of(repository).versions().stream()
        .filter(version -> version.tag().equals(tag))
        .forEach(version -> known.add(version.digest()));
    // What a tag named when its repository was removed is listed only if the tag was moved to it.
    assertThat(named)
        .as("seed %d: history of %s:%s", seed, repository, tag)
        .containsAll(known)
        .isSubsetOf(ever.getOrDefault(repository + ":" + tag, Set.of()));
    if (versions.isEmpty()) {
      return "no-version";
    }
    JsonNode version = any(versions);
    String path =
        "/api/repositories/%s/tags/%s/history/%s/restore"
            .formatted(repository, tag, version.path("id").asString());
    ApiClient.Answer answer = ApiClient.anonymous(client()).post(path, "{}");
    assertThat(answer.status()).as("seed %d: %s", seed, answer).isEqualTo(200);
    Digest digest = Digest.find(version.path("digest").asString()).orElseThrow();
    of(repository).manifests().add(digest);
    set(repository, tag, digest);
    return "restore-version " + repository + ":" + tag + " " + digest;
  }

  private void check(String text) {
    for (String repository : REPOSITORIES) {
      Map<String, Digest> found = new TreeMap<>();
      for (String tag : TAGS) {
        TestClient.Answer answer = pusher(repository).get("manifests/" + tag);
        if (answer.status() == 200) {
          found.put(tag, Digest.of(answer.bytes()));
        }
      }
      assertThat(found).as("%s: tags of %s", text, repository).isEqualTo(of(repository).tags());
      for (Digest manifest : of(repository).manifests()) {
        assertThat(pusher(repository).get("manifests/" + manifest).status())
            .as("%s: %s of %s", text, manifest, repository)
            .isEqualTo(200);
      }
      Set<String> listed = new HashSet<>();
      items(repository).forEach(item -> listed.add(item.path("id").asString()));
      Set<String> wanted = new HashSet<>();
      trash.forEach(
          (id, item) -> {
            if (item.repository().equals(repository)) {
              wanted.add(id);
            }
          });
      assertThat(listed).as("%s: trash of %s", text, repository).isEqualTo(wanted);
    }
  }

  /** Each push that was acknowledged can be pulled or restored. */
  @Test
  void noPushIsLostWhenManyClientsMoveATag() throws Exception {
    String repository = "together/app";
    List<byte[]> manifests =
        IntStream.range(0, 12).mapToObj(i -> artifact(repository, 100 + i)).toList();
    byte[] first = artifact(repository, 99);
    assertThat(pusher(repository).put("latest", first).status()).isEqualTo(201);
    Set<String> pushed = ConcurrentHashMap.newKeySet();
    pushed.add(Digest.of(first).toString());
    List<Together.Task> tasks = new ArrayList<>();
    for (int i = 0; i < manifests.size(); i++) {
      byte[] manifest = manifests.get(i);
      V2Pusher pusher = new V2Pusher(servers.get(i % 2).client(), repository);
      tasks.add(
          () -> {
            assertThat(pusher.put("latest", manifest).status()).isEqualTo(201);
            pushed.add(Digest.of(manifest).toString());
          });
    }
    Together.run(tasks);

    Set<String> found = new HashSet<>();
    found.add(Digest.of(pusher(repository).get("manifests/latest").bytes()).toString());
    ApiClient.anonymous(client())
        .get("/api/repositories/" + repository + "/tags/latest/history")
        .json()
        .path("versions")
        .forEach(version -> found.add(version.path("digest").asString()));
    assertThat(found).containsAll(pushed);
  }
}
