package io.registry.web.v2;

import static io.registry.web.v2.V2Stage.PASSWORD;
import static io.registry.web.v2.V2Stage.basic;
import static io.registry.web.v2.V2Stage.bearer;
import static io.registry.web.v2.V2Stage.code;
import static io.registry.web.v2.V2Stage.json;
import static io.registry.web.v2.V2Stage.names;
import static io.registry.web.v2.V2Stage.rights;
import static io.registry.web.v2.V2Stage.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.registry.access.auth.RepositoryVisibility;
import io.registry.access.index.Accounts;
import io.registry.access.index.NewAccount;
import io.registry.content.repository.RepositoryName;
import io.registry.testkit.DockerDaemon;
import io.registry.testkit.DockerFamily;
import io.registry.testkit.DockerImages;
import io.registry.testkit.FakeIndex;
import io.registry.testkit.FakeIndex.Question;
import io.registry.testkit.PassingClock;
import io.registry.testkit.PassingRegistry;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokens of V2 where an index elsewhere decides, which is asked as clients of V1 ask it. */
class V2RemoteTokenHttpTest {
  private static final String[] NOBODY = {};
  private static final String[] READER = basic("reader", PASSWORD);
  private static final String[] STRANGER = basic("stranger", PASSWORD);
  private static final String[] WRITER = basic("writer", PASSWORD);
  private static final String PULL = "repository:team/app:pull";
  private static final String PUSH = "repository:team/app:pull,push";

  @TempDir private static Path folder;

  private static FakeIndex index;
  private static RegistryServer server;
  private static TestClient client;
  private static V2Probe probe;

  @BeforeAll
  static void start() {
    index = FakeIndex.start();
    server = start("store");
    client = server.client();
    probe = V2Probe.at(server);
    List<TestImage> images = DockerImages.chain(DockerFamily.DOCKER_1_9, "app");
    images.forEach(image -> index.allow("team/app", image.id()));
    index.list("team/app", DockerImages.ids(images).toArray(String[]::new));
    V2Stage.push(server, "team/app", images, "Authorization", index.issue("team/app", "write"));
    recover();
  }

  private static RegistryServer start(String store, String... more) {
    List<String> arguments =
        new java.util.ArrayList<>(
            List.of(
                "--registry.index.mode=remote",
                "--registry.index.remote.endpoint=" + index.endpoint(),
                "--registry.index.remote.attempts=1",
                "--registry.index.remote.rest=1ms",
                "--registry.auth.limits.failures-per-account=4"));
    arguments.addAll(List.of(more));
    return RegistryServer.start(folder.resolve(store), arguments.toArray(String[]::new));
  }

  @AfterEach
  void recoverIndex() {
    recover();
  }

  private static void recover() {
    IndexUsers users = users();
    users.allow("reader", "team/app");
    users.allowPush("writer", "team/app");
    users.allowPush("writer", "team/new");
  }

  private static IndexUsers users() {
    return new IndexUsers(index);
  }

  private static List<Question> asked(int before) {
    return index.questions().subList(before, index.timesAsked());
  }

  @AfterAll
  static void stop() {
    server.close();
    index.close();
  }

  @Test
  void aTokenIsWhatTheIndexGivesForNameAndPassword() {
    int before = index.timesAsked();
    Answer answer = V2Stage.askToken(client, READER, PULL);

    assertThat(answer.status()).isEqualTo(200);
    assertThat(json(answer).path("expires_in").asInt()).isEqualTo(300);
    List<Question> asked = index.questions().subList(before, index.timesAsked());
    assertThat(asked)
        .extracting(Question::path)
        .containsExactly("/v1/users/", "/v1/repositories/team/app/images");
    assertThat(asked.get(1).header("x-docker-token")).containsExactly("true");
    assertThat(asked.get(1).header("authorization")).containsExactly(READER[1]);

    String[] token = bearer(json(answer).path("token").asString());
    before = index.timesAsked();
    assertThat(client.get("/v2/", token).status()).isEqualTo(200);
    assertThat(names(client.get("/v2/team/app/tags/list", token), "tags")).containsExactly("v1");
    assertThat(client.get("/v2/team/app/manifests/v1", token).status()).isEqualTo(200);
    asked = index.questions().subList(before, index.timesAsked());
    assertThat(asked).as("what it allows is asked once").hasSize(1);
    assertThat(asked.get(0).header("authorization").get(0))
        .startsWith("Token Token signature=secret");
  }

