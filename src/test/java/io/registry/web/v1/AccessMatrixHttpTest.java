package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.access.auth.Access;
import io.registry.access.auth.Caller;
import io.registry.access.auth.TokenIssuer;
import io.registry.access.index.Accounts;
import io.registry.access.index.Member;
import io.registry.access.index.Namespaces;
import io.registry.access.index.NewAccount;
import io.registry.access.index.Owner;
import io.registry.access.index.PartyKind;
import io.registry.access.index.Robots;
import io.registry.access.index.Role;
import io.registry.content.repository.RepositoryName;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.testkit.FakeIndex;
import io.registry.testkit.PassingClock;
import io.registry.testkit.PassingRegistry;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.SigningKeyPair;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestImage;
import io.registry.testkit.TestLayer;
import io.registry.web.v1.AccessMatrix.Credentials;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Who may do what: every request as everybody, compared with the tables of docs/access.md. What it
 * should say there after a change of the rules is written to target/access.md; read it before it is
 * copied.
 */
@Tag("slow")
class AccessMatrixHttpTest {
  private static final Path DOCUMENT = Path.of("docs/access.md");
  private static final String PASSWORD = "correct horse";
  private static final List<String> STRANGERS =
      List.of(
          "anonymous", "stranger", "expired token", "other repository's token", "tampered token");

  @TempDir private Path folder;

  private final SigningKeyPair key = new SigningKeyPair();

  @Test
  void accounts() throws IOException {
    key.writePublicKey(folder.resolve("ops.pem"));
    try (RegistryServer server =
        PassingRegistry.start(
            folder.resolve("store"),
            "--registry.index.mode=embedded",
            "--registry.auth.anonymous-read=true",
            "--registry.auth.privileged-keys=" + folder.resolve("ops.pem"),
            "--registry.index.admin.password=" + PASSWORD,
            // An expired secret is shown often here.
            "--registry.auth.limits.failures-per-account=100000",
            "--registry.auth.limits.failures-per-address=100000",
            "--registry.auth.limits.requests-per-address=100000",
            "--spring.datasource.url=jdbc:h2:mem:matrix;MODE=PostgreSQL;DB_CLOSE_DELAY=-1")) {
      makeAccounts(server);
      List<String> tables = new ArrayList<>();
      for (String visibility : List.of("public", "private")) {
        Map<String, Credentials> callers = callers(server, "team/" + visibility);
        Map<String, List<Integer>> rows =
            new AccessMatrix(
                    server.client(),
                    "team/" + visibility,
                    new EmbeddedStage(server, "team/" + visibility, visibility))
                .statuses(callers);
        checkRules(List.copyOf(callers.keySet()), rows, visibility.equals("private"));
        tables.add(write("embedded, " + visibility, List.copyOf(callers.keySet()), rows));
      }
      assertThat(Files.readString(DOCUMENT)).contains(tables);
    }
  }

  @Test
  void anIndexElsewhere() throws IOException {
    key.writePublicKey(folder.resolve("ops.pem"));
    try (FakeIndex index = FakeIndex.start();
        RegistryServer server =
            RegistryServer.start(
                folder.resolve("store"),
                "--registry.index.mode=remote",
                "--registry.index.remote.endpoint=" + index.endpoint(),
                "--registry.auth.anonymous-read=true",
                "--registry.auth.privileged-keys=" + folder.resolve("ops.pem"))) {
      List<String> tables = new ArrayList<>();
      for (String visibility : List.of("public", "private")) {
        String repository = "team/" + visibility;
        Map<String, Credentials> callers = remoteCallers(index, repository);
        Map<String, List<Integer>> rows =
            new AccessMatrix(
                    server.client(),
                    repository,
                    new RemoteStage(server, index, repository, visibility))
                .statuses(callers);
        checkRules(List.copyOf(callers.keySet()), rows, visibility.equals("private"));
        tables.add(write("remote, " + visibility, List.copyOf(callers.keySet()), rows));
      }
      assertThat(Files.readString(DOCUMENT)).contains(tables);
    }
  }

  // What has to hold whatever the tables say.
  private static void checkRules(
      List<String> callers, Map<String, List<Integer>> rows, boolean isPrivate) {
    rows.forEach(
        (route, statuses) -> {
          boolean reads = route.startsWith("`GET") || route.startsWith("`HEAD");
          for (int i = 0; i < callers.size(); i++) {
            String caller = callers.get(i);
            boolean stranger = STRANGERS.contains(caller);
            boolean hopeless = stranger && !Set.of("anonymous", "stranger").contains(caller);
            boolean reader = caller.equals("reader") || caller.equals("read token");
            if ((stranger && (isPrivate || !reads)) || hopeless || (reader && !reads)) {
              if (!route.startsWith("`OPTIONS")) {
                assertThat(statuses.get(i))
                    .as("%s as %s", route, caller)
                    .isGreaterThanOrEqualTo(400);
              }
            }
            assertThat(statuses.get(i)).as("%s as %s", route, caller).isLessThan(500);
          }
          if (route.startsWith("`HEAD")) {
            assertThat(statuses).isEqualTo(rows.get(route.replace("`HEAD", "`GET")));
          }
        });
  }

