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

import io.registry.access.index.Accounts;
import io.registry.access.index.Member;
import io.registry.access.index.Namespaces;
import io.registry.access.index.NewAccount;
import io.registry.access.index.Owner;
import io.registry.access.index.PartyKind;
import io.registry.access.index.Robots;
import io.registry.access.index.Role;
import io.registry.testkit.PassingClock;
import io.registry.testkit.PassingRegistry;
import io.registry.testkit.RawConnection;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Tokens of V2 where this process has the accounts. */
@ExtendWith(OutputCaptureExtension.class)
class V2TokenHttpTest {
  private static final String[] NOBODY = {};
  private static final String[] ADMIN = basic("admin", PASSWORD);
  private static final String[] ALICE = basic("alice", PASSWORD);
  private static final String[] BOB = basic("bob", PASSWORD);

  @TempDir private static Path folder;

  private static RegistryServer server;
  private static TestClient client;
  private static V2Probe probe;

  @BeforeAll
  static void start() {
    server =
        PassingRegistry.start(
            folder.resolve("store"),
            V2Stage.accounts(
                    "v2-tokens",
                    "--registry.auth.limits.failures-per-account=3",
                    "--registry.auth.limits.failures-per-address=1000")
                .toArray(String[]::new));
    client = server.client();
    probe = V2Probe.at(server);
    Accounts accounts = server.bean(Accounts.class);
    for (String name : new String[] {"alice", "bob", "carol", "dave", "erin"}) {
      accounts.create(new NewAccount(name, PASSWORD, "", false));
    }
    V2Stage.push(server, "alice/hidden", ALICE);
    V2Stage.push(server, "alice/shown", ALICE);
    V2Stage.setVisibility(server, "alice/shown", "public", ALICE);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void whoShowsNothingIsToldWhereTokensAre() {
    Answer answer = client.get("/v2/");

    assertThat(answer.status()).isEqualTo(401);
    assertThat(code(answer)).isEqualTo("UNAUTHORIZED");
    assertThat(answer.headers("WWW-Authenticate"))
        .containsExactly(
            "Bearer realm=\"http://127.0.0.1:%d/v2/token\",service=\"registry\""
                .formatted(client.port()));
    assertThat(client.get("/v2/alice/hidden/tags/list").header("WWW-Authenticate"))
        .endsWith(",service=\"registry\",scope=\"repository:alice/hidden:pull\"");
    assertThat(client.get("/v2/thing/tags/list").header("WWW-Authenticate"))
        .endsWith(",scope=\"repository:thing:pull\"");
  }

  @Test
  void aLoginIsAChallengeATokenAndAnAnswer() {
    assertThat(client.get("/v2/", ALICE).status()).isEqualTo(200);
    Answer answer =
        client.get(
            "/v2/token?account=alice&client_id=docker&offline_token=true&service=registry", ALICE);

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
    assertThat(json(answer).path("access_token")).isEqualTo(json(answer).path("token"));
    assertThat(json(answer).path("expires_in").asInt()).isEqualTo(12 * 3600);
    assertThat(json(answer).path("issued_at").asString())
        .isEqualTo(server.bean(Clock.class).instant().toString());
    assertThat(json(answer).has("refresh_token")).isFalse();
    assertThat(client.get("/v2/", bearer(json(answer).path("token").asString())).status())
        .isEqualTo(200);
  }

  @Test
  void anonymousClientsGetTokensThatReadWhatIsPublic() {
    for (String[] credentials : new String[][] {NOBODY, basic("", "")}) {
      String[] token =
          bearer(
              token(
                  client,
                  credentials,
                  "repository:alice/shown:pull",
                  "repository:alice/hidden:pull"));
      assertThat(names(client.get("/v2/alice/shown/tags/list", token), "tags"))
          .containsExactly("v1");
      assertThat(client.get("/v2/alice/hidden/tags/list", token).status()).isEqualTo(401);
      assertThat(client.get("/v2/", token).status()).isEqualTo(401);
    }
    assertThat(client.get("/v2/alice/shown/tags/list").status()).isEqualTo(200);
  }

  @Test
  void aTokenAllowsWhatItsAccountMayAndNoMore() {
    String[] scopes = {"repository:alice/shown:pull,push repository:alice/hidden:pull,push,delete"};
    String[] alice = bearer(token(client, ALICE, scopes));
    String[] bob = bearer(token(client, BOB, scopes));

    assertThat(client.get("/v2/alice/hidden/tags/list", alice).status()).isEqualTo(200);
    assertThat(client.get("/v2/alice/shown/tags/list", bob).status()).isEqualTo(200);
    assertThat(client.get("/v2/alice/hidden/tags/list", bob).status()).isEqualTo(404);
    assertThat(client.get("/v2/alice/hidden/manifests/v1", alice).status()).isEqualTo(200);
  }

  @Test
  void aTokenForOneRepositoryReadsNoOther() {
    String[] token = bearer(token(client, ALICE, "repository:alice/shown:pull"));

    assertThat(client.get("/v2/alice/hidden/tags/list", token).status()).isEqualTo(401);
    assertThat(client.get("/v2/alice/shown/tags/list", token).status()).isEqualTo(200);
  }

  @Test
  void aWrongPasswordGetsNoTokenAndIsCounted(CapturedOutput output) {
    String[] wrong = basic("carol", "wrong");
    for (int i = 0; i < 3; i++) {
      Answer answer = V2Stage.askToken(client, wrong, "repository:alice/shown:pull");
      assertThat(answer.status()).isEqualTo(401);
      assertThat(code(answer)).isEqualTo("UNAUTHORIZED");
    }
    Answer answer = V2Stage.askToken(client, basic("carol", PASSWORD));
    assertThat(answer.status()).isEqualTo(429);
    assertThat(code(answer)).isEqualTo("TOOMANYREQUESTS");
    assertThat(answer.header("Retry-After")).matches("[0-9]+");
    assertThat(client.get("/v2/", basic("carol", PASSWORD)).status()).isEqualTo(429);
    assertThat(output).contains("event=sign-in who=user:carol", "outcome=failure");
  }

  @Test
  void aTokenEndsWithItsAccountAndItsTime() {
    String[] token = bearer(token(client, basic("dave", PASSWORD), "repository:alice/shown:pull"));
    assertThat(client.get("/v2/", token).status()).isEqualTo(200);

    server.bean(Accounts.class).setActive("dave", false);
    assertThat(client.get("/v2/", token).status()).isEqualTo(401);
    assertThat(client.get("/v2/alice/shown/tags/list", token).status()).isEqualTo(401);
    assertThat(V2Stage.askToken(client, basic("dave", PASSWORD)).status()).isEqualTo(403);

    String[] old = bearer(token(client, ALICE, "repository:alice/hidden:pull"));
    ((PassingClock) server.bean(Clock.class)).pass(Duration.ofHours(13));
    assertThat(client.get("/v2/", old).status()).isEqualTo(401);
    assertThat(client.get("/v2/alice/hidden/tags/list", old).status()).isEqualTo(401);
  }

  @Test
  void aRobotPullsFromItsNamespace() {
    server.bean(Namespaces.class).create("works", new Owner(PartyKind.ACCOUNT, "bob"));
    Robots robots = server.bean(Robots.class);
    robots.create("works", "ci", Role.READ);
    String[] robot = basic("works+ci", robots.issue("works", "ci", Optional.empty()).secret());
    V2Stage.push(server, "works/app", BOB);

    String[] token =
        bearer(token(client, robot, "repository:works/app:pull", "repository:alice/hidden:pull"));

    assertThat(client.get("/v2/works/app/tags/list", token).status()).isEqualTo(200);
    assertThat(client.get("/v2/alice/hidden/tags/list", token).status()).isEqualTo(404);
    assertThat(names(client.get("/v2/_catalog", token), "repositories"))
        .contains("works/app")
        .doesNotContain("alice/hidden");
    robots.remove("works", "ci");
    assertThat(client.get("/v2/works/app/tags/list", token).status()).isEqualTo(401);
    assertThat(client.get("/v2/", token).status()).isEqualTo(401);
  }

  @Test
  void theCatalogShowsWhatTheAccountMayRead() {
    for (String[] alice :
        new String[][] {ALICE, bearer(token(client, ALICE, "registry:catalog:*"))}) {
      assertThat(names(client.get("/v2/_catalog", alice), "repositories"))
          .contains("alice/hidden", "alice/shown");
    }
    for (String[] bob : new String[][] {BOB, bearer(token(client, BOB, "registry:catalog:*"))}) {
      assertThat(names(client.get("/v2/_catalog", bob), "repositories"))
          .contains("alice/shown")
          .doesNotContain("alice/hidden");
    }
    assertThat(
            names(
                client.get("/v2/_catalog", bearer(token(client, ADMIN, "registry:catalog:*"))),
                "repositories"))
        .contains("alice/hidden", "alice/shown");
    Answer asked = client.get("/v2/_catalog");
    assertThat(asked.status()).isEqualTo(401);
    assertThat(asked.header("WWW-Authenticate")).endsWith(",scope=\"registry:catalog:*\"");
    for (String[] anonymous :
        new String[][] {basic("", ""), bearer(token(client, NOBODY, "registry:catalog:*"))}) {
      assertThat(names(client.get("/v2/_catalog", anonymous), "repositories"))
          .contains("alice/shown")
          .doesNotContain("alice/hidden");
    }
    // Spelt in another way, it is not another path.
    assertThat(client.get("/v2/%5Fcatalog").status()).isEqualTo(404);
  }

  @Test
  void containerdPostsItsPassword() {
    String form =
        "client_id=containerd-client&grant_type=password&service=registry"
            + "&scope=repository%3Aalice%2Fhidden%3Apull&username=alice&password=correct+horse";
    Answer answer = post(form);

    assertThat(answer.status()).isEqualTo(200);
    String[] token = bearer(json(answer).path("access_token").asString());
    assertThat(client.get("/v2/alice/hidden/tags/list", token).status()).isEqualTo(200);
    assertThat(post(form.replace("horse", "house")).status()).isEqualTo(401);
    Answer refresh = post("grant_type=refresh_token&refresh_token=any&service=registry");
    assertThat(refresh.status()).isEqualTo(400);
    assertThat(code(refresh)).isEqualTo("UNSUPPORTED");
  }

  private static Answer post(String form) {
    return client.post("/v2/token", form, "Content-Type", "application/x-www-form-urlencoded");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "x", "c2lnbmF0dXJl", "bm90IGEgdG9rZW4K", "!!!!", "a.b.c", "AAAAAAAAAAAA"})
  void whatIsNoTokenIsRefused(String text) {
    for (String path : new String[] {"/v2/", "/v2/_catalog", "/v2/alice/shown/tags/list"}) {
      Answer answer = client.get(path, "Authorization", "Bearer " + text);
      assertThat(answer.status()).isEqualTo(401);
      assertThat(code(answer)).isEqualTo("UNAUTHORIZED");
      assertThat(answer.header("WWW-Authenticate")).startsWith("Bearer realm=\"http://");
    }
  }

