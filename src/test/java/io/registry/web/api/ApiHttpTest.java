package io.registry.web.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestImage;
import io.registry.web.api.ApiClient.Answer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The API for accounts, as admins, owners, members and strangers find it. */
@ExtendWith(OutputCaptureExtension.class)
@Tag("slow")
class ApiHttpTest {
  private static final String PASSWORD = "correct horse";

  /** Who asks in the table, and what each of them is in the namespace {@code tools}. */
  private static final List<String> CALLERS =
      List.of("nobody", "mallory", "reader", "writer", "manager", "owner", "admin");

  @TempDir private static Path folder;

  private static RegistryServer server;
  private static TestClient client;
  private static ApiClient anonymous;
  private static ApiClient admin;

  @BeforeAll
  static void start() {
    server =
        RegistryServer.start(
            folder.resolve("store"),
            "--registry.index.mode=embedded",
            "--registry.index.admin.password=" + PASSWORD,
            // As talkative as somebody makes it who looks for a fault.
            "--logging.level.org.springframework.web=debug",
            "--logging.level.org.springframework.http=debug",
            "--logging.level.org.springframework.security=debug",
            "--spring.datasource.url=jdbc:h2:file:"
                + folder.resolve("index")
                + ";MODE=PostgreSQL;WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE",
            "--registry.auth.limits.failures-per-account=5",
            "--registry.auth.limits.failures-per-address=1000");
    client = server.client();
    anonymous = ApiClient.anonymous(client);
    admin = as("admin");
    for (String name : List.of("mallory", "reader", "writer", "manager", "owner")) {
      make(name);
    }
    ok(admin.post("/api/namespaces", "{'name': 'tools', 'owner': {'user': 'owner'}}"), 201);
    for (String role : List.of("read", "write", "admin")) {
      String name = Map.of("read", "reader", "write", "writer", "admin", "manager").get(role);
      ok(admin.put("/api/namespaces/tools/members/users/" + name, "{'role': '" + role + "'}"), 204);
    }
    push("tools/app", "owner", PASSWORD);
    tag("tools/app", "tagged", "owner");
    push("tools/shown", "owner", PASSWORD);
    ok(admin.patch("/api/repositories/tools/shown", "{'visibility': 'public'}"), 200);
  }

  @AfterAll
  static void stop() {
    server.close();
    LoggingSystem logging = LoggingSystem.get(ApiHttpTest.class.getClassLoader());
    List.of("web", "http", "security")
        .forEach(part -> logging.setLogLevel("org.springframework." + part, null));
  }

  @Test
  void aRemovedRepositoryStaysPrivateAndIsRestoredByThoseWhoMayRemoveIt() {
    push("tools/gone", "owner", PASSWORD);
    tag("tools/gone", "gone", "owner");
    String image = TestImage.id("gone");
    String[] owner = {"Authorization", ApiClient.basic("owner", PASSWORD)};
    assertThat(client.delete("/v1/repositories/tools/gone/", owner).status()).isEqualTo(200);
    for (String name : List.of("mallory", "reader")) {
      assertThat(as(name).get("/api/trash?namespace=tools").json().path("items")).isEmpty();
    }
    String id = as("writer").get("/api/trash?namespace=tools").at("/items/0/id");
    String path = "/api/trash/tools/gone/" + id + "/restore";
    assertThat(as("mallory").post(path, "{}").status()).isEqualTo(404);
    assertThat(as("writer").post(path, "{}").status()).isEqualTo(403);

    ok(as("owner").post(path, "{}"), 200);

    assertThat(admin.get("/api/repositories/tools/gone").at("/visibility")).isEqualTo("private");
    assertThat(as("mallory").get("/api/repositories/tools/gone").status()).isEqualTo(404);
    String[] reader = {"Authorization", ApiClient.basic("reader", PASSWORD)};
    assertThat(client.get("/v1/repositories/tools/gone/tags/gone", reader).text())
        .isEqualTo('"' + image + '"');
    assertThat(client.get("/v1/images/" + image + "/json", reader).status()).isEqualTo(200);
    assertThat(client.delete("/v1/repositories/tools/gone/", owner).status()).isEqualTo(200);
  }