  @Test
  void aLoginAsksWhetherThereIsSuchAUser() {
    int before = index.timesAsked();
    String token = token(client, READER);

    assertThat(index.questions().subList(before, index.timesAsked()))
        .extracting(Question::path)
        .containsExactly("/v1/users/");
    assertThat(client.get("/v2/", bearer(token)).status()).isEqualTo(200);
    assertThat(client.get("/v2/", READER).status()).isEqualTo(200);
    assertThat(client.get("/v2/").status()).isEqualTo(401);
    assertThat(client.get("/v2/").header("WWW-Authenticate"))
        .startsWith("Bearer realm=\"http://127.0.0.1:");
  }

  @Test
  void eachProcessOnTheStoreTakesTheTokensOfTheOthers() {
    String[] token = bearer(token(client, READER, PULL));
    try (RegistryServer replica = start("store")) {
      assertThat(replica.client().get("/v2/", token).status()).isEqualTo(200);
      assertThat(replica.client().get("/v2/team/app/tags/list", token).status()).isEqualTo(200);
    }
    try (RegistryServer stranger = start("another store")) {
      assertThat(stranger.client().get("/v2/", token).status()).isEqualTo(401);
    }
  }

  @Test
  void whomTheIndexRefusesReadsNothing() {
    String[] stranger = bearer(token(client, STRANGER, PULL));

    assertThat(client.get("/v2/", stranger).status()).isEqualTo(200);
    assertThat(client.get("/v2/team/app/tags/list", stranger).status()).isEqualTo(401);
    assertThat(client.get("/v2/team/app/tags/list", STRANGER).status()).isEqualTo(401);
    assertThat(client.get("/v2/team/app/tags/list", READER).status()).isEqualTo(200);
    assertThat(client.get("/v2/team/app/tags/list").status()).isEqualTo(401);
    assertThat(names(client.get("/v2/_catalog", stranger), "repositories")).isEmpty();
  }

  @Test
  void whatTheIndexGivesToEverybodyIsPulledWithAnAnonymousToken() {
    IndexUsers users = users();
    users.allow("", "team/app");
    String[] token = bearer(token(client, NOBODY, PULL));

    assertThat(client.get("/v2/team/app/tags/list", token).status()).isEqualTo(200);
    assertThat(client.get("/v2/", token).status()).isEqualTo(401);
  }

  @Test
  void aTokenThatTheIndexTakesBackEnds() {
    String[] token = bearer(token(client, READER, PULL));
    index.revoke(
        "Token Token signature=secret%s"
            .formatted(
                new String(
                        java.util.Base64.getUrlDecoder().decode(token[1].substring(7)),
                        java.nio.charset.StandardCharsets.UTF_8)
                    .replaceFirst("(?s).*signature=secret", "")));

    assertThat(client.get("/v2/team/app/tags/list", token).status()).isEqualTo(401);
  }