  @Test
  void aTokenThatWasChangedIsRefused() {
    String token = token(client, BOB, "repository:alice/shown:pull");
    String text = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
    String changed =
        Base64.getUrlEncoder()
            .encodeToString(
                text.replace("alice/shown", "alice/hidden").getBytes(StandardCharsets.UTF_8));

    assertThat(client.get("/v2/alice/hidden/tags/list", bearer(changed)).status()).isEqualTo(401);
  }

  @Test
  void aTokenForMoreThanFitsIntoAHeaderIsNotGiven() {
    String[] scopes = new String[60];
    for (int i = 0; i < scopes.length; i++) {
      scopes[i] = "repository:alice/a-rather-long-name-of-a-repository-" + i + ":";
    }
    for (String actions : new String[] {"pull", "pull,push,delete"}) {
      String token =
          token(
              client, ALICE, Stream.of(scopes).map(each -> each + actions).toArray(String[]::new));
      assertThat(token.length()).isLessThan(8_000);
      assertThat(client.get("/v2/", bearer(token)).status()).isEqualTo(200);
    }
  }

  @Test
  void aNameThatIsNotTheRegistrysIsNotToldWherePasswordsGo() throws IOException {
    String answer =
        RawConnection.exchange(
            client.port(), "GET /v2/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");

    assertThat(answer).contains(" 401").doesNotContain("realm=\"http");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "POST blobs/uploads/ pull,push",
        "POST blobs/uploads pull,push",
        "POST blobs/uploads/?mount=x&from=alice/hidden pull,push",
        "GET blobs/uploads/6f6d2e7e-5b8c-4b8e-9d1a-000000000000 pull,push",
        "PATCH blobs/uploads/6f6d2e7e-5b8c-4b8e-9d1a-000000000000 pull,push",
        "PUT blobs/uploads/6f6d2e7e-5b8c-4b8e-9d1a-000000000000 pull,push",
        "DELETE blobs/uploads/6f6d2e7e-5b8c-4b8e-9d1a-000000000000 pull,push",
        "PUT manifests/v1 pull,push",
        "DELETE manifests/v1 pull,push,delete",
        "DELETE blobs/sha256:00 pull,push,delete"
      })
  void theChallengeNamesWhatTheRequestNeeds(String method, String path, String actions) {
    Answer answer =
        client.send(method, "/v2/alice/shown/" + path, BodyPublishers.noBody(), basic("", ""));

    assertThat(answer.status()).isEqualTo(401);
    assertThat(code(answer)).isEqualTo("UNAUTHORIZED");
    assertThat(answer.header("WWW-Authenticate"))
        .endsWith(",scope=\"repository:alice/shown:" + actions + "\"");
  }

  @Test
  void aTokenHoldsWhatIsAskedForAndAllowed() {
    String hidden = "repository:alice/hidden:";
    assertThat(rights(token(client, ALICE, hidden + "pull"))).containsExactly("read alice/hidden");
    for (String actions : new String[] {"pull,push", "push,pull", "push"}) {
      assertThat(rights(token(client, ALICE, hidden + actions)))
          .containsExactly("write alice/hidden");
    }
    assertThat(rights(token(client, ALICE, hidden + "delete")))
        .containsExactly("delete alice/hidden");
    for (String[] scopes :
        new String[][] {
          {hidden + "*"},
          {hidden + "pull,push,delete"},
          {hidden + "pull", hidden + "pull,push", hidden + "delete"},
          {hidden + "pull " + hidden + "push " + hidden + "delete"}
        }) {
      assertThat(rights(token(client, ALICE, scopes)))
          .containsExactly("write alice/hidden", "delete alice/hidden");
    }
    assertThat(rights(token(client, ALICE, hidden + "pull,push", "repository:alice/shown:pull")))
        .containsExactly("write alice/hidden", "read alice/shown");
    assertThat(rights(token(client, ADMIN, "repository:any/new:pull,push")))
        .containsExactly("write any/new");
    assertThat(rights(token(client, ALICE, hidden + "fetch", hidden, "repository:a/b", "x:y:pull")))
        .isEmpty();
  }

  @Test
  void aTokenDoesNotTellWhetherThereIsARepository() {
    for (String[] credentials : new String[][] {BOB, NOBODY}) {
      for (String name : new String[] {"alice/hidden", "alice/shown", "alice/none"}) {
        assertThat(rights(token(client, credentials, "repository:" + name + ":*")))
            .containsExactly("read " + name);
        assertThat(rights(token(client, credentials, "repository:" + name + ":push,delete")))
            .isEmpty();
      }
    }
  }

  @Test
  void whoMayWritePushes() {
    for (String name : new String[] {"alice/hidden", "alice/shown", "alice/new"}) {
      String scope = "repository:" + name + ":pull,push";
      for (String[] credentials : new String[][] {ALICE, ADMIN}) {
        assertThat(probe.push(name, credentials)).isEqualTo(200);
        assertThat(probe.push(name, bearer(token(client, credentials, scope)))).isEqualTo(200);
      }
      for (String[] bob : new String[][] {BOB, bearer(token(client, BOB, scope))}) {
        Answer refused = client.post("/v2/" + name + "/blobs/uploads/", "", bob);
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.text())
            .isEqualTo(
                "{\"errors\": [{\"code\": \"DENIED\", \"detail\": {}, \"message\": \"Access denied\"}]}");
        assertThat(probe.push(name, bob)).isEqualTo(403);
      }
      for (String[] anonymous :
          new String[][] {NOBODY, basic("", ""), bearer(token(client, NOBODY, scope))}) {
        assertThat(probe.push(name, anonymous)).isEqualTo(401);
        assertThat(probe.delete(name, anonymous)).isEqualTo(401);
      }
    }
  }

  @Test
  void whoHoldsATokenForLessIsToldToGetAnother() {
    String[] pull = bearer(token(client, ALICE, "repository:alice/hidden:pull"));
    String[] push = bearer(token(client, ALICE, "repository:alice/hidden:pull,push"));
    String[] other = bearer(token(client, ALICE, "repository:alice/shown:*"));
    for (String[] token : new String[][] {pull, other}) {
      Answer answer = client.post("/v2/alice/hidden/blobs/uploads/", "", token);
      assertThat(answer.status()).isEqualTo(401);
      assertThat(code(answer)).isEqualTo("UNAUTHORIZED");
      assertThat(answer.header("WWW-Authenticate"))
          .endsWith(",scope=\"repository:alice/hidden:pull,push\"");
    }
    assertThat(client.get("/v2/alice/hidden/tags/list", push).status()).isEqualTo(200);
    assertThat(probe.delete("alice/hidden", push)).isEqualTo(401);
    assertThat(probe.delete("alice/hidden", other)).isEqualTo(401);
    assertThat(probe.delete("alice/shown", other)).isEqualTo(200);
    assertThat(probe.push("alice/shown", other)).isEqualTo(200);
    assertThat(probe.delete("alice/hidden", ALICE)).isEqualTo(200);
    String[] delete = bearer(token(client, ALICE, "repository:alice/hidden:delete"));
    assertThat(probe.delete("alice/hidden", delete)).isEqualTo(200);
    assertThat(probe.push("alice/hidden", delete)).isEqualTo(401);
    assertThat(client.get("/v2/alice/hidden/tags/list", delete).status()).isEqualTo(401);
    for (String[] bob :
        new String[][] {BOB, bearer(token(client, BOB, "repository:alice/hidden:*"))}) {
      assertThat(probe.delete("alice/hidden", bob)).isEqualTo(403);
    }
  }

  @Test
  void aRightThatIsTakenAwayCountsAtOnce() {
    Namespaces namespaces = server.bean(Namespaces.class);
    namespaces.create("crew", new Owner(PartyKind.ACCOUNT, "alice"));
    namespaces.setMember("crew", new Member(PartyKind.ACCOUNT, "erin"), Role.WRITE);
    Robots robots = server.bean(Robots.class);
    robots.create("crew", "ci", Role.WRITE);
    String[] robot = basic("crew+ci", robots.issue("crew", "ci", Optional.empty()).secret());
    String scope = "repository:crew/app:pull,push";
    String[] erin = bearer(token(client, basic("erin", PASSWORD), scope));
    String[] robotsToken = bearer(token(client, robot, scope));
    for (String[] may : new String[][] {erin, robot, robotsToken}) {
      assertThat(probe.push("crew/app", may)).isEqualTo(200);
    }
    assertThat(probe.push("alice/shown", robot)).isEqualTo(403);

    namespaces.setMember("crew", new Member(PartyKind.ACCOUNT, "erin"), Role.READ);
    robots.remove("crew", "ci");

    assertThat(probe.push("crew/app", erin)).isEqualTo(403);
    assertThat(probe.push("crew/app", robotsToken)).isEqualTo(401);
    assertThat(probe.push("crew/app", robot)).isEqualTo(401);
  }

  @Test
  void aBlobIsMountedFromWhatTheClientMayRead() {
    String push = "repository:bob/mine:pull,push";
    String[] bob = bearer(token(client, BOB, push, "repository:alice/hidden:pull"));
    assertThat(probe.mount("bob/mine", "alice/shown", bob)).isEqualTo("true");
    assertThat(probe.mount("bob/mine", "alice/hidden", bob)).isEqualTo("false");
    assertThat(probe.mount("bob/mine", "alice/none", bob)).isEqualTo("false");
    assertThat(probe.mount("bob/mine", "alice/hidden", BOB)).isEqualTo("false");

    String alices = "repository:alice/shown:pull,push";
    String[] forOne = bearer(token(client, ALICE, alices));
    String[] forBoth = bearer(token(client, ALICE, alices, "repository:alice/hidden:pull"));
    assertThat(probe.mount("alice/shown", "alice/hidden", forOne)).isEqualTo("false");
    assertThat(probe.mount("alice/shown", "alice/hidden", forBoth)).isEqualTo("true");
    assertThat(probe.mount("alice/shown", "alice/hidden", ALICE)).isEqualTo("true");
    assertThat(probe.mount("alice/shown", "alice/none", forBoth)).isEqualTo("false");
  }

  @Test
  void aTokenIsLookedAtWhenTheRequestBegins() throws Exception {
    String[] token = bearer(token(client, ALICE, "repository:alice/hidden:pull,push"));
    CountDownLatch begun = probe.nextBody();
    try (RawConnection connection = new RawConnection(client.port())) {
      connection.send(
          "PUT %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: %s\r\nContent-Length: 6\r\n\r\nabc"
              .formatted(V2Probe.path("alice/hidden"), token[1]));
      assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
      ((PassingClock) server.bean(Clock.class)).pass(Duration.ofHours(13));
      connection.send("def");
      assertThat(connection.readHead()).startsWith("HTTP/1.1 200");
    }
    assertThat(probe.push("alice/hidden", token)).isEqualTo(401);
  }
}