  @Test
  void aUserIsMadeChangedAndRemoved() {
    Answer made =
        admin.post(
            "/api/users",
            "{'name': 'carol', 'password': 'battery staple', 'email': 'c@example.com'}");
    assertThat(made.status()).isEqualTo(201);
    assertThat(made.raw().header("Location")).isEqualTo("/api/users/carol");
    assertThat(made.text()).contains("carol", "c@example.com").doesNotContain("battery");
    assertThat(admin.post("/api/users", "{'name': 'carol', 'password': 'battery staple'}").status())
        .isEqualTo(409);

    ApiClient carol = anonymous.as("carol", "battery staple");
    assertThat(carol.get("/api/users/carol").text()).isEqualTo(made.text());
    assertThat(carol.patch("/api/users/carol", "{'email': 'carol@example.com'}").at("/email"))
        .isEqualTo("carol@example.com");
    assertThat(carol.patch("/api/users/carol", "{'email': 'me@x.org', 'admin': true}").status())
        .isEqualTo(403);
    Answer promoted = admin.patch("/api/users/carol", "{'admin': true}");
    assertThat(promoted.at("/email")).isEqualTo("carol@example.com");
    assertThat(promoted.json().at("/admin").booleanValue()).isTrue();
    assertThat(carol.get("/api/users").status()).isEqualTo(200);

    assertThat(admin.delete("/api/users/carol").status()).isEqualTo(204);
    assertThat(admin.get("/api/users/carol").status()).isEqualTo(404);
    assertThat(carol.get("/api/users/carol").status()).isEqualTo(401);
  }

  @Test
  void eitherAllOfAChangeIsMadeOrNothing() {
    Answer refused = admin.patch("/api/users/admin", "{'email': 'a@example.com', 'admin': false}");

    assertThat(refused.status()).isEqualTo(409);
    assertThat(admin.get("/api/users/admin").at("/email")).isEmpty();
    assertThat(admin.delete("/api/users/admin").status()).isEqualTo(409);
  }

  @Test
  void longListsComeInPages() {
    List<String> names = new ArrayList<>();
    String next = "";
    do {
      Answer page = admin.get("/api/users?limit=2&after=" + next);
      page.json().at("/users").forEach(user -> names.add(user.path("name").asString()));
      next = page.at("/next");
    } while (!next.isEmpty());

    assertThat(names).contains("admin", "mallory", "writer").isSorted().doesNotHaveDuplicates();
    assertThat(as("reader").get("/api/namespaces?limit=1").text())
        .isEqualTo(
            "{\"namespaces\":[{\"name\":\"reader\",\"owner\":{\"user\":\"reader\"},"
                + "\"trusted\":false}],"
                + "\"next\":\"reader\"}");
    assertThat(as("reader").get("/api/namespaces?after=reader").text())
        .isEqualTo(
            "{\"namespaces\":[{\"name\":\"tools\",\"owner\":{\"user\":\"owner\"},"
                + "\"trusted\":false}]}");
  }

  @Test
  void anAdminSaysWhichNamespacesAreTrusted() {
    assertThat(admin.get("/api/namespaces/library").text())
        .isEqualTo("{\"name\":\"library\",\"trusted\":true}");
    assertThat(admin.get("/api/namespaces/bases").status()).isEqualTo(404);

    assertThat(admin.patch("/api/namespaces/bases", "{'trusted': true}").text())
        .isEqualTo("{\"name\":\"bases\",\"trusted\":true}");
    assertThat(admin.get("/api/namespaces?after=as&limit=1").text()).contains("\"bases\"");
    ok(admin.post("/api/namespaces", "{'name': 'bases', 'owner': {'user': 'owner'}}"), 201);
    assertThat(as("owner").get("/api/namespaces/bases").text())
        .isEqualTo("{\"name\":\"bases\",\"owner\":{\"user\":\"owner\"},\"trusted\":true}");
    assertThat(admin.patch("/api/namespaces/bases", "{'owner': {'user': 'reader'}}").text())
        .isEqualTo("{\"name\":\"bases\",\"owner\":{\"user\":\"reader\"},\"trusted\":true}");

    ok(admin.delete("/api/namespaces/bases"), 204);
    assertThat(admin.get("/api/namespaces/bases").status()).isEqualTo(404);
  }