  @Test
  void aTokenToPushIsWhatTheIndexGivesForAnEmptyList() {
    for (String repository : List.of("team/app", "team/new")) {
      int before = index.timesAsked();
      String token = token(client, WRITER, "repository:" + repository + ":push,pull");

      assertThat(rights(token)).containsExactly("write " + repository);
      assertThat(asked(before))
          .extracting(Question::method, Question::path)
          .containsExactly(
              tuple("GET", "/v1/users/"), tuple("PUT", "/v1/repositories/" + repository + "/"));
      Question push = asked(before).get(1);
      assertThat(push.body()).isEqualTo("[]");
      assertThat(push.header("x-docker-token")).containsExactly("true");
      assertThat(push.header("content-type")).containsExactly("application/json");
      assertThat(push.header("authorization")).containsExactly(WRITER[1]);

      before = index.timesAsked();
      assertThat(probe.push(repository, bearer(token))).isEqualTo(200);
      assertThat(probe.push(repository, bearer(token))).isEqualTo(200);
      assertThat(client.get("/v2/" + repository + "/tags/list", bearer(token)).status())
          .isEqualTo(200);
      assertThat(asked(before)).as("what it allows is asked once").hasSize(1);
    }
  }

  @Test
  void whomTheIndexLetsReadOnlyDoesNotPush() {
    int before = index.timesAsked();
    String token = token(client, READER, PUSH);

    assertThat(rights(token)).containsExactly("read team/app");
    assertThat(asked(before)).extracting(Question::method).containsExactly("GET", "PUT", "GET");
    assertThat(client.get("/v2/team/app/tags/list", bearer(token)).status()).isEqualTo(200);
    Answer refused = client.post("/v2/team/app/blobs/uploads/", "", bearer(token));
    assertThat(refused.status()).isEqualTo(401);
    assertThat(code(refused)).isEqualTo("UNAUTHORIZED");
    assertThat(refused.header("WWW-Authenticate")).endsWith(",scope=\"" + PUSH + "\"");
    for (String[] password : new String[][] {READER, STRANGER}) {
      Answer denied = client.post("/v2/team/app/blobs/uploads/", "", password);
      assertThat(denied.status()).isEqualTo(403);
      assertThat(code(denied)).isEqualTo("DENIED");
    }
    assertThat(rights(token(client, STRANGER, PUSH))).isEmpty();
    assertThat(rights(token(client, READER, "repository:team/app:push"))).isEmpty();
  }

  /** An upload that is under way must not change its owner. */
  @Test
  void whoPushesKeepsHisNameWhenTheLoginIsOld() {
    try (RegistryServer passing =
        PassingRegistry.start(
            folder.resolve("passing"),
            "--registry.index.mode=remote",
            "--registry.index.remote.endpoint=" + index.endpoint())) {
      V2Probe.at(passing);
      String token = token(passing.client(), WRITER, PUSH);
      String path = V2Probe.path("team/app");
      for (int i = 0; i < 2; i++) {
        assertThat(passing.client().put(path, "x", bearer(token)).text())
            .isEqualTo("token:writer sends 1 to team/app");
        ((PassingClock) passing.bean(Clock.class)).pass(Duration.ofMinutes(6));
      }
      assertThat(passing.client().get("/v2/", bearer(token)).status()).isEqualTo(401);
      assertThat(passing.client().put(path, "x", WRITER).text())
          .isEqualTo("token:writer sends 1 to team/app");
    }
  }

  @Test
  void aPasswordPushesWhatTheIndexLetsItPush() {
    users().allowPush("writer", "writer/own");
    int before = index.timesAsked();
    assertThat(probe.push("writer/own", WRITER)).isEqualTo(200);
    assertThat(asked(before))
        .extracting(Question::method, Question::path)
        .containsExactly(
            tuple("GET", "/v1/users/"),
            tuple("PUT", "/v1/repositories/writer/own/"),
            tuple("GET", "/v1/repositories/writer/own/images"));

    before = index.timesAsked();
    assertThat(probe.push("writer/own", WRITER)).isEqualTo(200);
    assertThat(asked(before)).extracting(Question::path).containsOnly("/v1/users/");
    recover();
    assertThat(probe.push("team/none", WRITER)).isEqualTo(403);
    assertThat(probe.push("team/app", READER)).as("who only reads").isEqualTo(403);
    assertThat(client.get("/v2/team/app/tags/list", READER).status()).isEqualTo(200);
    assertThat(probe.push("team/app", READER)).as("who has just read").isEqualTo(403);
  }

