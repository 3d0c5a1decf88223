package io.registry.web.v2;

import static io.registry.web.v2.V2Stage.PASSWORD;
import static io.registry.web.v2.V2Stage.basic;
import static io.registry.web.v2.V2Stage.bearer;
import static io.registry.web.v2.V2Stage.code;
import static io.registry.web.v2.V2Stage.json;
import static io.registry.web.v2.V2Stage.names;
import static io.registry.web.v2.V2Stage.token;
import static org.assertj.core.api.Assertions.assertThat;

import io.registry.auth.RepositoryVisibility;
import io.registry.index.Accounts;
import io.registry.index.NewAccount;
import io.registry.repository.RepositoryName;
import io.registry.testkit.DockerDaemon;
import io.registry.testkit.DockerFamily;
import io.registry.testkit.DockerImages;
import io.registry.testkit.FakeIndex;
import io.registry.testkit.FakeIndex.Question;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import java.nio.file.Path;
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
  private static final String PULL = "repository:team/app:pull";

  @TempDir private static Path folder;

  private static FakeIndex index;
  private static RegistryServer server;
  private static TestClient client;

  @BeforeAll
  static void start() {
    index = FakeIndex.start();
    server = start("store");
    client = server.client();
    List<TestImage> images = DockerImages.chain(DockerFamily.DOCKER_1_9, "app");
    images.forEach(image -> index.allow("team/app", image.id()));
    index.list("team/app", DockerImages.ids(images).toArray(String[]::new));
    V2Stage.push(server, "team/app", images, "Authorization", index.issue("team/app", "write"));
    users().allow("reader", "team/app");
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

  private static IndexUsers users() {
    return new IndexUsers(index);
  }

  @AfterEach
  void recover() {
    users().allow("reader", "team/app");
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
  void anIndexThatDoesNotAnswerIsAnOutageAndNoRefusal() {
    index.always(FakeIndex.status(500));

    for (Answer answer :
        List.of(
            V2Stage.askToken(client, READER, PULL),
            V2Stage.askToken(client, NOBODY, PULL),
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
        var unused =
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
    }
  }
}
