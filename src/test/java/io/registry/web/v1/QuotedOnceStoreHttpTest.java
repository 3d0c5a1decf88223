package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.testkit.OriginalStore;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Registries up to 0.8.0 quoted the name of a repository once, and its namespace and tags not at
 * all (protocol 5.3). What they wrote stays readable, and can be removed.
 */
class QuotedOnceStoreHttpTest {
  private static final String IMAGE =
      "20d20d7f50d42b3784af95a8113aae34ab529ef855eb99accb1adc2a50b0f0c2";
  private static final String OTHER =
      "d0a118259d7c8fdb46520e9f64b014303c07b27b39faec4590ef85961d975082";
  private static final String METADATA = "{\"docker_version\": \"0.8.0\", \"last_update\": 7}";
  private static final String FOLDER = "repositories/old/er%2Fname/";
  private static final String REPOSITORY = "/v1/repositories/old/er/name";

  @TempDir Path directory;
  private OriginalStore store;
  private RegistryServer server;
  private TestClient client;

  @BeforeEach
  void start() {
    store =
        OriginalStore.unpack(directory)
            .write(FOLDER + "_index_images", "[{\"id\": \"" + IMAGE + "\"}]")
            .write(FOLDER + "_private", "")
            .write(FOLDER + "json", METADATA)
            .write(FOLDER + "taglatest_json", METADATA)
            .write(FOLDER + "tag_latest", IMAGE)
            .write(FOLDER + "tag_a b", IMAGE)
            .write(FOLDER + "taga b_json", METADATA)
            .write(FOLDER + "tag_100%", OTHER)
            .write("repositories/my space/repo/tag_v1", IMAGE);
    server = RegistryServer.start(directory);
    client = server.client();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void theRepositoryIsReadable() {
    assertThat(client.get(REPOSITORY + "/tags").text())
        .isEqualTo(
            "{\"100%%\": \"%s\", \"a b\": \"%s\", \"latest\": \"%s\"}"
                .formatted(OTHER, IMAGE, IMAGE));
    assertThat(client.get(REPOSITORY + "/tags/a%20b").text()).isEqualTo('"' + IMAGE + '"');
    assertThat(client.get(REPOSITORY + "/tags/100%25").text()).isEqualTo('"' + OTHER + '"');
    assertThat(client.get(REPOSITORY + "/images").text())
        .isEqualTo("[{\"id\": \"" + IMAGE + "\"}]");
    assertThat(client.get(REPOSITORY + "/properties").text())
        .isEqualTo("{\"access\": \"private\"}");
    assertThat(client.get(REPOSITORY + "/json").text()).isEqualTo(METADATA);
    assertThat(client.get("/v1/repositories/my%20space/repo/tags").text())
        .isEqualTo("{\"v1\": \"" + IMAGE + "\"}");
  }

  @Test
  void theMetadataOfATagIsReadable() {
    assertThat(client.get(REPOSITORY + "/tags/latest/json").text()).isEqualTo(METADATA);
    assertThat(client.get(REPOSITORY + "/tags/a%20b/json").text()).isEqualTo(METADATA);
  }

  @Test
  void theRepositoryIsExtendedWhereItLies() {
    assertThat(client.put(REPOSITORY + "/tags/v2", '"' + OTHER + '"').status()).isEqualTo(200);

    assertThat(store.list("repositories/old")).containsExactly("er%2Fname");
    assertThat(store.text(FOLDER + "tag_v2")).isEqualTo(OTHER);
    assertThat(client.get(REPOSITORY + "/tags/v2").text()).isEqualTo('"' + OTHER + '"');
    assertThat(client.get(REPOSITORY + "/tags/latest").text()).isEqualTo('"' + IMAGE + '"');
  }

  @Test
  void aTagIsRemovedWithItsMetadata() {
    assertThat(client.delete(REPOSITORY + "/tags/a%20b").status()).isEqualTo(200);
    assertThat(client.delete(REPOSITORY + "/tags/100%25").status()).isEqualTo(200);
    assertThat(client.delete(REPOSITORY + "/tags/a%20b").status()).isEqualTo(404);

    assertThat(store.list(FOLDER))
        .containsExactlyInAnyOrder(
            "_index_images", "_private", "json", "tag_latest", "taglatest_json");
  }

  @Test
  void theRepositoryIsRemovedWhole() {
    assertThat(client.delete(REPOSITORY + "/").status()).isEqualTo(200);
    assertThat(client.delete("/v1/repositories/my%20space/repo").status()).isEqualTo(200);

    assertThat(client.get(REPOSITORY + "/tags").status()).isEqualTo(404);
    assertThat(store.list("repositories")).doesNotContain("old", "my space");
  }

  @Test
  void aNameThatSpellsTheFolderOfAnotherRepositoryIsNotThatRepository() {
    String spelled = "/v1/repositories/deep/er%252Fname";

    assertThat(client.get(spelled + "/tags").status()).isEqualTo(404);
    assertThat(client.delete(spelled + "/").status()).isEqualTo(404);
    assertThat(client.get("/v1/repositories/deep/er/name/tags").status()).isEqualTo(200);
  }
}
