package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.registry.testkit.PostgresServer;
import io.registry.testkit.RegistryProcess;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestDatabase;
import io.registry.testkit.TestImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What becomes of the index when its database, or the process that fills it, is gone. */
@Tag("external")
@Tag("slow")
class SearchOutageHttpTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration POLL = Duration.ofMillis(10);
  private static final String LIST = "[{\"id\": \"%s\"}]".formatted(TestImage.id("any"));

  /** Many times as much as is written at once. */
  private static final int MANY = 4_000;

  @TempDir Path directory;

  @Test
  void whoPushesDoesNotNeedTheDatabaseAndIsFoundWhenItIsBack() {
    try (PostgresServer postgres = PostgresServer.start()) {
      String url = postgres.newDatabase();
      try (RegistryServer one = start(url);
          RegistryServer other = start(url)) {
        push(one.client(), "before/one");
        await().atMost(PATIENCE).until(() -> total(other.client()) == 1);
        postgres.kill();

        push(one.client(), "during/one");
        push(other.client(), "during/other");
        assertThat(one.client().delete("/v1/repositories/before/one/").status()).isEqualTo(200);
        assertThat(one.client().get("/v1/search?q=").status()).isEqualTo(503);
        await().atMost(PATIENCE).until(() -> isIn(one, "failed"));
        assertThat(one.client().get("/actuator/health/readiness").text()).contains("\"UP\"");

        postgres.startAgain();
        for (RegistryServer each : new RegistryServer[] {one, other}) {
          await().atMost(PATIENCE).until(() -> isIn(each, "ready"));
          await()
              .atMost(PATIENCE)
              .untilAsserted(
                  () ->
                      assertThat(each.client().get("/v1/search?q=").text())
                          .contains("during/one", "during/other")
                          .doesNotContain("before/one"));
        }
      }
    }
  }

  @Test
  void aFillThatIsKilledIsTakenUpByTheNextStart() throws Exception {
    Path store = directory.resolve("store");
    for (int i = 0; i < MANY; i++) {
      Path folder = store.resolve("repositories/n" + i % 40 + "/r" + i);
      Files.createDirectories(folder);
      Files.writeString(folder.resolve("_index_images"), LIST);
    }
    String url = PostgresServer.shared().newDatabase();
    try (HikariDataSource database = TestDatabase.open(url);
        RegistryProcess killed = process(store, url);
        Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      await().atMost(PATIENCE).pollInterval(POLL).until(() -> rows(statement) > 0);
      // The filling stands still, as it has to change this row.
      connection.setAutoCommit(false);
      statement.execute("select * from search_state for update");
      assertThat(rows(statement)).isLessThan(MANY);
      killed.kill();
      killed.awaitEnd();
      connection.rollback();
      assertThat(rows(statement)).isLessThan(MANY);
    }

    try (RegistryProcess next = process(store, url)) {
      await()
          .atMost(PATIENCE)
          .until(() -> next.client().get("/api/search").text().contains("\"ready\""));
      assertThat(total(next.client())).isEqualTo(MANY);
    }
  }

  private static int rows(Statement statement) throws SQLException {
    try (ResultSet count = statement.executeQuery("select count(*) from search_repository")) {
      assertThat(count.next()).isTrue();
      return count.getInt(1);
    }
  }

  private RegistryServer start(String url) {
    return RegistryServer.start(
        directory.resolve("store"),
        "--registry.search.enabled=true",
        "--registry.search.scan-lease=2s",
        "--spring.datasource.url=" + url);
  }

  private static RegistryProcess process(Path store, String url) throws IOException {
    return RegistryProcess.startWith(
        "--registry.storage.local.path=" + store,
        "--registry.search.enabled=true",
        "--registry.search.scan-lease=2s",
        "--spring.datasource.url=" + url);
  }

  private static boolean isIn(RegistryServer server, String state) {
    return server.client().get("/api/search").text().contains('"' + state + '"');
  }

  private static void push(TestClient client, String name) {
    assertThat(client.put("/v1/repositories/" + name + "/", LIST).status()).isEqualTo(200);
  }

  private static int total(TestClient client) {
    JsonNode answer = JsonMapper.shared().readTree(client.get("/v1/search?q=").bytes());
    return answer.path("num_results").intValue();
  }
}