  @Test
  void aTeamOwnsAndHasRolesForItsMembers() {
    make("tina");
    ApiClient tina = as("tina");
    assertThat(admin.post("/api/teams", "{'name': 'crew'}").raw().header("Location"))
        .isEqualTo("/api/teams/crew");
    ok(admin.post("/api/namespaces", "{'name': 'crews', 'owner': {'team': 'crew'}}"), 201);
    ok(as("manager").put("/api/namespaces/tools/members/teams/crew", "{'role': 'read'}"), 204);
    assertThat(tina.get("/api/teams/crew").status()).isEqualTo(404);
    assertThat(tina.get("/api/namespaces/tools").status()).isEqualTo(404);

    ok(admin.put("/api/teams/crew/members/tina", ""), 204);
    assertThat(tina.get("/api/teams/crew").text())
        .isEqualTo("{\"name\":\"crew\",\"members\":[\"tina\"]}");
    assertThat(tina.get("/api/teams").text()).isEqualTo("{\"teams\":[{\"name\":\"crew\"}]}");
    assertThat(tina.get("/api/namespaces/crews").at("/owner/team")).isEqualTo("crew");
    assertThat(tina.get("/api/namespaces/tools/members").text())
        .contains("{\"team\":\"crew\",\"role\":\"read\"}");
    ok(tina.put("/api/namespaces/crews/members/users/mallory", "{'role': 'write'}"), 204);
    assertThat(tina.put("/api/teams/crew/members/mallory", "").status()).isEqualTo(403);

    // From the next request on.
    ok(admin.delete("/api/teams/crew/members/tina"), 204);
    assertThat(tina.get("/api/namespaces/crews").status()).isEqualTo(404);
    assertThat(tina.get("/api/repositories/tools/app").status()).isEqualTo(404);
    assertThat(admin.delete("/api/teams/crew").status()).isEqualTo(409);
    ok(admin.patch("/api/namespaces/crews", "{'owner': {'user': 'owner'}}"), 200);
    ok(admin.delete("/api/teams/crew"), 204);
    ok(admin.delete("/api/namespaces/crews"), 204);
  }

  @Test
  void aRobotDoesWhatItsRoleAllowsUntilItsSecretIsRevoked() {
    ApiClient manager = as("manager");
    assertThat(
            manager
                .post("/api/namespaces/tools/robots", "{'name': 'ci', 'role': 'write'}")
                .at("/login"))
        .isEqualTo("tools+ci");
    Instant end = Instant.now().plus(Duration.ofDays(1));
    String credentials = "/api/namespaces/tools/robots/ci/credentials";
    Answer issued = manager.post(credentials, "{'expires': '" + end + "'}");
    assertThat(issued.status()).isEqualTo(201);
    String secret = issued.at("/secret");
    assertThat(secret).isNotEmpty();

    assertThat(manager.get(credentials).text()).contains(issued.at("/id")).doesNotContain(secret);
    push("tools/built", "tools+ci", secret);
    assertThat(anonymous.as("tools+ci", secret).get("/api/repositories?namespace=tools").error())
        .isEqualTo("Robots may not use this API");

    ok(manager.delete(credentials + "/" + issued.at("/id")), 204);
    assertThat(v1("/v1/repositories/tools/built/images", "tools+ci", secret).status())
        .isEqualTo(401);
    assertThat(manager.get(credentials).json().at("/credentials/0/revoked").booleanValue())
        .isTrue();
    assertThat(
            manager.post("/api/namespaces/tools/robots", "{'name': 'ci', 'role': 'read'}").status())
        .isEqualTo(409);
    ok(manager.delete("/api/namespaces/tools/robots/ci"), 204);
    assertThat(manager.get(credentials).status()).isEqualTo(404);
    assertThat(manager.get("/api/namespaces/tools/robots").text()).isEqualTo("{\"robots\":[]}");
  }

  @Test
  void whoSeesARepositoryIsSaidHereAndMarkedInTheStore() {
    push("manager/odd%2Fname", "manager", PASSWORD);
    ApiClient manager = as("manager");
    String path = "/api/repositories/manager/odd%2Fname";
    assertThat(manager.get(path).text())
        .isEqualTo("{\"namespace\":\"manager\",\"name\":\"odd/name\",\"visibility\":\"private\"}");
    assertThat(as("mallory").get(path).status()).isEqualTo(404);

    assertThat(manager.patch(path, "{'visibility': 'public'}").at("/visibility"))
        .isEqualTo("public");
    assertThat(as("mallory").get(path).status()).isEqualTo(200);
    assertThat(marks()).noneMatch(mark -> mark.contains("odd"));
    ok(manager.patch(path, "{'visibility': 'private'}"), 200);
    assertThat(as("mallory").get(path).status()).isEqualTo(404);
    assertThat(marks()).anyMatch(mark -> mark.contains("odd"));
    assertThat(admin.get("/api/repositories/manager/absent").status()).isEqualTo(404);
    assertThat(admin.patch("/api/repositories/manager/absent", "{'visibility': 'public'}").status())
        .isEqualTo(404);
  }