  @Test
  void withoutANameNothingIsPushedAndTheIndexIsNotAsked() {
    int before = index.timesAsked();
    String token = token(client, NOBODY, PUSH);

    assertThat(asked(before)).extracting(Question::method).containsExactly("GET");
    for (String[] anonymous : new String[][] {NOBODY, basic("", ""), bearer(token)}) {
      assertThat(probe.push("team/app", anonymous)).isEqualTo(401);
      assertThat(probe.delete("team/app", anonymous)).isEqualTo(401);
    }
  }

  @Test
  void theIndexIsNotAskedWhoMayDelete() {
    String token = token(client, WRITER, "repository:team/app:*");
    assertThat(rights(token)).containsExactly("write team/app");

    int before = index.timesAsked();
    for (String[] writer : new String[][] {WRITER, bearer(token)}) {
      for (String path : List.of("manifests/v1", "blobs/sha256:" + "0".repeat(64))) {
        Answer answer = client.delete("/v2/team/app/" + path, writer);
        assertThat(answer.status()).isEqualTo(403);
        assertThat(code(answer)).isEqualTo("DENIED");
      }
      assertThat(probe.push("team/app", writer)).as("the session of a push").isEqualTo(200);
    }
    assertThat(asked(before))
        .extracting(Question::path)
        .doesNotContain("/v1/repositories/team/app/layer");
    // Over V1, an index may give such tokens.
    String delete = index.issue("team/app", "delete");
    assertThat(probe.delete("team/app", "Authorization", delete)).isEqualTo(200);
    assertThat(probe.push("team/app", "Authorization", delete)).isEqualTo(401);
  }

  @Test
  void aBlobIsMountedFromWhatTheIndexLetsTheClientRead() {
    users().allowPush("reader", "reader/own");
    String push = "repository:reader/own:pull,push";
    String[] forOne = bearer(token(client, READER, push));
    recover();
    assertThat(probe.mount("reader/own", "team/app", forOne)).isEqualTo("false");
    IndexUsers users = users();
    users.allow("reader", "team/app");
    users.allowPush("reader", "reader/own");
    String[] forBoth = bearer(token(client, READER, push, PULL));
    assertThat(probe.mount("reader/own", "team/app", forBoth)).isEqualTo("true");
    assertThat(probe.mount("reader/own", "team/app", READER)).isEqualTo("true");
    assertThat(probe.mount("reader/own", "team/none", forBoth)).isEqualTo("false");
    assertThat(probe.mount("reader/own", "team/none", READER)).isEqualTo("false");
  }

  @Test
  void anIndexThatDoesNotAnswerIsAnOutageAndNoRefusal() {
    index.always(FakeIndex.status(500));

    for (Answer answer :
        List.of(
            V2Stage.askToken(client, READER, PULL),
            V2Stage.askToken(client, NOBODY, PULL),
            V2Stage.askToken(client, WRITER, PUSH),
            client.get("/v2/", READER))) {
      assertThat(answer.status()).isEqualTo(503);
      assertThat(code(answer)).isEqualTo("UNAVAILABLE");
      assertThat(answer.header("WWW-Authenticate")).isEmpty();
    }
  }

  @Test
  void guessesAreCountedHereForTheIndexSeesOneAddress() {
    String[] wrong = basic("guessed", "wrong");
    for (int i = 0; i < 4; i++) {
      assertThat(V2Stage.askToken(client, wrong).status()).isEqualTo(401);
    }
    int before = index.timesAsked();
    assertThat(V2Stage.askToken(client, wrong).status()).isEqualTo(429);
    assertThat(client.get("/v2/team/app/tags/list", wrong).status()).isEqualTo(429);
    assertThat(index.timesAsked()).isEqualTo(before);
  }