  private static String write(String title, List<String> callers, Map<String, List<Integer>> rows)
      throws IOException {
    String table = "\n### " + title + "\n\n" + AccessMatrix.table(callers, rows);
    Path written = Path.of("target", "access", title.replaceAll("\\W+", "-") + ".md");
    Files.createDirectories(written.getParent());
    Files.writeString(written, table);
    return table;
  }

  private static void makeAccounts(RegistryServer server) {
    Accounts accounts = server.bean(Accounts.class);
    for (String name : List.of("stranger", "reader", "writer", "owner")) {
      accounts.create(new NewAccount(name, PASSWORD, "", false));
    }
    Namespaces namespaces = server.bean(Namespaces.class);
    namespaces.create("team", new Owner(PartyKind.ACCOUNT, "owner"));
    namespaces.setMember("team", new Member(PartyKind.ACCOUNT, "reader"), Role.READ);
    namespaces.setMember("team", new Member(PartyKind.ACCOUNT, "writer"), Role.WRITE);
    server.bean(Robots.class).create("team", "ci", Role.WRITE);
  }

  private Map<String, Credentials> callers(RegistryServer server, String repository) {
    TokenIssuer tokens = server.bean(TokenIssuer.class);
    Robots robots = server.bean(Robots.class);
    PassingClock clock = (PassingClock) server.bean(Clock.class);
    String expiredSecret =
        robots.issue("team", "ci", Optional.of(clock.instant().plus(Duration.ofHours(1)))).secret();
    RepositoryName name = RepositoryName.parse(repository);
    Map<Access, String> expired = tokens(tokens, name);
    clock.pass(Duration.ofHours(13));
    String secret = robots.issue("team", "ci", Optional.empty()).secret();
    Map<Access, String> good = tokens(tokens, name);
    Map<Access, String> foreign = tokens(tokens, RepositoryName.parse("team/other"));

    Map<String, Credentials> callers = new LinkedHashMap<>();
    callers.put("anonymous", (method, path, others) -> new String[0]);
    for (String user : List.of("stranger", "reader", "writer", "owner", "admin")) {
      callers.put(user, basic(user, PASSWORD));
    }
    callers.put("robot", basic("team+ci", secret));
    callers.put("expired robot", basic("team+ci", expiredSecret));
    callers.put("writer's token", token(good));
    callers.put("expired token", token(expired));
    callers.put("other repository's token", token(foreign));
    callers.put(
        "tampered token",
        (method, path, others) -> {
          String[] headers = token(foreign).headers(method, path);
          headers[1] = headers[1].replace("team/other", repository);
          return headers;
        });
    callers.put("privileged key", this::signed);
    return callers;
  }

  private Map<String, Credentials> remoteCallers(FakeIndex index, String repository) {
    Map<String, Credentials> callers = new LinkedHashMap<>();
    callers.put("anonymous", (method, path, others) -> new String[0]);
    callers.put("name and password", basic("somebody", PASSWORD));
    for (String access : List.of("read", "write", "delete")) {
      String token = index.issue(repository, access);
      callers.put(
          access + " token", (method, path, others) -> new String[] {"Authorization", token});
    }
    Map<Access, String> others = new LinkedHashMap<>();
    Map<Access, String> revoked = new LinkedHashMap<>();
    for (Access access : Access.values()) {
      others.put(access, index.issue("team/other", access.word()));
      String token = index.issue(repository, access.word());
      index.revoke(token);
      revoked.put(access, token);
    }
    callers.put("expired token", shown(revoked));
    callers.put("other repository's token", shown(others));
    callers.put("privileged key", this::signed);
    return callers;
  }

  private String[] signed(String method, String path, String... others) {
    String header = others.length == 0 ? "" : "," + others[0] + ":" + others[1];
    return new String[] {"X-Signature", key.signText(method + "," + path + header)};
  }

  private static Map<Access, String> tokens(TokenIssuer issuer, RepositoryName repository) {
    Map<Access, String> tokens = new LinkedHashMap<>();
    for (Access access : Access.values()) {
      tokens.put(access, issuer.issue(new Caller.Account("writer", false), repository, access));
    }
    return tokens;
  }

