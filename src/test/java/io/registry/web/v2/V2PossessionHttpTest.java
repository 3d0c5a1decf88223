package io.registry.web.v2;

import static io.registry.web.v2.V2Stage.PASSWORD;
import static io.registry.web.v2.V2Stage.basic;
import static org.assertj.core.api.Assertions.assertThat;

import io.registry.access.auth.Access;
import io.registry.access.auth.AccessToken;
import io.registry.access.auth.Caller;
import io.registry.access.auth.Grant;
import io.registry.access.auth.TokenIssuer;
import io.registry.access.index.Accounts;
import io.registry.access.index.IndexedRepositories;
import io.registry.access.index.NewAccount;
import io.registry.access.index.Visibility;
import io.registry.content.image.ImageId;
import io.registry.content.image.PushRights;
import io.registry.content.image.Pusher;
import io.registry.content.manifest.Digest;
import io.registry.content.repository.RepositoryName;
import io.registry.service.PushingClients;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whose the V1 images are that are made of what was pushed over V2. */
class V2PossessionHttpTest {
  private static final RepositoryName MINE = RepositoryName.parse("bob/mine");
  private static final RepositoryName OTHER = RepositoryName.parse("bob/other");
  private static final Caller BOB = new Caller.Account("bob", false);
  private static final String ADDRESS = "192.0.2.1";

  @TempDir private static Path folder;

  private static RegistryServer server;
  private static TestClient client;
  private static PushingClients pushers;
  private static List<TestImage> images;

  @BeforeAll
  static void start() {
    server =
        RegistryServer.start(
            folder.resolve("store"),
            V2Stage.accounts("v2-possession", "--registry.index.default-visibility=private")
                .toArray(String[]::new));
    client = server.client();
    pushers = server.bean(PushingClients.class);
    Accounts accounts = server.bean(Accounts.class);
    for (String name : List.of("alice", "bob", "carol")) {
      accounts.create(new NewAccount(name, PASSWORD, "", false));
    }
    images = V2Stage.push(server, "alice/hidden", basic("alice", PASSWORD));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static String token(Caller caller, RepositoryName repository) {
    return "Token " + server.bean(TokenIssuer.class).issue(caller, repository, Access.READ);
  }

  private static int read(TestImage image, Caller caller, RepositoryName repository) {
    return client.get(image.path("json"), "Authorization", token(caller, repository)).status();
  }

  @Test
  void anImageBelongsToTheRepositoryThatItWasPushedTo() {
    PushRights rights = pushers.into(MINE, BOB, ADDRESS).rights();
    TestImage top = images.get(2);
    ImageId id = new ImageId(top.id());
    assertThat(rights.isOpen()).isFalse();
    assertThat(rights.mayRead(id)).isFalse();
    assertThat(rights.mayBuildOn(id)).isTrue();
    assertThat(read(top, BOB, MINE)).isEqualTo(404);

    images.forEach(image -> rights.completed(new ImageId(image.id())));

    assertThat(rights.mayRead(id)).isTrue();
    assertThat(read(top, BOB, MINE)).isEqualTo(200);
    assertThat(read(top, BOB, OTHER)).isEqualTo(404);
    Caller carol = new Caller.Account("carol", false);
    assertThat(read(top, carol, MINE)).isEqualTo(404);
    PushRights others = pushers.into(RepositoryName.parse("carol/x"), carol, ADDRESS).rights();
    assertThat(others.mayRead(id)).isFalse();
    assertThat(server.bean(IndexedRepositories.class).visibility(MINE))
        .contains(Visibility.PRIVATE);
  }

  @Test
  void anotherTokenOfTheSamePushIsNoOtherClient() {
    Pusher first = pushers.into(MINE, bearer("bob", "signature=a"), ADDRESS);
    Pusher second = pushers.into(MINE, bearer("bob", "signature=b"), "192.0.2.2");
    assertThat(second.identity()).isEqualTo(first.identity());
    assertThat(second.client()).isEqualTo(first.client());

    assertThat(pushers.into(OTHER, bearer("bob", "signature=a"), ADDRESS).identity())
        .isNotEqualTo(first.identity());
    assertThat(pushers.into(MINE, bearer("carol", "signature=a"), ADDRESS).client())
        .isNotEqualTo(first.client());
    // An index need not say whose a token is.
    assertThat(pushers.into(MINE, bearer("", "signature=a"), ADDRESS).client()).isEqualTo(ADDRESS);
    Pusher unchecked = pushers.into(MINE, new Caller.Unchecked(), ADDRESS);
    assertThat(unchecked.client()).isEqualTo(ADDRESS);
    assertThat(unchecked.rights().isOpen()).isTrue();
  }

  @Test
  void anExternalTokenGivesImagesToItsRepository() {
    Caller scoped = new Caller.Scoped("zoe", Map.of(OTHER, Set.of(Access.WRITE)), false);
    PushRights rights = pushers.into(OTHER, scoped, ADDRESS).rights();
    TestImage base = images.get(0);
    assertThat(rights.isOpen()).isFalse();

    rights.completed(new ImageId(base.id()));

    assertThat(read(base, BOB, OTHER)).isEqualTo(200);
  }

  @Test
  void anUploadIsContinuedByTheAccountThatHasBegunIt() {
    server.bean(Accounts.class).create(new NewAccount("boss", PASSWORD, "", true));
    byte[] blob = "of bob".getBytes(StandardCharsets.UTF_8);
    V2Pusher bob = new V2Pusher(client, "bob/mine", basic("bob", PASSWORD));
    V2Pusher carol = new V2Pusher(client, "carol/mine", basic("carol", PASSWORD));
    V2Pusher admin = new V2Pusher(client, "bob/mine", basic("boss", PASSWORD));
    String location = bob.begin();
    String moved = location.replace("bob/mine", "carol/mine");

    assertThat(admin.finish(admin.begin(), blob, Digest.of(blob)).status()).isEqualTo(201);
    for (Answer answer :
        List.of(
            admin.patch(location, blob),
            admin.finish(location, blob, Digest.of(blob)),
            carol.patch(moved, blob),
            carol.finish(moved, blob, Digest.of(blob)))) {
      assertThat(answer.status()).as(answer.toString()).isEqualTo(404);
      assertThat(answer.text()).contains("BLOB_UPLOAD_UNKNOWN");
    }
    assertThat(carol.patch(location, blob).status()).isEqualTo(403);

    assertThat(bob.finish(location, blob, Digest.of(blob)).status()).isEqualTo(201);
  }

  private static Caller bearer(String user, String token) {
    return new Caller.Bearer(
        new AccessToken("Token " + token, MINE, Access.WRITE),
        new Grant(user, MINE, Access.WRITE, Set.of()));
  }
}
