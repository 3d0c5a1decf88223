package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.registry.testkit.DockerDaemon;
import io.registry.testkit.DockerDaemon.Failure;
import io.registry.testkit.DockerFamily;
import io.registry.testkit.DockerImages;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import io.registry.testkit.Together;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tags that are set once, through two registries on one store. */
class ImmutableTagsHttpTest {
  private static final String MOVED =
      "{\"error\": \"The tag v1 is immutable and names another image already\"}";

  @TempDir private static Path store;

  private static RegistryServer server;
  private static RegistryServer other;
  private static TestClient client;
  private static final TestImage ONE = TestImage.base("one", "a layer");
  private static final TestImage TWO = TestImage.base("two", "another layer");

  @BeforeAll
  static void start() {
    server = startAnother();
    other = startAnother();
    client = server.client();
    ONE.push(client);
    TWO.push(client);
  }

  private static RegistryServer startAnother() {
    return RegistryServer.start(
        store,
        "--registry.cache.lease=100ms",
        "--registry.tags.immutable[0].repositories=team/*",
        "--registry.tags.immutable[0].tags=v*,x_json,q q",
        "--registry.tags.immutable[0].except=*-rc*");
  }

  @AfterAll
  static void stop() {
    server.close();
    other.close();
  }

  @Test
  void aTagThatIsSetStaysWhereItIs() {
    String tag = tag("team/app", "v1");
    assertThat(set(tag, ONE).status()).isEqualTo(200);
    assertThat(set(tag, ONE).status()).isEqualTo(200);

    Answer moved = set(tag, TWO);
    assertThat(moved.status()).isEqualTo(409);
    assertThat(moved.text()).isEqualTo(MOVED);
    assertThat(other.client().put(tag, "\"" + TWO.id() + "\"").status()).isEqualTo(409);
    Answer removed = client.delete(tag);
    assertThat(removed.status()).isEqualTo(409);
    assertThat(removed.text())
        .isEqualTo("{\"error\": \"The tag v1 is immutable and cannot be removed\"}");

    assertThat(client.get(tag).text()).isEqualTo("\"" + ONE.id() + "\"");
    assertThat(client.delete(tag("team/app", "v2")).status()).isEqualTo(404);
  }

  @Test
  void whatNoRuleCoversMovesAsEver() {
    for (String tag :
        List.of(tag("else/app", "v1"), tag("team/free", "latest"), tag("team/free", "v1-rc1"))) {
      assertThat(set(tag, ONE).status()).isEqualTo(200);
      assertThat(set(tag, TWO).status()).isEqualTo(200);
      assertThat(client.delete(tag).status()).isEqualTo(200);
    }
  }

  @Test
  void aRepositoryThatHoldsOneIsNotRemoved() {
    assertThat(set(tag("team/kept", "latest"), ONE).status()).isEqualTo(200);
    assertThat(set(tag("team/kept", "v1"), ONE).status()).isEqualTo(200);
    for (String path : List.of("/v1/repositories/team/kept/", "/v1/repositories/team/kept/tags")) {
      Answer removed = client.delete(path);
      assertThat(removed.status()).isEqualTo(409);
      assertThat(removed.text())
          .isEqualTo("{\"error\": \"The tag v1 is immutable: the repository cannot be removed\"}");
    }
    assertThat(client.get("/v1/repositories/team/kept/tags").text())
        .contains("\"latest\"", "\"v1\"");

    assertThat(set(tag("team/gone", "latest"), ONE).status()).isEqualTo(200);
    assertThat(client.delete("/v1/repositories/team/gone/").status()).isEqualTo(200);
  }

  /** Protocol 5.1: tags of an old store count where they lie. */
  @Test
  void aTagOfAnOldStoreStaysToo() throws IOException {
    Path folder = Files.createDirectories(store.resolve("repositories/team/old"));
    Files.writeString(folder.resolve("tag_v1"), ONE.id() + "\n");
    Files.writeString(folder.resolve("tag_q q"), ONE.id());

    assertThat(set(tag("team/old", "v1"), TWO).status()).isEqualTo(409);
    assertThat(set(tag("team/old", "v1"), ONE).status()).isEqualTo(200);
    assertThat(client.delete(tag("team/old", "q%20q")).status()).isEqualTo(409);
    assertThat(client.delete("/v1/repositories/team/old/").status()).isEqualTo(409);
    assertThat(folder.resolve("tag_q q")).exists();
  }

  /** Protocol 5.2: what lies where the tag would is the metadata of another one. */
  @Test
  void metadataThatLooksLikeATagIsNotOverwritten() {
    assertThat(set(tag("team/odd", "_x"), ONE).status()).isEqualTo(200);
    assertThat(client.delete(tag("team/odd", "x_json")).status()).isEqualTo(404);
    assertThat(set(tag("team/odd", "x_json"), ONE).text())
        .isEqualTo("{\"error\": \"The tag x_json cannot be set: its file holds no tag\"}");
    assertThat(client.get(tag("team/odd", "_x") + "/json").text()).contains("last_update");
    assertThat(client.delete("/v1/repositories/team/odd/").status()).isEqualTo(200);
  }

  @Test
  void ofManyWhoSetItAtOnceThroughTwoRegistriesOneImageWins() throws Exception {
    List<TestImage> images = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      images.add(TestImage.base("racing " + i, "a layer").push(client));
    }
    for (int round = 0; round < 15; round++) {
      String tag = tag("team/race", "v" + round);
      Map<String, Integer> statuses = new ConcurrentHashMap<>();
      List<Together.Task> tasks = new ArrayList<>();
      for (int i = 0; i < images.size(); i++) {
        TestImage image = images.get(i);
        TestClient through = (i % 2 == 0 ? server : other).client();
        tasks.add(
            () -> statuses.put(image.id(), through.put(tag, "\"" + image.id() + "\"").status()));
      }

      Together.run(tasks);

      Set<Integer> kinds = new HashSet<>(statuses.values());
      assertThat(kinds).containsExactlyInAnyOrder(200, 409);
      assertThat(Collections.frequency(List.copyOf(statuses.values()), 200)).isEqualTo(1);
      String winner = server.client().get(tag).text().replace("\"", "");
      assertThat(statuses).containsEntry(winner, 200);
    }
  }

  @Test
  void aDaemonIsToldThatTheTagIsTaken() {
    for (DockerFamily family : List.of(DockerFamily.DOCKER_1_5, DockerFamily.DOCKER_1_12)) {
      List<TestImage> images = DockerImages.chain(family, "immutable " + family);
      String name = "team/by" + family.name().toLowerCase(Locale.ROOT);
      DockerDaemon daemon = new DockerDaemon(family, server.port());
      Map<String, String> tags = Map.of("v1", images.get(2).id());
      daemon.push(name, images, tags);

      assertThat(daemon.push(name, images, tags)).isEmpty();
      assertThatThrownBy(() -> daemon.push(name, images, Map.of("v1", images.get(1).id())))
          .isInstanceOf(Failure.class)
          .hasMessageContaining("The tag v1 is immutable and names another image already");
    }
  }

  private static String tag(String repository, String tag) {
    return "/v1/repositories/" + repository + "/tags/" + tag;
  }

  private static Answer set(String tag, TestImage image) {
    return client.put(tag, "\"" + image.id() + "\"");
  }
}
