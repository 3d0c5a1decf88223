package io.registry.access.index;

import static io.registry.access.index.Refusals.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.registry.access.auth.Access;
import io.registry.access.auth.AccessToken;
import io.registry.access.auth.Caller;
import io.registry.access.auth.SignIn;
import io.registry.content.repository.RepositoryName;
import io.registry.platform.database.DatabaseSetup;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.testkit.PostgresServer;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.beans.factory.config.YamlPropertiesFactoryBean;
import org.springframework.core.io.ClassPathResource;

/** The index in the registry as it is started. */
@Tag("external")
class EmbeddedIndexHttpTest {
  private static final RepositoryName APP = new RepositoryName("alice", "app");
  private static final String PASSWORD = "correct horse";

  @TempDir Path directory;

  private RegistryServer embedded(String url, String... more) {
    List<String> arguments = new ArrayList<>(List.of(PostgresServer.arguments(url)));
    arguments.addAll(List.of(more));
    arguments.add("--registry.index.admin.password=" + PASSWORD);
    return RegistryServer.start(directory, arguments.toArray(String[]::new));
  }

  private static String health(RegistryServer server) {
    return server.client().get("/actuator/health").text();
  }

  @Test
  void withoutAnIndexOfItsOwnTheRegistryHasNoDatabase() throws IOException {
    Path file = directory.resolve("index/registry");
    try (RegistryServer server =
        RegistryServer.start(directory, "--spring.datasource.url=" + TestDatabase.h2(file))) {
      for (Class<?> type : List.of(DataSource.class, Accounts.class, Tokens.class)) {
        assertThatThrownBy(() -> server.bean(type))
            .isInstanceOf(NoSuchBeanDefinitionException.class);
      }
      assertThat(health(server)).doesNotContain("\"db\"");
      assertThat(Files.exists(file.getParent())).isFalse();
    }
  }

  @Test
  void anIndexOfItsOwnIsMadeInAFile() {
    Path file = directory.resolve("index/registry");
    try (RegistryServer server = embedded(TestDatabase.h2(file))) {
      assertThat(server.bean(SignIn.class).signIn("admin", PASSWORD))
          .isEqualTo(new SignIn.Result.SignedIn(new Caller.Account("admin", true)));
      String token = server.bean(Tokens.class).issue("admin", APP, Access.READ);
      assertThat(
              server.bean(Tokens.class).verify(new AccessToken("Token " + token, APP, Access.READ)))
          .isPresent();

      assertThat(Path.of(file + ".mv.db")).exists();
      assertThat(health(server)).contains("\"db\"");
      assertThat(server.client().get("/actuator/health/readiness").text()).doesNotContain("\"db\"");
    }
  }

  @Test
  @Timeout(120)
  void aServerThatIsGoneOrSilentIsAnOutageUntilItIsBack() {
    try (PostgresServer database = PostgresServer.start();
        RegistryServer server =
            embedded(
                database.newDatabase() + "&socketTimeout=1",
                "--spring.datasource.hikari.connection-timeout=500",
                "--spring.datasource.hikari.validation-timeout=400")) {
      Accounts accounts = server.bean(Accounts.class);
      SignIn signIn = server.bean(SignIn.class);
      assertThat(signIn.signIn("admin", PASSWORD)).isInstanceOf(SignIn.Result.SignedIn.class);

      database.kill();
      assertThat(refused(() -> signIn.signIn("admin", PASSWORD))).isEqualTo(Problem.UNAVAILABLE);
      assertThat(refused(() -> accounts.setActive("admin", true))).isEqualTo(Problem.UNAVAILABLE);

      database.startAgain();
      awaitAnswer(accounts);

      database.pause();
      assertThat(refused(() -> accounts.find("admin"))).isEqualTo(Problem.UNAVAILABLE);
      assertThat(refused(() -> accounts.find("admin"))).isEqualTo(Problem.UNAVAILABLE);
      database.resume();
      awaitAnswer(accounts);
    }
  }

  // Whoever fills the pool tries again at some time, and so does a client.
  private static void awaitAnswer(Accounts accounts) {
    await()
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(20))
        .ignoreException(RegistryException.class)
        .until(() -> accounts.find("admin").isPresent());
  }

  @Test
  void nobodyWaitsForEver() {
    HikariDataSource pool = new HikariDataSource();
    pool.setJdbcUrl("jdbc:postgresql://database.example.org/registry");
    Object unused = new DatabaseSetup().postProcessAfterInitialization(pool, "dataSource");
    assertThat(pool.getDataSourceProperties())
        .containsEntry("connectTimeout", "3")
        .containsEntry("socketTimeout", "6");

    YamlPropertiesFactoryBean defaults = new YamlPropertiesFactoryBean();
    defaults.setResources(new ClassPathResource("application.yml"));
    assertThat(defaults.getObject())
        .containsEntry("spring.datasource.hikari.maximum-pool-size", 10)
        .containsEntry("spring.datasource.hikari.connection-timeout", 3000)
        .containsEntry("spring.datasource.url", TestDatabase.h2("./index/registry"));
  }
}
