package io.registry.web.v1;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.registry.access.auth.RepositoryVisibility;
import io.registry.access.index.Accounts;
import io.registry.access.index.NewAccount;
import io.registry.content.repository.RepositoryName;
import io.registry.testkit.RawConnection;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import io.registry.web.api.ApiClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/**
 * What an account gains that knows a part of another account's private image, and not all of it.
 */
class PrivateImagesHttpTest {
  private static final String PASSWORD = "correct horse";
  private static final String USER_AGENT = "docker/1.6.2";
  private static final String ALICE = "alice/secrets";
  private static final String MALLORY = "mallory/app";

  @TempDir private static Path folder;

  private static RegistryServer server;
  private static TestClient client;

  @BeforeAll
  static void start() {
    server =
        RegistryServer.start(
            folder.resolve("store"),
            "--registry.index.mode=embedded",
            "--registry.index.admin.password=" + PASSWORD,
            "--spring.datasource.url=jdbc:h2:mem:secrets;MODE=PostgreSQL;DB_CLOSE_DELAY=-1");
    client = server.client();
    Accounts accounts = server.bean(Accounts.class);
    for (String name : List.of("alice", "mallory")) {
      accounts.create(new NewAccount(name, PASSWORD, "", false));
    }
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  /** A chain of alice: the leaf has a secret in its environment, and a layer that all know. */
  private record Chain(TestImage base, TestImage leaf) {

    static Chain of(TestInfo test) {
      String name = test.getDisplayName();
      TestImage base = TestImage.base("base of " + name, "alice's own files for " + name);
      return new Chain(base, leaf(name, base, "\"config\": {\"Env\": [\"PASSWORD=xyzzy\"]}"));
    }

    static Chain pushed(TestInfo test) {
      Chain chain = of(test);
      for (TestImage image : List.of(chain.base, chain.leaf)) {
        list(ALICE, image, "alice");
        complete(image, as("alice"));
      }
      ok(tag(ALICE, chain.leaf, as("alice")));
      server.bean(RepositoryVisibility.class).setPrivate(RepositoryName.parse(ALICE), true);
      return chain;
    }

    /** The leaf as an account describes it that does not know what is in the environment. */
    TestImage guessed(TestInfo test, String field) {
      return leaf(test.getDisplayName(), base, field);
    }

    private static TestImage leaf(String name, TestImage base, String field) {
      TestImage plain = TestImage.child("leaf of " + name, base, "a layer that all know");
      String json =
          "{\"id\": \"%s\", \"parent\": \"%s\", %s}".formatted(plain.id(), base.id(), field);
      return new TestImage(plain.id(), json.getBytes(UTF_8), plain.layer());
    }
  }

  @Test
  void theLayerWithoutTheJsonGainsNothing(TestInfo test) {
    Chain chain = Chain.pushed(test);
    for (String[] mallory : mallory(chain)) {
      expect(404, chain.leaf.putLayer(client, mallory));
      expect(404, chain.leaf.putChecksum(client, mallory));

      assertNothingGained(chain, mallory);
    }
  }

  @Test
  void theJsonWithoutTheLayerGainsNothing(TestInfo test) {
    Chain chain = Chain.pushed(test);
    for (String[] mallory : mallory(chain)) {
      // A parent that the account may not read is refused, so the base is tried too.
      expect(400, chain.leaf.putJson(client, mallory));
      expect(404, chain.leaf.putChecksum(client, mallory));
      expect(200, chain.base.putJson(client, mallory));
      expect(400, chain.base.putChecksum(client, mallory));
      TestImage other = chain.base.withLayer("not alice's files".getBytes(UTF_8));
      expect(200, other.putLayer(client, mallory));
      expect(400, chain.base.putChecksum(client, mallory));
      expect(409, other.putChecksum(client, mallory));

      assertNothingGained(chain, mallory);
    }
  }

  @Test
  void theChecksumAloneGainsNothing(TestInfo test) {
    Chain chain = Chain.pushed(test);
    for (String[] mallory : mallory(chain)) {
      expect(404, chain.leaf.putChecksum(client, mallory));
      expect(404, chain.base.putChecksum(client, mallory));

      assertNothingGained(chain, mallory);
    }
  }

  @Test
  void whatTheJsonLeavesOutIsNotShownByTheLayer(TestInfo test) {
    Chain chain = Chain.pushed(test);
    // The account has the base, and of the leaf all but the secret.
    list(MALLORY, chain.base, "mallory");
    complete(chain.base, as("mallory"));
    for (String[] mallory : mallory(chain)) {
      for (String field :
          List.of(
              "\"os\": \"linux\"",
              "\"config\": null",
              "\"config\": {}",
              "\"config\": {\"Env\": null}",
              "\"config\": {\"Env\": []}",
              "\"config\": {\"Env\": [\"\"]}",
              "\"config\": {\"Env\": [\"PASSWORD=plugh\"]}",
              "\"Config\": {\"Env\": [\"PASSWORD=xyzzy\"]}")) {
        TestImage guess = chain.guessed(test, field);
        expect(200, guess.putJson(client, mallory));
        expect(200, guess.putLayer(client, mallory));
        Answer refused = guess.putChecksum(client, mallory);
        assertThat(refused.status()).as(field).isEqualTo(409);
        assertThat(refused.text()).contains("Another image has this id").doesNotContain("xyzzy");
      }

      assertThat(client.get(chain.leaf.path("json"), mallory).status()).isEqualTo(404);
      assertThat(client.get(chain.leaf.path("layer"), mallory).status()).isEqualTo(404);
      assertThat(client.get(chain.leaf.path("ancestry"), mallory).status()).isEqualTo(404);
      assertThat(tag(MALLORY, chain.leaf, mallory).status()).isEqualTo(404);
      assertThat(client.get(chain.leaf.path("json"), as("alice")).bytes())
          .isEqualTo(chain.leaf.json());
    }
  }

  @Test
  void jsonAndLayerGainTheImage(TestInfo test) {
    Chain chain = Chain.pushed(test);
    for (TestImage image : List.of(chain.base, chain.leaf)) {
      list(MALLORY, image, "mallory");
      complete(image, as("mallory"));
    }

    assertThat(client.get(chain.leaf.path("json"), as("mallory")).bytes())
        .isEqualTo(chain.leaf.json());
    ok(tag(MALLORY, chain.leaf, as("mallory")));
  }

  @Test
  void theJsonWithOneTokenAndTheLayerWithAnotherGainNothing(TestInfo test) {
    Chain chain = Chain.pushed(test);
    String[] one = token("mallory/one", chain.base);
    String[] other = token("mallory/other", chain.base);

    expect(200, chain.base.putJson(client, one));
    expect(404, chain.base.putLayer(client, other));
    expect(400, chain.base.putChecksum(client, one));
    expect(404, chain.base.putChecksum(client, other));

    assertThat(client.get(chain.base.path("layer"), one).status()).isEqualTo(404);
    assertThat(client.get(chain.base.path("layer"), other).status()).isEqualTo(404);
    assertThat(tag("mallory/one", chain.base, one).status()).isEqualTo(404);
    assertThat(tag("mallory/other", chain.base, other).status()).isEqualTo(404);
  }

  @Test
  void aLayerSentWhileTheImageIsPushedGainsNothing(TestInfo test) {
    Chain chain = Chain.of(test);
    TestImage secret = chain.base;
    list(ALICE, secret, "alice");
    list(MALLORY, secret, "mallory");
    String[] mallory = as("mallory");

    expect(404, secret.putLayer(client, mallory));
    ok(secret.putJson(client, as("alice")));
    expect(404, secret.putLayer(client, mallory));
    expect(404, secret.putChecksum(client, mallory));
    ok(secret.putLayer(client, as("alice")));
    expect(404, secret.putLayer(client, mallory));
    expect(404, secret.putChecksum(client, mallory));
    ok(secret.putChecksum(client, as("alice")));
    server.bean(RepositoryVisibility.class).setPrivate(RepositoryName.parse(ALICE), true);
    expect(404, secret.putLayer(client, mallory));
    expect(404, secret.putChecksum(client, mallory));

    assertThat(client.get(secret.path("layer"), as("alice")).bytes()).isEqualTo(secret.layer());
    assertNothingGained(chain, mallory);
  }

  @Test
  void theJsonAndLayerOfAnotherAccountDoNotDisturbAPushUnderWay(TestInfo test) throws IOException {
    TestImage image = TestImage.base("begun " + test.getDisplayName(), "alice's layer");
    TestImage other =
        new TestImage(
            image.id(),
            "{\"id\": \"%s\", \"os\": \"plan9\"}".formatted(image.id()).getBytes(UTF_8),
            "mallory's layer".getBytes(UTF_8));
    list(ALICE, image, "alice");
    list(MALLORY, image, "mallory");
    ok(image.putJson(client, as("alice")));

    // One half of alice's layer has arrived when mallory's requests come.
    try (RawConnection upload = new RawConnection(server.port())) {
      int half = image.layer().length / 2;
      upload.send(
          String.join(
              "\r\n",
              "PUT " + image.path("layer") + " HTTP/1.1",
              "Host: registry",
              "User-Agent: " + USER_AGENT,
              "Authorization: " + ApiClient.basic("alice", PASSWORD),
              "Content-Length: " + image.layer().length,
              "Connection: close",
              "",
              ""));
      upload.out().write(image.layer(), 0, half);
      upload.out().flush();

      ok(other.putJson(client, as("mallory")));
      ok(other.putLayer(client, as("mallory")));
      expect(400, image.putChecksum(client, as("mallory")));
      ok(other.putJson(client, as("mallory")));

      upload.out().write(image.layer(), half, image.layer().length - half);
      upload.out().flush();
      assertThat(upload.readAll()).startsWith("HTTP/1.1 200");
    }
    ok(image.putChecksum(client, as("alice")));

    assertThat(client.get(image.path("json"), as("alice")).bytes()).isEqualTo(image.json());
    assertThat(client.get(image.path("layer"), as("alice")).bytes()).isEqualTo(image.layer());
    ok(tag(ALICE, image, as("alice")));
    expect(409, other.putChecksum(client, as("mallory")));
  }

  private static void assertNothingGained(Chain chain, String[] mallory) {
    for (TestImage image : List.of(chain.leaf, chain.base)) {
      for (String part : List.of("json", "layer", "ancestry")) {
        assertThat(client.get(image.path(part), mallory).status()).as(part).isEqualTo(404);
      }
      assertThat(tag(MALLORY, image, mallory).status()).isEqualTo(404);
      TestImage child = TestImage.child("child of " + image.id(), image, "of mallory");
      list(MALLORY, child, "mallory");
      expect(400, child.putJson(client, mallory));
    }
  }

  /** The account with its password, and with a token, both for a repository with all of a chain. */
  private static List<String[]> mallory(Chain chain) {
    list(MALLORY, chain.leaf, "mallory");
    String[] withToken = token(MALLORY, chain.base);
    return List.of(as("mallory"), withToken);
  }

  private static void complete(TestImage image, String... headers) {
    ok(image.putJson(client, headers));
    ok(image.putLayer(client, headers));
    ok(image.putChecksum(client, headers));
  }

  private static void ok(Answer answer) {
    expect(200, answer);
  }

  private static void expect(int status, Answer answer) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(status);
  }

  private static void list(String repository, TestImage image, String user) {
    ok(announce(repository, image, user));
  }

  private static String[] token(String repository, TestImage image) {
    Answer answer = announce(repository, image, "mallory");
    ok(answer);
    return new String[] {"Authorization", "Token " + answer.header("X-Docker-Token")};
  }

  private static Answer announce(String repository, TestImage image, String user) {
    String list = "[{\"id\": \"%s\"}]".formatted(image.id());
    return client.put("/v1/repositories/" + repository + "/", list, as(user));
  }

  private static Answer tag(String repository, TestImage image, String... headers) {
    return client.put(
        "/v1/repositories/" + repository + "/tags/latest", '"' + image.id() + '"', headers);
  }

  private static String[] as(String user) {
    return new String[] {
      "Authorization", ApiClient.basic(user, PASSWORD), "User-Agent", USER_AGENT
    };
  }
}