  @Test
  void aProofThatWasNotMadeHereIsRefused() {
    for (String proof :
        List.of(
            "Token signature=p1.99999999999.cmVhZGVy.%s,repository=\"library/_sign-in\",access=read"
                .formatted("A".repeat(43)),
            "Token signature=any,repository=\"library/_sign-in\",access=read")) {
      String forged =
          java.util.Base64.getUrlEncoder()
              .encodeToString(proof.getBytes(java.nio.charset.StandardCharsets.UTF_8));
      assertThat(client.get("/v2/", bearer(forged)).status()).isEqualTo(401);
    }
  }

  @Test
  void withoutTokensEverybodyReads() {
    try (RegistryServer open = start("open", "--registry.auth.disable-token-auth=true")) {
      assertThat(open.client().get("/v2/").status()).isEqualTo(200);
      assertThat(open.client().get("/v2/team/app/tags/list").status()).isEqualTo(404);
    }
  }

  /** The three parties of protocol 4.1, with a client of V2. */
  @Test
  void aRegistryWithAccountsIsTheIndex() {
    int port = RegistryServer.freePort();
    try (RegistryServer accounts =
            RegistryServer.start(
                folder.resolve("index"),
                V2Stage.accounts("v2-parties", "--registry.endpoints=127.0.0.1:" + port)
                    .toArray(String[]::new));
        RegistryServer images =
            RegistryServer.startAt(
                port,
                folder.resolve("images"),
                "--registry.index.mode=remote",
                "--registry.index.remote.timeout=20s",
                "--registry.index.remote.endpoint=http://127.0.0.1:" + accounts.port())) {
      for (String name : List.of("alice", "mallory")) {
        accounts.bean(Accounts.class).create(new NewAccount(name, PASSWORD, "", false));
      }
      List<TestImage> chain = DockerImages.chain(DockerFamily.DOCKER_1_9, "v2 parties");
      for (String name : List.of("alice/hidden", "alice/shown")) {
        new DockerDaemon(DockerFamily.DOCKER_1_9, accounts.port())
            .loggedInAs("alice", PASSWORD)
            .push(name, chain, Map.of("v1", chain.get(2).id()));
      }
      accounts
          .bean(RepositoryVisibility.class)
          .setPrivate(RepositoryName.parse("alice/shown"), false);
      TestClient registry = images.client();
      String[] scopes = {"repository:alice/hidden:pull", "repository:alice/shown:pull"};

      String[] alice = bearer(token(registry, basic("alice", PASSWORD), scopes));
      assertThat(registry.get("/v2/", alice).status()).isEqualTo(200);
      assertThat(registry.get("/v2/alice/hidden/manifests/v1", alice).status()).isEqualTo(200);
      String[] mallory = bearer(token(registry, basic("mallory", PASSWORD), scopes));
      assertThat(registry.get("/v2/alice/hidden/manifests/v1", mallory).status()).isEqualTo(401);
      assertThat(registry.get("/v2/alice/shown/manifests/v1", mallory).status()).isEqualTo(200);
      String[] anonymous = bearer(token(registry, NOBODY, scopes));
      assertThat(registry.get("/v2/alice/hidden/manifests/v1", anonymous).status()).isEqualTo(401);
      assertThat(registry.get("/v2/alice/shown/manifests/v1", anonymous).status()).isEqualTo(200);
      assertThat(V2Stage.askToken(registry, basic("alice", "wrong")).status()).isEqualTo(401);

      V2Probe pushing = V2Probe.at(images);
      for (String name : List.of("alice/hidden", "alice/shown", "alice/new")) {
        String scope = "repository:" + name + ":pull,push";
        String[] owner = bearer(token(registry, basic("alice", PASSWORD), scope));
        assertThat(pushing.push(name, owner)).isEqualTo(200);
        assertThat(pushing.push(name, basic("alice", PASSWORD))).isEqualTo(200);
        String[] other = bearer(token(registry, basic("mallory", PASSWORD), scope));
        assertThat(pushing.push(name, other)).isEqualTo(401);
        assertThat(pushing.push(name, basic("mallory", PASSWORD))).isEqualTo(403);
        assertThat(pushing.push(name)).isEqualTo(401);
      }
    }
  }
}
