package io.registry.web.v1;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.registry.access.index.Accounts;
import io.registry.access.index.NewAccount;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestImage;
import io.registry.web.api.ApiClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With accounts, an image that lost its layer stays what it was. */
class LostLayersHttpTest {
  private static final String PASSWORD = "correct horse";
  @TempDir private Path folder;

  @Test
  void aReaderDoesNotReplaceAnImageWhoseLayerWasLost() throws Exception {
    try (RegistryServer server =
        RegistryServer.start(
            folder.resolve("store"),
            "--registry.index.mode=embedded",
            "--registry.index.admin.password=" + PASSWORD,
            "--registry.index.default-visibility=public",
            "--spring.datasource.url=jdbc:h2:mem:lost;MODE=PostgreSQL;DB_CLOSE_DELAY=-1")) {
      TestClient client = server.client();
      for (String name : List.of("alice", "mallory")) {
        server.bean(Accounts.class).create(new NewAccount(name, PASSWORD, "", false));
      }
      TestImage image = TestImage.base("lost", "good");
      String list = "[{\"id\": \"%s\"}]".formatted(image.id());
      client.put("/v1/repositories/alice/app/", list, as("alice"));
      image.putJson(client, as("alice"));
      image.putLayer(client, as("alice"));
      image.putChecksum(client, as("alice"));
      client.put("/v1/repositories/alice/app/tags/latest", '"' + image.id() + '"', as("alice"));
      Files.delete(folder.resolve("store/images/" + image.id() + "/layer"));
      TestImage bad =
          new TestImage(
              image.id(),
              "{\"id\": \"%s\", \"config\": {\"Cmd\": [\"evil\"]}}"
                  .formatted(image.id())
                  .getBytes(UTF_8),
              "bad".getBytes(UTF_8));
      client.get("/v1/repositories/alice/app/tags", as("mallory"));
      client.put("/v1/repositories/mallory/app/", list, as("mallory"));
      bad.putJson(client, as("mallory"));
      bad.putLayer(client, as("mallory"));

      assertThat(bad.putChecksum(client, as("mallory")).status()).isEqualTo(409);

      assertThat(client.get(image.path("json"), as("alice")).bytes()).isEqualTo(image.json());
      image.putLayer(client, as("alice"));
      assertThat(client.get(image.path("layer"), as("alice")).bytes()).isEqualTo(image.layer());
    }
  }

  private static String[] as(String user) {
    return new String[] {"Authorization", ApiClient.basic(user, PASSWORD)};
  }
}
