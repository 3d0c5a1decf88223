package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.registry.access.auth.AccessRecorder;
import io.registry.access.auth.ReadScope;
import io.registry.access.auth.RepositoryVisibility;
import io.registry.access.index.Accounts;
import io.registry.access.index.IndexedRepositories;
import io.registry.access.index.Member;
import io.registry.access.index.Namespaces;
import io.registry.access.index.NewAccount;
import io.registry.access.index.Owner;
import io.registry.access.index.PartyKind;
import io.registry.access.index.Role;
import io.registry.access.index.Visibility;
import io.registry.content.repository.Repositories;
import io.registry.content.repository.RepositoryName;
import io.registry.features.search.RepositorySearch;
import io.registry.features.search.SearchIndexer;
import io.registry.features.search.SearchResult;
import io.registry.testkit.DockerDaemon;
import io.registry.testkit.DockerDaemon.Failure;
import io.registry.testkit.DockerFamily;
import io.registry.testkit.FakeIndex;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.SigningKeyPair;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestDatabase;
import io.registry.testkit.TestImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

/** Who finds what, and who may look after the index, where somebody decides. */
@Tag("slow")
class SearchAccessHttpTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String PASSWORD = "correct horse";
  private static final String LIST = "[{\"id\": \"%s\"}]".formatted(TestImage.id("any"));
  private static final String[] JSON = {"Content-Type", "application/json"};
  private static final String[] ADMIN = basic("admin", PASSWORD);
  private static final String[] ALICE = basic("alice", PASSWORD);
  private static final String[] BOB = basic("bob", PASSWORD);

  /** The empty ones, which daemons of before show over TLS with nobody logged in. */
  private static final String[] EMPTY = basic("", "");

  private static final SigningKeyPair KEY = new SigningKeyPair();

  @TempDir private static Path folder;

  /** With accounts. What is public may be read by everybody. */
  private static RegistryServer open;

  /** With accounts. Nobody reads anything without one. */
  private static RegistryServer closed;

  private static FakeIndex index;

  /** With an index elsewhere. What is public may be read by everybody. */
  private static RegistryServer remote;

  @BeforeAll
  static void start() throws IOException {
    KEY.writePublicKey(folder.resolve("ops.pem"));
    open = start("open", "--registry.index.mode=embedded");
    closed =
        start("closed", "--registry.index.mode=embedded", "--registry.auth.anonymous-read=false");
    index = FakeIndex.start();
    remote =
        start(
            "remote",
            "--registry.index.mode=remote",
            "--registry.index.remote.endpoint=" + index.endpoint(),
            "--registry.auth.anonymous-read=true");
    for (RegistryServer server : List.of(open, closed)) {
      for (String name : List.of("alice", "bob", "carol")) {
        server.bean(Accounts.class).create(new NewAccount(name, PASSWORD, "", false));
      }
      for (String name : List.of("alice/hidden", "alice/shown", "bob/hidden")) {
        ok(server.client().put("/v1/repositories/" + name + "/", LIST, ADMIN));
      }
      publish(server, "alice/shown", false);
      settle(server, ADMIN, "alice/hidden", "alice/shown", "bob/hidden");
    }
    for (String name : List.of("alice/hidden", "alice/shown")) {
      String token = index.issue(name, "write");
      TestImage image = TestImage.base("image of " + name, "a layer");
      index.list(name, image.id());
      image.putJson(remote.client(), "Authorization", token);
      image.putLayer(remote.client(), "Authorization", token);
      image.putChecksum(remote.client(), "Authorization", token);
      ok(
          remote
              .client()
              .put(
                  "/v1/repositories/" + name + "/tags/latest",
                  '"' + image.id() + '"',
                  "Authorization",
                  token));
    }
    publish(remote, "alice/hidden", true);
    settle(remote, signed("GET", "/v1/search"), "alice/hidden", "alice/shown");
  }

  private static RegistryServer start(String name, String... more) {
    return RegistryServer.start(
        folder.resolve(name),
        Stream.concat(
                Arrays.stream(more),
                Stream.of(
                    "--registry.search.enabled=true",
                    "--registry.index.admin.password=" + PASSWORD,
                    "--registry.auth.privileged-keys=" + folder.resolve("ops.pem"),
                    "--spring.datasource.url="
                        + TestDatabase.h2(folder.resolve(name + "-database"))))
            .toArray(String[]::new));
  }

  @AfterAll
  static void stop() {
    Stream.of(open, closed, remote).forEach(RegistryServer::close);
    index.close();
  }

  @Test
  void eachFindsWhatMayBePulled() {
    assertThat(names(open)).containsExactly("alice/shown");
    assertThat(names(open, EMPTY)).containsExactly("alice/shown");
    assertThat(names(open, ALICE)).containsExactly("alice/hidden", "alice/shown");
    assertThat(names(open, BOB)).containsExactly("alice/shown", "bob/hidden");
    assertThat(names(open, ADMIN)).containsExactly("alice/hidden", "alice/shown", "bob/hidden");
    assertThat(names(closed, BOB)).containsExactly("alice/shown", "bob/hidden");
    assertThat(names(open, signed("GET", "/v1/search"))).hasSize(3);
    assertThat(open.client().get("/v1/search?q=", BOB).text()).contains("\"num_results\": 2");
    assertThat(open.client().get("/v1/search?q=nothing").text()).contains("\"num_results\": 0");
  }

  /** The index of the search learns of a change only a moment later. */
  @Test
  void whatHasBecomePrivateIsNotCountedEither() {
    IndexedRepositories indexed = open.bean(IndexedRepositories.class);
    RepositoryName shown = RepositoryName.parse("alice/shown");
    indexed.setVisibility(shown, Visibility.PRIVATE);
    try {
      assertThat(open.client().get("/v1/search?q=shown", BOB).text())
          .contains("\"num_results\": 0", "\"num_pages\": 0", "\"results\": []");
      assertThat(open.client().get("/v1/search?q=shown", ALICE).text())
          .contains("\"num_results\": 1");
    } finally {
      indexed.setVisibility(shown, Visibility.PUBLIC);
    }
  }

  @Test
  void aTokenFindsItsRepository() {
    String token =
        open.client()
            .get("/v1/repositories/alice/hidden/images", join(ALICE, "X-Docker-Token", "true"))
            .header("X-Docker-Token");

    assertThat(names(open, "Authorization", token)).containsExactly("alice/hidden");
    assertThat(names(remote, "Authorization", index.issue("alice/hidden", "read")))
        .containsExactly("alice/hidden");
    assertThat(names(remote)).containsExactly("alice/shown");
  }

  /** Podman takes any 200 for an answer, and does not go on to show a password. */
  @Test
  void whoFindsNothingAnywhereIsAskedWhoItIs() {
    for (String[] nobody : List.of(new String[0], EMPTY)) {
      Answer answer = closed.client().get("/v1/search?q=alice", nobody);
      assertThat(answer.status()).isEqualTo(401);
      assertThat(answer.header("WWW-Authenticate"))
          .isEqualTo("Basic realm=\"auth required\",Token");
      assertThat(answer.text()).isEqualTo("{\"error\": \"Requires authorization\"}");
    }
    publish(open, "alice/shown", true);
    await().atMost(PATIENCE).until(() -> open.client().get("/v1/search?q=").status() == 401);
    assertThat(names(open, BOB)).containsExactly("bob/hidden");

    publish(open, "alice/shown", false);
    await().atMost(PATIENCE).until(() -> open.client().get("/v1/search?q=").status() == 200);
  }

  @Test
  void credentialsThatDoNotHoldAreNotNone() {
    for (String[] wrong :
        List.of(
            basic("alice", "wrong"),
            basic("nobody", PASSWORD),
            new String[] {"Authorization", "Bearer x"},
            new String[] {
              "Authorization", "Token signature=x,repository=\"alice/shown\",access=read"
            },
            new String[] {"X-Signature", KEY.signText("GET,/v1/other")})) {
      assertThat(open.client().get("/v1/search?q=", wrong).status()).isEqualTo(401);
      assertThat(remote.client().get("/v1/search?q=", wrong).status()).isEqualTo(401);
    }
  }

  @Test
  void anIndexThatIsBehindTellsNoName() {
    RepositoryName shown = new RepositoryName("alice", "shown");
    IndexedRepositories indexed = closed.bean(IndexedRepositories.class);
    // As another process does it whose word has not come yet.
    indexed.setVisibility(shown, Visibility.PRIVATE);

    assertThat(names(closed, BOB)).containsExactly("bob/hidden");

    indexed.setVisibility(shown, Visibility.PUBLIC);
    assertThat(names(closed, BOB)).containsExactly("alice/shown", "bob/hidden");
  }

  @Test
  void aRoleCountsAtOnce() {
    Namespaces namespaces = closed.bean(Namespaces.class);
    String[] carol = basic("carol", PASSWORD);
    assertThat(names(closed, carol)).containsExactly("alice/shown");
    namespaces.create("alice", new Owner(PartyKind.ACCOUNT, "alice"));
    namespaces.setMember("alice", new Member(PartyKind.ACCOUNT, "carol"), Role.READ);

    assertThat(names(closed, carol)).containsExactly("alice/hidden", "alice/shown");
  }

  @Test
  void aRepositoryThatIsPushedAgainIsAsVisibleAsANewOne() {
    ok(open.client().put("/v1/repositories/alice/again/", LIST, ALICE));
    publish(open, "alice/again", false);
    await().atMost(PATIENCE).until(() -> names(open).contains("alice/again"));

    ok(open.client().delete("/v1/repositories/alice/again/", ALICE));
    ok(open.client().put("/v1/repositories/alice/again/", LIST, ALICE));

    await().atMost(PATIENCE).until(() -> names(open, ALICE).contains("alice/again"));
    assertThat(names(open)).doesNotContain("alice/again");
    ok(open.client().delete("/v1/repositories/alice/again/", ALICE));
    await().atMost(PATIENCE).until(() -> !names(open, ALICE).contains("alice/again"));
  }

  /** A push between the removal of a repository and that of what the index knew of it. */
  @Test
  void aRepositoryWhoseVisibilityIsForgottenLateIsAsVisibleAsANewOne() {
    RepositoryName raced = new RepositoryName("alice", "raced");
    ok(closed.client().put("/v1/repositories/alice/raced/", LIST, ALICE));
    publish(closed, "alice/raced", false);
    boolean removed = closed.bean(Repositories.class).remove(raced, true);
    assertThat(removed).isTrue();
    assertThat(
            closed
                .bean(Repositories.class)
                .imageLists()
                .add(raced, LIST.getBytes(StandardCharsets.UTF_8)))
        .hasSize(1);
    await().atMost(PATIENCE).until(() -> publicOnes().contains(raced));

    closed.bean(AccessRecorder.class).removed(raced);

    await().atMost(PATIENCE).until(() -> !publicOnes().contains(raced));
    ok(closed.client().delete("/v1/repositories/alice/raced/", ALICE));
    settle(closed, ADMIN, "alice/hidden", "alice/shown", "bob/hidden");
  }

  // As the index has it, without asking once more.
  private static List<RepositoryName> publicOnes() {
    return closed.bean(RepositorySearch.class).find("", ReadScope.PUBLIC, 0, 100).some().stream()
        .map(SearchResult::repository)
        .toList();
  }

  @Test
  void adminsLookAfterTheIndexAndNobodyElse() {
    for (RegistryServer server : List.of(open, closed)) {
      assertThat(rebuild(server)).isEqualTo(401);
      assertThat(rebuild(server, ALICE)).isEqualTo(403);
      assertThat(rebuild(server, ADMIN)).isEqualTo(202);
      assertThat(server.client().get("/api/search", ALICE).status()).isEqualTo(403);
      assertThat(server.client().get("/api/search", ADMIN).status()).isEqualTo(200);
    }
    assertThat(rebuild(remote)).isEqualTo(401);
    assertThat(rebuild(remote, "Authorization", index.issue("alice/shown", "write")))
        .isEqualTo(401);
    assertThat(rebuild(remote, signed("POST", "/api/search/rebuild"))).isEqualTo(202);
    assertThat(remote.client().get("/api/search").status()).isEqualTo(401);
    assertThat(remote.client().get("/api/search", signed("GET", "/api/search")).status())
        .isEqualTo(200);
    assertThat(remote.client().get("/api/anything").status()).isEqualTo(401);
  }

  @Test
  void whoMayChangeARepositoryDescribesIt() {
    assertThat(describe(open, "alice/hidden")).isEqualTo(401);
    assertThat(describe(open, "alice/hidden", BOB)).isEqualTo(404);
    assertThat(describe(open, "alice/shown", BOB)).isEqualTo(403);
    assertThat(describe(open, "alice/hidden", ALICE)).isEqualTo(200);
    String path = "/api/repositories/alice/hidden/description";
    assertThat(open.client().get(path, ALICE).text()).contains("A text");
    assertThat(open.client().get(path, BOB).status()).isEqualTo(404);
    assertThat(open.client().get(path).status()).isEqualTo(401);

    assertThat(describe(remote, "alice/hidden")).isEqualTo(401);
    assertThat(
            describe(remote, "alice/hidden", "Authorization", index.issue("alice/hidden", "read")))
        .isEqualTo(401);
    assertThat(
            describe(remote, "alice/hidden", "Authorization", index.issue("alice/shown", "write")))
        .isEqualTo(401);
    assertThat(
            describe(remote, "alice/hidden", "Authorization", index.issue("alice/hidden", "write")))
        .isEqualTo(200);
    assertThat(remote.client().get("/api/repositories/alice/shown/description").status())
        .isEqualTo(200);
    assertThat(remote.client().get(path).status()).isEqualTo(401);
    assertThat(
            describe(
                remote, "alice/shown", signed("PUT", "/api/repositories/alice/shown/description")))
        .isEqualTo(200);
  }

  /** 9.7: releases before 1.6 show no password here. */
  @ParameterizedTest
  @MethodSource("searching")
  void daemonsFindWhatTheyMayPull(DockerFamily family) {
    DockerDaemon nobody = new DockerDaemon(family, open.port());

    assertThat(nobody.search("alice/")).containsExactly("alice/shown");
    List<String> found = nobody.loggedInAs("alice", PASSWORD).search("alice/");
    if (family.showsPasswordToSearch()) {
      assertThat(found).containsExactly("alice/hidden", "alice/shown");
    } else {
      assertThat(found).containsExactly("alice/shown");
    }
    DockerDaemon stranger = new DockerDaemon(family, closed.port());
    if (family.pushes()) {
      assertThat(stranger.search("alice")).isEmpty();
    } else {
      assertThatThrownBy(() -> stranger.search("alice"))
          .isInstanceOf(Failure.class)
          .hasMessageContaining("401");
    }
  }

  static Stream<DockerFamily> searching() {
    return Arrays.stream(DockerFamily.values()).filter(DockerFamily::searches);
  }

  private static int rebuild(RegistryServer server, String... who) {
    return server.client().post("/api/search/rebuild", "{}", join(who, JSON)).status();
  }

  private static int describe(RegistryServer server, String name, String... who) {
    return server
        .client()
        .put(
            "/api/repositories/" + name + "/description",
            "{\"description\": \"A text\"}",
            join(who, JSON))
        .status();
  }

  private static void publish(RegistryServer server, String name, boolean isPrivate) {
    server.bean(RepositoryVisibility.class).setPrivate(RepositoryName.parse(name), isPrivate);
  }

  private static void settle(RegistryServer server, String[] who, String... names) {
    SearchIndexer indexer = server.bean(SearchIndexer.class);
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              assertThat(names(server, who)).containsExactly(names);
              assertThat(indexer.status().waiting()).isZero();
            });
  }

  private static List<String> names(RegistryServer server, String... who) {
    Answer answer = server.client().get("/v1/search?q=", who);
    assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
    return JsonMapper.shared()
        .readTree(answer.bytes())
        .path("results")
        .valueStream()
        .map(result -> result.path("name").stringValue())
        .toList();
  }

  private static void ok(Answer answer) {
    assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
  }

  private static String[] signed(String method, String path) {
    return new String[] {"X-Signature", KEY.signText(method + "," + path)};
  }

  private static String[] basic(String name, String password) {
    return new String[] {
      "Authorization",
      "Basic "
          + Base64.getEncoder()
              .encodeToString((name + ":" + password).getBytes(StandardCharsets.UTF_8))
    };
  }

  private static String[] join(String[] some, String... others) {
    return Stream.concat(Arrays.stream(some), Arrays.stream(others)).toArray(String[]::new);
  }
}
