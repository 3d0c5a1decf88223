package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.access.auth.RepositoryVisibility;
import io.registry.access.index.Accounts;
import io.registry.access.index.NewAccount;
import io.registry.content.repository.RepositoryName;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestDatabase;
import io.registry.web.api.ApiClient;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where new repositories are public, no answer tells whether a private one exists. */
class AbsentRepositoriesHttpTest {
  private static final String PASSWORD = "correct horse";

  @TempDir static Path folder;

  private static RegistryServer server;

  @BeforeAll
  static void start() {
    server =
        RegistryServer.start(
            folder.resolve("store"),
            "--registry.index.mode=embedded",
            "--registry.index.default-visibility=public",
            "--registry.index.admin.password=battery staple",
            "--spring.datasource.url=" + TestDatabase.h2(folder.resolve("database")));
    for (String name : List.of("alice", "bob")) {
      server.bean(Accounts.class).create(new NewAccount(name, PASSWORD, "", false));
    }
    for (String name : List.of("secret", "public")) {
      String list = "[{\"id\": \"%s\"}]".formatted("a".repeat(64));
      assertThat(
              server
                  .client()
                  .put("/v1/repositories/alice/" + name + "/", list, as("alice"))
                  .status())
          .isEqualTo(200);
    }
    server.bean(RepositoryVisibility.class).setPrivate(new RepositoryName("alice", "secret"), true);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/repositories/alice/NAME/images",
        "/v1/repositories/alice/NAME/tags",
        "/v1/repositories/alice/NAME/tags/latest",
        "/v1/repositories/alice/NAME/tags/latest/json",
        "/v1/repositories/alice/NAME/json",
        "/v1/repositories/alice/NAME/properties",
        "/v2/alice/NAME/tags/list",
        "/v2/alice/NAME/manifests/latest",
        "/api/repositories/alice/NAME"
      })
  void aPrivateRepositoryIsAnsweredLikeNone(String path) {
    for (String[] caller : List.of(new String[0], as("bob"))) {
      for (String method : List.of("GET", "PUT", "DELETE")) {
        Answer hidden = ask(method, path.replace("NAME", "secret"), caller);
        Answer absent = ask(method, path.replace("NAME", "absent"), caller);
        assertThat(hidden.status()).as(method + " " + path).isEqualTo(absent.status());
        assertThat(hidden.text()).isEqualTo(absent.text().replace("absent", "secret"));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"images", "properties"})
  void whatIsPublicIsRead(String what) {
    assertThat(server.client().get("/v1/repositories/alice/public/" + what).status())
        .isEqualTo(200);
  }

  private static Answer ask(String method, String path, String... headers) {
    return switch (method) {
      case "PUT" -> server.client().put(path, "{}", headers);
      case "DELETE" -> server.client().delete(path, headers);
      default -> server.client().get(path, headers);
    };
  }

  private static String[] as(String name) {
    return new String[] {"Authorization", ApiClient.basic(name, PASSWORD)};
  }
}
