package io.registry.web.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.content.manifest.Digest;
import io.registry.testkit.Budget;
import io.registry.testkit.RandomCases;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import io.registry.testkit.TestLayer;
import io.registry.web.v2.V2Pusher;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** Two accounts want one id for different images. */
@TestInstance(Lifecycle.PER_CLASS)
class IdOwnersHttpTest {
  private static final String PASSWORD = "correct horse";
  private static final int CASES = Budget.times(2);
  private static final int STEPS = 40;

  private RegistryServer server;
  private ApiClient admin;

  @BeforeAll
  void start(@TempDir Path folder) {
    server =
        RegistryServer.start(
            folder.resolve("store"),
            "--registry.index.mode=embedded",
            "--registry.index.admin.password=" + PASSWORD,
            "--spring.datasource.url=jdbc:h2:mem:owners;MODE=PostgreSQL");
    admin = api("admin");
    for (String name : List.of("alice", "bob", "carol", "mallory")) {
      String user = "{'name': '" + name + "', 'password': '" + PASSWORD + "'}";
      assertThat(admin.post("/api/users", user).status()).isEqualTo(201);
    }
    assertThat(
            api("alice")
                .put("/api/namespaces/alice/members/users/carol", "{'role': 'write'}")
                .status())
        .isBetween(200, 204);
  }

  @AfterAll
  void stop() {
    server.close();
  }

  private ApiClient api(String user) {
    return ApiClient.anonymous(server.client()).as(user, PASSWORD);
  }

  private static String[] as(String user) {
    return new String[] {"Authorization", ApiClient.basic(user, PASSWORD)};
  }

  /** What an account pushes under an id. */
  private static TestImage image(String id, String content) {
    String json = "{\"id\": \"%s\", \"author\": \"%s\"}".formatted(id, content);
    return new TestImage(
        id, json.getBytes(StandardCharsets.UTF_8), content.getBytes(StandardCharsets.UTF_8));
  }

  /** Pushes an image; returns the first refusal, or the last answer. */
  private Answer push(String user, String repository, TestImage image) {
    String list = "[{\"id\": \"" + image.id() + "\"}]";
    Answer announced = server.client().put("/v1/repositories/" + repository + "/", list, as(user));
    assertThat(announced.status()).isEqualTo(200);
    Answer json = image.putJson(server.client(), as(user));
    if (json.status() != 200) {
      return json;
    }
    assertThat(image.putLayer(server.client(), as(user)).status()).isEqualTo(200);
    return image.putChecksum(server.client(), as(user));
  }

  private Answer tag(String user, String repository, TestImage image) {
    String path = "/v1/repositories/" + repository + "/tags/latest";
    return server.client().put(path, '"' + image.id() + '"', as(user));
  }

  private int untag(String user, String repository) {
    String path = "/v1/repositories/" + repository + "/tags/latest";
    return server.client().delete(path, as(user)).status();
  }

  private ApiClient.Answer free(String user, String id, String query) {
    return api(user).delete("/api/images/" + id + query);
  }

  @Test
  void theOwnerOfTheFirstImageFreesTheIdForTheGenuineOne() {
    TestImage first = image(TestImage.id("wanted"), "first");
    TestImage genuine = image(first.id(), "genuine");
    assertThat(push("alice", "alice/wanted", first).status()).isEqualTo(200);

    Answer refused = push("bob", "bob/wanted", genuine);

    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.text())
        .contains(
            "Another image has this id, which was pushed first: an admin, or the owner of its"
                + " namespace, can free the id");
    assertThat(tag("bob", "bob/wanted", genuine).status()).isEqualTo(404);
    // Neither the account that wants the id nor one that may only push for its owner can free it.
    assertThat(free("bob", first.id(), "?force=true").status()).isEqualTo(404);
    assertThat(free("mallory", first.id(), "").status()).isEqualTo(404);
    assertThat(free("carol", first.id(), "").status()).isEqualTo(403);
    assertThat(tag("alice", "alice/wanted", first).status()).isEqualTo(200);
    ApiClient.Answer needed = free("alice", first.id(), "");
    assertThat(needed.status()).isEqualTo(409);
    assertThat(needed.error()).isEqualTo("The image is needed by alice/wanted:latest");
    assertThat(untag("alice", "alice/wanted")).isEqualTo(200);

    assertThat(free("alice", first.id(), "").status()).isEqualTo(204);

