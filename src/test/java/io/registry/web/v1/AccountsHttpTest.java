package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.registry.access.index.Accounts;
import io.registry.access.index.NewAccount;
import io.registry.testkit.DockerDaemon;
import io.registry.testkit.DockerDaemon.Failure;
import io.registry.testkit.DockerFamily;
import io.registry.testkit.DockerImages;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestImage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every family of clients logs in, pushes and pulls over plain HTTP, where daemons show the
 * password to the index and a token to the registry (protocol 4.7, 9.7).
 */
@Tag("slow")
class AccountsHttpTest {
  private static final String USER = "alice";
  private static final String PASSWORD = "correct horse";

  @TempDir private static Path folder;

  private static RegistryServer server;

  @BeforeAll
  static void start() {
    server =
        RegistryServer.start(
            folder.resolve("store"),
            "--registry.index.mode=embedded",
            "--registry.index.admin.password=battery staple",
            "--spring.datasource.url=jdbc:h2:file:"
                + folder.resolve("index")
                + ";MODE=PostgreSQL;WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE;USER=registry");
    Accounts accounts = server.bean(Accounts.class);
    accounts.create(new NewAccount(USER, PASSWORD, "alice@example.com", false));
    accounts.create(new NewAccount("mallory", PASSWORD, "", false));
    accounts.create(new NewAccount("retired", PASSWORD, "", false));
    accounts.setActive("retired", false);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @ParameterizedTest
  @MethodSource("daemons")
  void whoLogsInPushesAndPulls(DockerFamily family) {
    DockerDaemon daemon = daemon(family).loggedInAs(USER, PASSWORD);
    List<TestImage> images = DockerImages.chain(family, "login " + family);
    String name = USER + "/" + family.name().toLowerCase(Locale.ROOT);

    assertThat(daemon(family).login(USER, PASSWORD)).isEqualTo("Login Succeeded");
    assertThat(daemon.push(name, images, tags(images))).isEqualTo(DockerImages.ids(images));
    assertThat(daemon.push(name, images, tags(images))).isEmpty();

    assertThat(DockerImages.ids(daemon.pull(name, "latest"))).isEqualTo(DockerImages.ids(images));
  }

  @ParameterizedTest
  @MethodSource("daemons")
  void nobodyElsePushesOrPulls(DockerFamily family) {
    List<TestImage> images = DockerImages.chain(family, "private " + family);
    String name = USER + "/private-" + family.name().toLowerCase(Locale.ROOT);
    DockerDaemon stranger = daemon(family).loggedInAs("mallory", PASSWORD);
    daemon(family).loggedInAs(USER, PASSWORD).push(name, images, tags(images));

    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> daemon(family).pull(name, "latest"))
        .withMessage("Authentication is required.");
    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> daemon(family).push(name, images, tags(images)))
        .withMessage("Please login prior to push");
    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> stranger.pull(name, "latest"))
        .withMessage("Error: image not found");
    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> stranger.push(name, images, tags(images)))
        .withMessageContaining("403");
  }

  /** The ids alone are no way to the images; who has the bytes may push them. */
  @ParameterizedTest
  @MethodSource("daemons")
  void whoHasTheSameImagePushesIt(DockerFamily family) {
    List<TestImage> images = DockerImages.chain(family, "shared " + family);
    String suffix = "/shared-" + family.name().toLowerCase(Locale.ROOT);
    daemon(family).loggedInAs(USER, PASSWORD).push(USER + suffix, images, tags(images));
    DockerDaemon other = daemon(family).loggedInAs("mallory", PASSWORD);

    assertThat(other.push("mallory" + suffix, images, tags(images)))
        .isEqualTo(DockerImages.ids(images));

    assertThat(DockerImages.ids(other.pull("mallory" + suffix, "latest")))
        .isEqualTo(DockerImages.ids(images));
  }

  @ParameterizedTest
  @MethodSource("daemons")
  void wrongPasswordsAndDisabledAccountsAreToldApart(DockerFamily family) {
    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> daemon(family).login(USER, "wrong horse"))
        .withMessage("Wrong login/password, please try again");
    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> daemon(family).login("retired", PASSWORD))
        .withMessage("Login: Account is not active");
    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> daemon(family).login("nobody", PASSWORD))
        .withMessage("Wrong login/password, please try again");
  }

  /** 2.4: what a user may change, all of it or nothing. */
  @Test
  void aUserChangesPasswordAndAddress() {
    Accounts accounts = server.bean(Accounts.class);
    accounts.create(new NewAccount("carol", PASSWORD, "", false));
    TestClient client = server.client();
    String path = "/v1/users/carol/";
    String half = "{\"password\": \"a better one\", \"email\": \"no address\"}";
    String whole = "{\"password\": \"a better one\", \"email\": \"carol@example.com\"}";

    assertThat(client.put(path, whole).status()).isEqualTo(401);
    assertThat(client.put(path, whole, basic("mallory", PASSWORD)).status()).isEqualTo(403);
    assertThat(client.put(path, half, basic("carol", PASSWORD)).status()).isEqualTo(400);
    assertThat(client.get("/v1/users/", basic("carol", PASSWORD)).status()).isEqualTo(200);
    assertThat(client.put(path, whole, basic("carol", PASSWORD)).status()).isEqualTo(204);

    assertThat(client.get("/v1/users/", basic("carol", PASSWORD)).status()).isEqualTo(401);
    assertThat(client.get("/v1/users/", basic("carol", "a better one")).status()).isEqualTo(200);
    assertThat(accounts.find("carol").orElseThrow().email()).isEqualTo("carol@example.com");
  }

  /** 9.7: with registration off, nobody learns which names are taken. */
  @Test
  void nobodyRegisters() {
    String known = "{\"username\": \"alice\", \"password\": \"whatever it is\", \"email\": \"\"}";
    String unknown = "{\"username\": \"dave\", \"password\": \"whatever it is\", \"email\": \"\"}";

    TestClient.Answer taken = server.client().post("/v1/users/", known);
    TestClient.Answer free = server.client().post("/v1/users/", unknown);

    assertThat(taken.status()).isEqualTo(400);
    assertThat(taken.text()).isEqualTo("\"Username or email already exists\"");
    assertThat(free.status()).isEqualTo(taken.status());
    assertThat(free.text()).isEqualTo(taken.text());
    assertThat(server.bean(Accounts.class).find("dave")).isEmpty();
  }

  private static String[] basic(String user, String password) {
    return new String[] {
      "Authorization",
      "Basic "
          + Base64.getEncoder()
              .encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8))
    };
  }

  private static Stream<DockerFamily> daemons() {
    return Stream.of(DockerFamily.values()).filter(DockerFamily::pushes);
  }

  private static DockerDaemon daemon(DockerFamily family) {
    return new DockerDaemon(family, server.port());
  }

  private static Map<String, String> tags(List<TestImage> images) {
    String top = images.get(images.size() - 1).id();
    return Map.of("latest", top, "v1", top);
  }
}