  @Test
  void strangersAreShownWhatIsPublicOnly() {
    assertThat(as("reader").get("/api/repositories?namespace=tools").text())
        .contains("app", "shown");
    assertThat(as("mallory").get("/api/repositories?namespace=tools").text())
        .isEqualTo(
            "{\"repositories\":[{\"namespace\":\"tools\",\"name\":\"shown\","
                + "\"visibility\":\"public\"}]}");
    // Where a page ends is no name of what is hidden.
    assertThat(as("mallory").get("/api/repositories?namespace=tools&limit=1").text())
        .doesNotContain("app");
  }

  /** What each may do. None of it succeeds in changing something that the other rows need. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # request                                                        | nobody | mallory | reader | writer | manager | owner | admin
          GET /api/users                                                   | 401 | 403 | 403 | 403 | 403 | 403 | 200
          POST /api/users {'name': 'writer', 'password': 'pass word'}      | 401 | 403 | 403 | 403 | 403 | 403 | 409
          GET /api/users/writer                                            | 401 | 404 | 404 | 200 | 404 | 404 | 200
          GET /api/users/absent                                            | 401 | 404 | 404 | 404 | 404 | 404 | 404
          PATCH /api/users/writer {'email': 'w@example.com'}               | 401 | 404 | 404 | 200 | 404 | 404 | 200
          PATCH /api/users/writer {'active': true}                         | 401 | 404 | 404 | 403 | 404 | 404 | 200
          DELETE /api/users/owner                                          | 401 | 404 | 404 | 404 | 404 | 403 | 409
          PUT /api/users/writer/password {'password': 'short'}             | 401 | 404 | 404 | 400 | 404 | 404 | 400
          GET /api/teams                                                   | 401 | 200 | 200 | 200 | 200 | 200 | 200
          POST /api/teams {'name': '?'}                                    | 401 | 403 | 403 | 403 | 403 | 403 | 400
          GET /api/teams/absent                                            | 401 | 404 | 404 | 404 | 404 | 404 | 404
          PUT /api/teams/absent/members/writer                             | 401 | 404 | 404 | 404 | 404 | 404 | 404
          DELETE /api/teams/absent                                         | 401 | 404 | 404 | 404 | 404 | 404 | 404
          GET /api/namespaces                                              | 401 | 200 | 200 | 200 | 200 | 200 | 200
          POST /api/namespaces {'name': 'tools', 'owner': {'user': 'owner'}} | 401 | 403 | 403 | 403 | 403 | 403 | 409
          GET /api/namespaces/tools                                        | 401 | 404 | 200 | 200 | 200 | 200 | 200
          PATCH /api/namespaces/tools {'owner': {'user': 'owner'}}         | 401 | 404 | 403 | 403 | 403 | 403 | 200
          PATCH /api/namespaces/tools {'trusted': false}                   | 401 | 404 | 403 | 403 | 403 | 403 | 200
          GET /api/namespaces/library                                      | 401 | 404 | 404 | 404 | 404 | 404 | 200
          PATCH /api/namespaces/library {'trusted': true}                  | 401 | 404 | 404 | 404 | 404 | 404 | 200
          PATCH /api/namespaces/library {'owner': {'user': 'owner'}}       | 401 | 404 | 404 | 404 | 404 | 404 | 404
          GET /api/namespaces/library/members                              | 401 | 404 | 404 | 404 | 404 | 404 | 404
          DELETE /api/namespaces/library                                   | 401 | 404 | 404 | 404 | 404 | 404 | 404
          DELETE /api/images/0123456789abcdef                              | 401 | 404 | 404 | 404 | 404 | 404 | 404
          DELETE /api/images/none                                          | 401 | 404 | 404 | 404 | 404 | 404 | 404
          DELETE /api/namespaces/writer                                    | 401 | 404 | 404 | 403 | 404 | 404 | 404
          GET /api/namespaces/tools/members                                | 401 | 404 | 200 | 200 | 200 | 200 | 200
          PUT /api/namespaces/tools/members/users/reader {'role': 'read'}  | 401 | 404 | 403 | 403 | 204 | 204 | 204
          DELETE /api/namespaces/tools/members/users/absent                | 401 | 404 | 403 | 403 | 404 | 404 | 404
          PUT /api/namespaces/tools/members/teams/absent {'role': 'read'}  | 401 | 404 | 403 | 403 | 404 | 404 | 404
          DELETE /api/namespaces/tools/members/teams/absent                | 401 | 404 | 403 | 403 | 404 | 404 | 404
          GET /api/namespaces/tools/robots                                 | 401 | 404 | 403 | 403 | 200 | 200 | 200
          POST /api/namespaces/tools/robots {'name': '?', 'role': 'read'}  | 401 | 404 | 403 | 403 | 400 | 400 | 400
          GET /api/namespaces/tools/robots/absent                          | 401 | 404 | 403 | 403 | 404 | 404 | 404
          DELETE /api/namespaces/tools/robots/absent                       | 401 | 404 | 403 | 403 | 404 | 404 | 404
          GET /api/namespaces/tools/robots/absent/credentials              | 401 | 404 | 403 | 403 | 404 | 404 | 404
          POST /api/namespaces/tools/robots/absent/credentials {}          | 401 | 404 | 403 | 403 | 404 | 404 | 404
          DELETE /api/namespaces/tools/robots/absent/credentials/1         | 401 | 404 | 403 | 403 | 404 | 404 | 404
          GET /api/repositories?namespace=tools                            | 401 | 200 | 200 | 200 | 200 | 200 | 200
          GET /api/repositories/tools/app                                  | 401 | 404 | 200 | 200 | 200 | 200 | 200
          GET /api/repositories/tools/app/tags/tagged                      | 401 | 404 | 200 | 200 | 200 | 200 | 200
          GET /api/repositories/tools/app/tags/absent                      | 401 | 404 | 404 | 404 | 404 | 404 | 404
          PATCH /api/repositories/tools/app {'visibility': 'private'}      | 401 | 404 | 403 | 403 | 200 | 200 | 200
          GET /api/repositories/tools/shown                                | 401 | 200 | 200 | 200 | 200 | 200 | 200
          PATCH /api/repositories/tools/shown {'visibility': 'public'}     | 401 | 403 | 403 | 403 | 200 | 200 | 200
          GET /api/trash                                                   | 401 | 403 | 403 | 403 | 403 | 403 | 200
          GET /api/trash?namespace=tools                                   | 401 | 200 | 200 | 200 | 200 | 200 | 200
          POST /api/trash/tools/shown/absent/restore {}                    | 401 | 404 | 404 | 404 | 404 | 404 | 404
          GET /api/repositories/tools/shown/tags/absent/history            | 401 | 404 | 404 | 200 | 200 | 200 | 200
          POST /api/repositories/tools/shown/tags/absent/history/x/restore {} | 401 | 404 | 404 | 404 | 404 | 404 | 404
          GET /api/pins                                                    | 401 | 403 | 403 | 403 | 403 | 403 | 200
          PUT /api/pins/images/0123456789abcdef {'reason': ''}             | 401 | 403 | 403 | 403 | 403 | 403 | 204
          DELETE /api/pins/images/0123456789abcdee                         | 401 | 403 | 403 | 403 | 403 | 403 | 404
          GET /api/retention                                               | 401 | 403 | 403 | 403 | 403 | 403 | 200
          GET /api/repositories/tools/app/retention                        | 401 | 404 | 404 | 200 | 200 | 200 | 200
          GET /api/openapi.json                                            | 401 | 200 | 200 | 200 | 200 | 200 | 200
          GET /api/absent                                                  | 401 | 404 | 404 | 404 | 404 | 404 | 404
          """)
  void whoMayWhat(
      String request,
      int nobody,
      int mallory,
      int reader,
      int writer,
      int manager,
      int owner,
      int adminStatus) {
    String[] parts = request.split(" ", 3);
    String body = parts.length > 2 ? parts[2] : "";

    assertThat(
            CALLERS.stream()
                .collect(
                    Collectors.toMap(
                        name -> name,
                        name -> caller(name).send(parts[0], parts[1], body).status())))
        .isEqualTo(
            Map.of(
                "nobody", nobody,
                "mallory", mallory,
                "reader", reader,
                "writer", writer,
                "manager", manager,
                "owner", owner,
                "admin", adminStatus));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          POST /api/users {'name': 'x1', 'pasword': 'pass word'}             | pasword: there is no such field
          POST /api/users {'name': 'x1'}                                     | password: must not be null
          POST /api/users {'name': 'x1', 'password': 12345678}               | password: has to be a text
          POST /api/users {'name': 'x1', 'password': 'short'}                | A password has at least 8 characters and at most 72 bytes
          POST /api/users {'name': 'X 1', 'password': 'pass word'}           | Invalid user name
          POST /api/users {'name': 'x1', 'password': 'pass word', 'email': '@'} | Invalid e-mail address
          POST /api/users {'name': 'x1', 'password': 'pass word', 'admin': 'yes'} | admin: has to be true or false
          POST /api/users {'name': 'x1', 'name': 'x2', 'password': 'pass word'} | The body is not JSON
          POST /api/users {'name': 'x1'} {}                                  | The body is not a JSON object of the form that is wanted
          POST /api/users ['x1']                                             | The body is not a JSON object of the form that is wanted
          POST /api/users null                                               | The body is not a JSON object
          POST /api/namespaces {'name': 'x', 'owner': {}}                    | owner: has to have one of the fields user and team
          POST /api/namespaces {'name': 'x', 'owner': {'user': 1}}           | owner.user: has to be a text
          PUT /api/namespaces/tools/members/users/reader {'role': 'boss'}    | role: has to be one of read, write, admin
          PUT /api/namespaces/tools/members/users/reader {'role': 0}         | role: has to be one of read, write, admin
          POST /api/namespaces/tools/robots/ci/credentials {'expire': null}  | expire: there is no such field
          POST /api/namespaces/tools/robots/ci/credentials {'expires': 'soon'} | expires: has to be a time such as 2030-01-31T12:00:00Z
          PATCH /api/repositories/tools/app {'visibility': ''}               | visibility: has to be one of public, private
          GET /api/users?limit=1001                                          | limit: has to be 1 to 1000
          GET /api/users?limit=many                                          | limit: has to be a number
          GET /api/repositories                                              | namespace: has to be there
          PATCH /api/namespaces/tools {'trusted': 1}                         | trusted: has to be true or false
          PATCH /api/namespaces/a+b {'trusted': true}                        | Invalid namespace
          DELETE /api/images/0123456789abcdef?force=perhaps                  | force: has to be true or false
          """)
  void whatIsWrongWithARequestIsNamed(String request, String error) {
    String[] parts = request.split(" ", 3);

    Answer answer = admin.send(parts[0], parts[1], parts.length > 2 ? parts[2] : "");

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.error()).isEqualTo(error);
  }

  @Test
  void bodiesAreJsonAndBounded() {
    String user = "{'name': 'x1', 'password': 'pass word'}";

    assertThat(admin.send("POST", "/api/users", user, "text/plain").status()).isEqualTo(415);
    assertThat(admin.send("POST", "/api/users", user, "application/x-www-form-urlencoded").status())
        .isEqualTo(415);
    assertThat(admin.send("POST", "/api/users", "").status()).isEqualTo(415);
    assertThat(admin.post("/api/users", " ".repeat(70_000) + user).status()).isEqualTo(413);
    assertThat(admin.send("PUT", "/api/users", user).status()).isEqualTo(405);
    assertThat(admin.get("/api/users/x1").status()).isEqualTo(404);
  }

  @Test
  void whoShowsNoPasswordIsAskedForOneAndNothingIsCached() {
    Answer refused = anonymous.get("/api/users/admin");

    assertThat(refused.text()).isEqualTo("{\"error\": \"Requires authorization\"}");
    assertThat(refused.raw().header("WWW-Authenticate"))
        .isEqualTo("Basic realm=\"registry\", charset=\"UTF-8\"");
    for (Answer answer : List.of(refused, admin.get("/api/users/admin"))) {
      assertThat(answer.raw().header("Cache-Control")).contains("no-store");
      assertThat(answer.raw().header("X-Content-Type-Options")).isEqualTo("nosniff");
      assertThat(answer.raw().headers("Set-Cookie")).isEmpty();
    }
    assertThat(anonymous.as("admin", "wrong horse").get("/api/users").text())
        .isEqualTo(refused.text());
    assertThat(anonymous.as("nobody", PASSWORD).get("/api/users").text()).isEqualTo(refused.text());
  }

  @ParameterizedTest
  @ValueSource(strings = {"Basic", "Basic =", "Basic bm9ib2R5", "Token access=read", "Bearer x"})
  void credentialsOfAnotherFormAreNone(String header) {
    assertThat(client.get("/api/users", "Authorization", header).status()).isEqualTo(401);
  }

  @ParameterizedTest
  @ValueSource(strings = {"//api/users", "/api/users/", "/%61pi/users", "/api;v=1/users"})
  void noSpellingOfThePathGoesAroundTheFilters(String path) {
    assertThat(client.get(path).status()).isIn(401, 404);
  }

  @Test
  void whoIsDisabledIsKeptOutAtOnceWithPasswordAndToken() {
    make("dora");
    TestClient.Answer pushed = push("dora/app", "dora", PASSWORD);
    String token = "Token " + pushed.header("X-Docker-Token");
    String images = "/v1/repositories/dora/app/images";
    assertThat(client.get(images, "Authorization", token).status()).isEqualTo(200);

    ok(admin.patch("/api/users/dora", "{'active': false}"), 200);

    assertThat(client.get(images, "Authorization", token).status()).isEqualTo(401);
    assertThat(v1(images, "dora", PASSWORD).status()).isEqualTo(403);
    Answer refused = as("dora").get("/api/users/dora");
    assertThat(refused.status()).isEqualTo(403);
    assertThat(refused.error()).isEqualTo("Account is not active");
    ok(admin.patch("/api/users/dora", "{'active': true}"), 200);
    assertThat(client.get(images, "Authorization", token).status()).isEqualTo(401);
    assertThat(v1(images, "dora", PASSWORD).status()).isEqualTo(200);
  }

  @Test
  void aTokenEndsWithThePasswordThatItWasGotBy() {
    make("emil");
    String token = "Token " + push("emil/app", "emil", PASSWORD).header("X-Docker-Token");
    String images = "/v1/repositories/emil/app/images";
    assertThat(client.get(images, "Authorization", token).status()).isEqualTo(200);

    ok(as("emil").put("/api/users/emil/password", "{'password': 'another one'}"), 204);

    assertThat(client.get(images, "Authorization", token).status()).isEqualTo(401);
    String next = "Token " + v1(images, "emil", "another one").header("X-Docker-Token");
    assertThat(client.get(images, "Authorization", next).status()).isEqualTo(200);
    ok(admin.put("/api/users/emil/password", "{'password': '" + PASSWORD + "'}"), 204);
    assertThat(client.get(images, "Authorization", next).status()).isEqualTo(401);
  }

  @Test
  void whoIsNoMemberAnyMoreIsKeptOutAtTheNextRequest() {
    make("mark");
    ok(admin.put("/api/namespaces/tools/members/users/mark", "{'role': 'write'}"), 204);
    TestClient.Answer listed = push("tools/app", "mark", PASSWORD);
    String token = "Token " + listed.header("X-Docker-Token");
    String images = "/v1/repositories/tools/app/images";
    assertThat(client.get(images, "Authorization", token).status()).isEqualTo(200);

    ok(as("manager").delete("/api/namespaces/tools/members/users/mark"), 204);

    assertThat(client.get(images, "Authorization", token).status()).isEqualTo(404);
    assertThat(v1(images, "mark", PASSWORD).status()).isEqualTo(404);
    assertThat(as("mark").get("/api/repositories/tools/app").status()).isEqualTo(404);
    assertThat(as("mark").get("/api/namespaces/tools/members").status()).isEqualTo(404);
  }

  @Test
  void anotherPasswordMakesTheOneBeforeUseless() {
    make("paul");
    ok(as("paul").put("/api/users/paul/password", "{'password': 'new horse'}"), 204);

    assertThat(as("paul").get("/api/users/paul").status()).isEqualTo(401);
    assertThat(v1("/v1/users", "paul", PASSWORD).status()).isEqualTo(401);
    assertThat(anonymous.as("paul", "new horse").get("/api/users/paul").status()).isEqualTo(200);

    ok(admin.put("/api/users/paul/password", "{'password': 'newer horse'}"), 204);
    assertThat(anonymous.as("paul", "new horse").get("/api/users/paul").status()).isEqualTo(401);
    assertThat(v1("/v1/users", "paul", "newer horse").status()).isEqualTo(200);
  }

  @Test
  void whoGuessesPasswordsHasToWait() {
    make("gina");
    for (int i = 0; i < 5; i++) {
      assertThat(anonymous.as("gina", "guess " + i).get("/api/teams").status()).isEqualTo(401);
    }

    Answer refused = anonymous.as("gina", "guess").get("/api/teams");
    assertThat(refused.status()).isEqualTo(429);
    assertThat(refused.error()).isEqualTo("Too many failed sign-ins: try again later");
    assertThat(refused.raw().header("Retry-After")).matches("[1-9][0-9]*");
    assertThat(v1("/v1/users", "gina", "guess").status()).isEqualTo(429);
  }

  @Test
  void whoMustChooseAPasswordMayDoNothingElse() {
    make("olga");
    ok(admin.patch("/api/users/olga", "{'admin': true}"), 200);
    int changed =
        JdbcClient.create(server.bean(DataSource.class))
            .sql("update account set must_change_password = true where name = 'olga'")
            .update();
    assertThat(changed).isEqualTo(1);
    ApiClient olga = as("olga");

    assertThat(olga.get("/api/users/olga").error())
        .isEqualTo("Choose a password first: PUT /api/users/olga/password");
    assertThat(olga.put("/api/users/admin/password", "{'password': 'new horse'}").status())
        .isEqualTo(403);
    assertThat(admin.get("/api/users/olga").json().at("/mustChangePassword").booleanValue())
        .isTrue();

    ok(olga.put("/api/users/olga/password", "{'password': 'new horse'}"), 204);
    assertThat(anonymous.as("olga", "new horse").get("/api/users").status()).isEqualTo(200);
  }

  @Test
  void noSecretIsLoggedHoweverMuchIs(CapturedOutput output) {
    String secret = "Sup3r secret horse";
    ok(admin.post("/api/users", "{'name': 'sara', 'password': '" + secret + "'}"), 201);
    ApiClient sara = anonymous.as("sara", secret);
    ok(sara.put("/api/users/sara/password", "{'password': '" + secret + "!'}"), 204);
    ok(admin.put("/api/users/sara/password", "{'pasword': '" + secret + "'}"), 400);
    ok(admin.put("/api/users/sara/password", "{'password': ['" + secret + "']}"), 400);
    ok(admin.put("/api/users/sara/password", "{'password': '" + secret + "'"), 400);
    ok(admin.post("/api/users", "{'name': 'sara', 'password': '" + secret + "'}"), 409);
    ok(sara.get("/api/users"), 401);
    ok(admin.post("/api/namespaces/sara/robots", "{'name': 'ci', 'role': 'read'}"), 201);
    Answer issued = admin.post("/api/namespaces/sara/robots/ci/credentials", "{}");

    assertThat(output.getAll())
        .contains(
            "event=administration who=user:admin from=127.0.0.1 outcome=success status=201"
                + " method=POST path=/api/users",
            "event=account who=user:admin from=127.0.0.1 outcome=created account=sara",
            "event=password who=user:sara from=127.0.0.1 outcome=changed account=sara")
        .doesNotContain(secret)
        .doesNotContain(ApiClient.basic("sara", secret).substring("Basic ".length()))
        .doesNotContain(issued.at("/secret"));
  }

  @Test
  void theDescriptionIsServed() throws Exception {
    assertThat(admin.get("/api/openapi.json").text())
        .isEqualTo(Files.readString(Path.of("docs/openapi.json")));
  }

  private static ApiClient as(String name) {
    return anonymous.as(name, PASSWORD);
  }

  private static ApiClient caller(String name) {
    return name.equals("nobody") ? anonymous : as(name);
  }

  private static void make(String name) {
    ok(admin.post("/api/users", "{'name': '" + name + "', 'password': '" + PASSWORD + "'}"), 201);
  }

  private static void ok(Answer answer, int status) {
    assertThat(answer.status()).as("%s", answer).isEqualTo(status);
  }

  /** Announces a repository, as the first request of a push does. */
  private static TestClient.Answer push(String repository, String user, String password) {
    TestClient.Answer answer =
        client.put(
            "/v1/repositories/" + repository + "/",
            "[]",
            "Authorization",
            ApiClient.basic(user, password),
            "X-Docker-Token",
            "true");
    assertThat(answer.status()).as("%s", answer).isEqualTo(200);
    return answer;
  }

  private static void tag(String repository, String tag, String user) {
    TestImage image = TestImage.base(tag, "a layer");
    String[] owner = {"Authorization", ApiClient.basic(user, PASSWORD)};
    String name = "/v1/repositories/" + repository;
    assertThat(client.put(name + "/", "[{\"id\": \"" + image.id() + "\"}]", owner).status())
        .isEqualTo(200);
    assertThat(image.putJson(client, owner).status()).isEqualTo(200);
    assertThat(image.putLayer(client, owner).status()).isEqualTo(200);
    assertThat(image.putChecksum(client, owner).status()).isEqualTo(200);
    assertThat(client.put(name + "/tags/" + tag, '"' + image.id() + '"', owner).status())
        .isEqualTo(200);
  }

  private static TestClient.Answer v1(String path, String user, String password) {
    return client.get(path, "Authorization", ApiClient.basic(user, password));
  }

  private static List<String> marks() {
    try (Stream<Path> files = Files.walk(folder.resolve("store"))) {
      return files.map(Path::toString).filter(path -> path.endsWith("_private")).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