    assertThat(push("bob", "bob/wanted", genuine).status()).isEqualTo(200);
    assertThat(tag("bob", "bob/wanted", genuine).status()).isEqualTo(200);
    assertThat(server.client().get(genuine.path("layer"), as("bob")).bytes())
        .isEqualTo(genuine.layer());
    assertThat(server.client().get(genuine.path("json"), as("alice")).status()).isEqualTo(404);
    assertThat(free("alice", first.id(), "").status()).isEqualTo(404);
  }

  @Test
  void anImageOfTwoNamespacesIsFreedByAnAdminOnly() {
    TestImage shared = image(TestImage.id("shared"), "shared");
    assertThat(push("alice", "alice/shared", shared).status()).isEqualTo(200);
    assertThat(push("bob", "bob/shared", shared).status()).isEqualTo(200);

    for (String query : List.of("", "?force=true")) {
      ApiClient.Answer refused = free("alice", shared.id(), query);
      assertThat(refused.status()).isEqualTo(409);
      assertThat(refused.error())
          .isEqualTo("Other namespaces use the image: only an admin can free its id");
    }

    assertThat(server.client().get(shared.path("layer"), as("bob")).bytes())
        .isEqualTo(shared.layer());
    assertThat(free("admin", shared.id(), "").status()).isEqualTo(204);
    assertThat(server.client().get(shared.path("layer"), as("bob")).status()).isEqualTo(404);
  }

  @Test
  void aLayerThatAnotherNamespaceHasMountedStays() {
    TestImage base = TestImage.of("mounted", "", TestLayer.of("mounted"));
    assertThat(push("alice", "alice/mounted", base).status()).isEqualTo(200);
    assertThat(tag("alice", "alice/mounted", base).status()).isEqualTo(200);
    V2Pusher reader = new V2Pusher(server.client(), "alice/mounted", as("alice"));
    assertThat(reader.get("manifests/latest").status()).isEqualTo(200);
    Digest layer = Digest.of(base.layer());
    assertThat(admin.patch("/api/repositories/alice/mounted", "{'visibility': 'public'}").status())
        .isEqualTo(200);
    V2Pusher bob = new V2Pusher(server.client(), "bob/mounted", as("bob"));
    assertThat(
            bob.post("blobs/uploads/?mount=" + layer + "&from=alice/mounted", new byte[0]).status())
        .isEqualTo(201);
    assertThat(untag("alice", "alice/mounted")).isEqualTo(200);

    assertThat(free("alice", base.id(), "").status()).isEqualTo(409);

    assertThat(bob.get("blobs/" + layer).bytes()).isEqualTo(base.layer());
  }

  @Test
  void whatIsPushedOverV2IsItsOwnAndGetsItsV1ViewWhenTheIdIsFree() {
    byte[] layer = TestLayer.of("pushed over V2");
    byte[] config =
        V2Pusher.render(
            Map.of(
                "architecture",
                "amd64",
                "os",
                "linux",
                "rootfs",
                Map.of("type", "layers", "diff_ids", List.of(Digest.of(layer).toString()))));
    TestImage first = image(Digest.of(config).hex(), "first");
    assertThat(push("alice", "alice/v2", first).status()).isEqualTo(200);
    V2Pusher bob = new V2Pusher(server.client(), "bob/v2", as("bob"));
    bob.blob(layer);
    bob.blob(config);
    byte[] manifest =
        V2Pusher.render(
            V2Pusher.image(
                V2Pusher.descriptor(V2Pusher.OCI_CONFIG, config),
                List.of(V2Pusher.descriptor(V2Pusher.OCI_LAYER, layer))));

    Answer taken = bob.put("latest", manifest);

    assertThat(taken.status()).as(taken.text()).isEqualTo(201);
    assertThat(taken.header("Warning"))
        .contains("Another image has the id " + first.id())
        .contains("when the id is free, push the manifest again");
    assertThat(bob.get("manifests/latest").bytes()).isEqualTo(manifest);
    assertThat(bob.get("blobs/" + Digest.of(layer)).bytes()).isEqualTo(layer);
    assertThat(server.client().get(first.path("layer"), as("bob")).status()).isEqualTo(404);

    assertThat(free("alice", first.id(), "").status()).isEqualTo(204);
    Answer again = bob.put("latest", manifest);

    assertThat(again.status()).isEqualTo(201);
    assertThat(again.headers("Warning")).isEmpty();
    assertThat(server.client().get("/v1/repositories/bob/v2/tags/latest", as("bob")).text())
        .isEqualTo('"' + first.id() + '"');
    assertThat(server.client().get(first.path("layer"), as("bob")).bytes()).isEqualTo(layer);
  }

  @Test
  void everySequenceIsAsTheRulesSay() {
    RandomCases.check(CASES, random -> new Model(random).run());
  }

  /** What the rules say of one id that two accounts use as they like. */
  private final class Model {
    private static final List<String> USERS = List.of("alice", "bob");

    private final RandomGenerator random;
    private final String repository;
    private final String id;
    private final StringBuilder history = new StringBuilder();
    private Optional<TestImage> stored = Optional.empty();
    private final Set<String> owners = new HashSet<>();
    private final Set<String> recorded = new HashSet<>();
    private final Set<String> tagged = new HashSet<>();

    Model(RandomGenerator random) {
      this.random = random;
      this.repository = "/r" + Long.toHexString(random.nextLong());
      this.id = TestImage.id(repository);
    }

    void run() {
      for (int step = 0; step < STEPS; step++) {
        String user = USERS.get(random.nextInt(2));
        switch (random.nextInt(8)) {
          case 0, 1, 2 -> push(user, image(id, random.nextBoolean() ? "one" : "other"));
          case 3, 4 -> tag(user);
          case 5 -> untag(user);
          case 6 -> free(user, random.nextBoolean());
          default -> freeAsAdmin(random.nextBoolean());
        }
        USERS.forEach(this::read);
      }
    }

    private boolean mayRead(String user) {
      return stored.isPresent() && (owners.contains(user) || tagged.contains(user));
    }

    private void expect(String what, Answer answer, int status) {
      expect(what, answer.status(), status, answer.text());
    }

    private void expect(String what, int answered, int status, String text) {
      history.append(what).append(" -> ").append(answered).append('\n');
      assertThat(answered).as(history + text).isEqualTo(status);
    }

    private void push(String user, TestImage image) {
      Answer answer = IdOwnersHttpTest.this.push(user, user + repository, image);
      boolean isSame = stored.map(TestImage::checksum).map(image.checksum()::equals).orElse(true);
      boolean goes = !mayRead(user) && isSame;
      expect(
          user + " pushes " + new String(image.layer(), StandardCharsets.UTF_8),
          answer,
          goes ? 200 : 409);
      if (goes) {
        stored = Optional.of(image);
        owners.add(user);
      }
    }

    private void tag(String user) {
      Answer answer = IdOwnersHttpTest.this.tag(user, user + repository, image(id, ""));
      boolean goes = mayRead(user);
      expect(user + " tags", answer, goes ? 200 : 404);
      if (goes) {
        tagged.add(user);
        recorded.add(user);
      }
    }

    private void untag(String user) {
      int status = IdOwnersHttpTest.this.untag(user, user + repository);
      expect(user + " untags", status, tagged.remove(user) ? 200 : 404, "");
    }

    private void free(String user, boolean forced) {
      ApiClient.Answer answer = IdOwnersHttpTest.this.free(user, id, "?force=" + forced);
      String other = user.equals("alice") ? "bob" : "alice";
      boolean isShared =
          owners.contains(other) || recorded.contains(other) || tagged.contains(other);
      int status =
          stored.isEmpty() || !owners.contains(user)
              ? 404
              : isShared || (tagged.contains(user) && !forced) ? 409 : 204;
      expect(user + " frees, forced " + forced, answer.status(), status, answer.text());
      freed(status, forced);
    }

    private void freeAsAdmin(boolean forced) {
      ApiClient.Answer answer = IdOwnersHttpTest.this.free("admin", id, "?force=" + forced);
      int status = stored.isEmpty() ? 404 : tagged.isEmpty() || forced ? 204 : 409;
      expect("the admin frees, forced " + forced, answer.status(), status, answer.text());
      freed(status, forced);
    }

    private void freed(int status, boolean forced) {
      if (status != 204) {
        return;
      }
      stored = Optional.empty();
      if (forced) {
        recorded.addAll(owners);
      } else {
        recorded.clear();
      }
      owners.clear();
    }

    private void read(String user) {
      String path = "/v1/images/" + id + "/layer";
      Answer answer = server.client().get(path, as(user));
      expect(user + " reads", answer, mayRead(user) ? 200 : 404);
      if (mayRead(user)) {
        assertThat(answer.bytes()).as(history.toString()).isEqualTo(stored.orElseThrow().layer());
      }
    }
  }
}
