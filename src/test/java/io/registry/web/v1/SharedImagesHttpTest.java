package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.access.index.Accounts;
import io.registry.access.index.ImageClaims;
import io.registry.access.index.Member;
import io.registry.access.index.Namespaces;
import io.registry.access.index.NewAccount;
import io.registry.access.index.Owner;
import io.registry.access.index.PartyKind;
import io.registry.access.index.Role;
import io.registry.content.image.ImageId;
import io.registry.content.repository.RepositoryName;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestImage;
import io.registry.web.api.ApiClient;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several people with name and password, and one image. */
class SharedImagesHttpTest {
  private static final String PASSWORD = "correct horse";

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
            "--spring.datasource.url=jdbc:h2:mem:shared;MODE=PostgreSQL;DB_CLOSE_ON_EXIT=FALSE");
    client = server.client();
    Accounts accounts = server.bean(Accounts.class);
    for (String name : List.of("aaron", "alice", "bob", "zoe")) {
      accounts.create(new NewAccount(name, PASSWORD, "", false));
    }
    Namespaces namespaces = server.bean(Namespaces.class);
    namespaces.create("shop", new Owner(PartyKind.ACCOUNT, "zoe"));
    namespaces.setMember("shop", new Member(PartyKind.ACCOUNT, "alice"), Role.WRITE);
    namespaces.setMember("shop", new Member(PartyKind.ACCOUNT, "bob"), Role.WRITE);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void twoPushTheSameToOneRepositoryAtOnce() {
    TestImage image = TestImage.base("by two", "of both");
    announce("shop/app", image, "alice");
    announce("shop/app", image, "bob");

    image.putJson(client, as("alice"));
    image.putLayer(client, as("alice"));
    assertThat(image.putChecksum(client, as("alice")).status()).isEqualTo(200);

    assertThat(tag("shop/app", image, "alice").status()).isEqualTo(200);
    assertThat(client.get(image.path("layer"), as("bob")).bytes()).isEqualTo(image.layer());
  }

  @Test
  void whoKnowsTheChecksumOfWhatIsBeingPushedHasNotShownIt() {
    TestImage image = TestImage.base("being pushed", "secret");
    announce("alice/app", image, "alice");
    announce("bob/app", image, "bob");
    image.putJson(client, as("alice"));
    image.putLayer(client, as("alice"));

    assertThat(image.putChecksum(client, as("bob")).status()).isEqualTo(404);

    assertThat(client.get(image.path("layer"), as("bob")).status()).isEqualTo(404);
    assertThat(image.putChecksum(client, as("alice")).status()).isEqualTo(200);
    assertThat(client.get(image.path("layer"), as("alice")).status()).isEqualTo(200);
  }

  @Test
  void whatOthersHaveInManyRepositoriesKeepsNobodyFromHisOwn() {
    TestImage image = TestImage.base("wanted by all", "everybody's base");
    ImageClaims claims = server.bean(ImageClaims.class);
    ImageId id = new ImageId(image.id());
    for (int i = 0; i < 1_001; i++) {
      claims.claim(new RepositoryName("aaron", "r" + i), List.of(id), "aaron");
    }

    push("zoe/app", image, "zoe");
    for (int i = 0; i < 1_001; i++) {
      claims.own(new RepositoryName("aaron", "r" + i), id);
    }

    assertThat(client.get(image.path("json"), as("zoe")).status()).isEqualTo(200);
    assertThat(client.get(image.path("json"), as("aaron")).status()).isEqualTo(200);
    assertThat(client.get(image.path("json"), as("bob")).status()).isEqualTo(404);
  }

  private static void push(String repository, TestImage image, String user) {
    announce(repository, image, user);
    assertThat(image.putJson(client, as(user)).status()).isEqualTo(200);
    assertThat(image.putLayer(client, as(user)).status()).isEqualTo(200);
    assertThat(image.putChecksum(client, as(user)).status()).isEqualTo(200);
    assertThat(tag(repository, image, user).status()).isEqualTo(200);
  }

  private static void announce(String repository, TestImage image, String user) {
    String list = "[{\"id\": \"%s\"}]".formatted(image.id());
    assertThat(client.put("/v1/repositories/" + repository + "/", list, as(user)).status())
        .isEqualTo(200);
  }

  private static TestClient.Answer tag(String repository, TestImage image, String user) {
    return client.put(
        "/v1/repositories/" + repository + "/tags/latest", "\"" + image.id() + "\"", as(user));
  }

  private static String[] as(String user) {
    return new String[] {"Authorization", ApiClient.basic(user, PASSWORD)};
  }
}