  private static Credentials token(Map<Access, String> tokens) {
    return (method, path, others) ->
        new String[] {"Authorization", "Token " + tokens.get(accessFor(method))};
  }

  private static Credentials shown(Map<Access, String> headers) {
    return (method, path, others) -> new String[] {"Authorization", headers.get(accessFor(method))};
  }

  private static Access accessFor(String method) {
    return switch (method) {
      case "PUT" -> Access.WRITE;
      case "DELETE" -> Access.DELETE;
      default -> Access.READ;
    };
  }

  private static Credentials basic(String user, String password) {
    String header =
        "Basic "
            + Base64.getEncoder()
                .encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    return (method, path, others) -> new String[] {"Authorization", header};
  }

  /** The images that every request finds. */
  private abstract static class Images implements AccessMatrix.Stage {
    final BlobStorage storage;
    final TestClient client;
    final String repository;
    private final TestImage finished;
    private final TestImage listed;
    private final TestImage begun;
    private final TestImage sent;

    Images(RegistryServer server, String repository) {
      this.storage = server.bean(BlobStorage.class);
      this.client = server.client();
      this.repository = repository;
      this.finished = TestImage.of("finished " + repository, "", TestLayer.of(repository));
      this.listed = TestImage.base("listed " + repository, "layer");
      this.begun = TestImage.base("begun " + repository, "layer");
      this.sent = TestImage.base("sent " + repository, "layer");
    }

    abstract String[] writer(String method, String path);

    void restoreImages() {
      Stream.of(listed, begun, sent).forEach(this::remove);
      if (client.get(finished.path("json"), writer("GET", finished.path("json"))).status() != 200) {
        finished.putJson(client, writer("PUT", finished.path("json")));
        finished.putLayer(client, writer("PUT", finished.path("layer")));
        finished.putChecksum(client, writer("PUT", finished.path("checksum")));
      }
      begun.putJson(client, writer("PUT", begun.path("json")));
      sent.putJson(client, writer("PUT", sent.path("json")));
      sent.putLayer(client, writer("PUT", sent.path("layer")));
      String tag = "/v1/repositories/" + repository + "/tags/v1";
      assertThat(client.put(tag, "\"" + finished.id() + "\"", writer("PUT", tag)).status())
          .isEqualTo(200);
    }

    private void remove(TestImage image) {
      BlobKey images = BlobKey.of("images", image.id());
      try (Stream<String> names = storage.names(images)) {
        storage.deleteAll(names.map(images::child).toList());
      }
    }

    String list() {
      return Stream.of(finished, listed, begun, sent)
          .map(image -> "{\"id\": \"%s\"}".formatted(image.id()))
          .toList()
          .toString();
    }

    @Override
    public TestImage finished() {
      return finished;
    }

    @Override
    public TestImage listed() {
      return listed;
    }

    @Override
    public TestImage begun() {
      return begun;
    }

    @Override
    public TestImage sent() {
      return sent;
    }
  }

  private static final class EmbeddedStage extends Images {
    private final String visibility;
    private final Credentials admin = basic("admin", PASSWORD);

    EmbeddedStage(RegistryServer server, String repository, String visibility) {
      super(server, repository);
      this.visibility = visibility;
      restore();
    }

    @Override
    String[] writer(String method, String path) {
      return admin.headers(method, path);
    }

    @Override
    public void restore() {
      String path = "/v1/repositories/" + repository;
      assertThat(client.put(path + "/", list(), writer("PUT", path)).status()).isEqualTo(200);
      restoreImages();
      String access = "{\"access\": \"%s\"}".formatted(visibility);
      assertThat(client.put(path + "/properties", access, writer("PUT", path)).status())
          .isEqualTo(200);
    }
  }

  private static final class RemoteStage extends Images {
    private final String visibility;
    private final String token;

    RemoteStage(RegistryServer server, FakeIndex index, String repository, String visibility) {
      super(server, repository);
      this.visibility = visibility;
      this.token = index.issue(repository, "write");
      Stream.of(finished(), listed(), begun(), sent())
          .forEach(image -> index.allow(repository, image.id()));
      index.list(repository, finished().id(), listed().id(), begun().id(), sent().id());
      restore();
    }

    @Override
    String[] writer(String method, String path) {
      return new String[] {"Authorization", token};
    }

    @Override
    public void restore() {
      restoreImages();
      String path = "/v1/repositories/" + repository + "/properties";
      String access = "{\"access\": \"%s\"}".formatted(visibility);
      assertThat(client.put(path, access, writer("PUT", path)).status()).isEqualTo(200);
    }
  }
}
