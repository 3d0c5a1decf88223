package io.registry.web.v2;

import static io.registry.web.v2.V2Stage.PASSWORD;
import static io.registry.web.v2.V2Stage.basic;
import static io.registry.web.v2.V2Stage.bearer;
import static io.registry.web.v2.V2Stage.json;
import static io.registry.web.v2.V2Stage.token;
import static org.assertj.core.api.Assertions.assertThat;

import io.registry.access.auth.RepositoryVisibility;
import io.registry.access.index.Accounts;
import io.registry.access.index.Member;
import io.registry.access.index.Namespaces;
import io.registry.access.index.NewAccount;
import io.registry.access.index.Owner;
import io.registry.access.index.PartyKind;
import io.registry.access.index.Robots;
import io.registry.access.index.Role;
import io.registry.content.manifest.Digest;
import io.registry.content.repository.RepositoryName;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.RegistryException;
import io.registry.service.RepositoryService;
import io.registry.testkit.DockerFamily;
import io.registry.testkit.DockerImages;
import io.registry.testkit.FakeIndex;
import io.registry.testkit.PassingClock;
import io.registry.testkit.PassingRegistry;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.SigningKeyPair;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
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
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Who may do what over V2: every request as everybody, compared with the tables of docs/access.md.
 * What it should say there after a change of the rules is written to target/access; read it before
 * it is copied.
 */
@Tag("slow")
class V2AccessMatrixHttpTest {
  private static final Path DOCUMENT = Path.of("docs/access.md");
  private static final String NONE = "sha256:" + "0".repeat(64);
  private static final String EMPTY_LAYER =
      "sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4";
  private static final List<String> VISIBILITIES = List.of("public", "private", "absent");
  private static final Set<String> HOPELESS =
      Set.of("expired robot", "expired token", "tampered token", "wrong password");
  private static final List<String> WEAK =
      List.of(
          "anonymous", "stranger", "reader", "other repository's token", "owner's token to pull");
  private static final String MOUNT_HIDDEN = "`POST R/blobs/uploads/?mount=DIGEST&from=HIDDEN`";
  private static final String MOUNT_MISSING = "`POST R/blobs/uploads/?mount=DIGEST&from=MISSING`";
  private static final String HIDDEN = "stranger/hidden";
  private static final byte[] INDEX = V2Pusher.render(V2Pusher.index(List.of()));
  private static final byte[] BLOB = "a blob".getBytes(StandardCharsets.UTF_8);

  @TempDir private Path folder;

  private final SigningKeyPair key = new SigningKeyPair();

  /** What a caller shows: headers, as names and values in turn. */
  @FunctionalInterface
  private interface Credentials {
    String[] headers(String method, String path);
  }

  /** The digests that requests name. */
  private record Digests(String manifest, String config, String layer) {}

  /** A request; its path may need something to be there first. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Route(String method, byte[] body, Supplier<String> path) {
    Route(String method, String path) {
      this(method, new byte[0], () -> path);
    }

    Answer send(TestClient client, Credentials credentials) {
      String sent = path.get();
      List<String> headers =
          new ArrayList<>(List.of(credentials.headers(method, sent.replaceFirst("\\?.*", ""))));
      headers.addAll(List.of("Content-Type", V2Pusher.OCI_INDEX));
      return client.send(
          method, sent, BodyPublishers.ofByteArray(body), headers.toArray(String[]::new));
    }
  }

  @Test
  void accounts() throws IOException {
    key.writePublicKey(folder.resolve("ops.pem"));
    try (RegistryServer server =
        PassingRegistry.start(
            folder.resolve("store"),
            V2Stage.accounts(
                    "v2-matrix",
                    "--registry.auth.anonymous-read=true",
                    "--registry.index.default-visibility=public",
                    "--registry.auth.privileged-keys=" + folder.resolve("ops.pem"),
                    "--registry.auth.limits.failures-per-account=100000",
                    "--registry.auth.limits.failures-per-address=100000",
                    "--registry.auth.limits.requests-per-address=100000")
                .toArray(String[]::new))) {
      makeAccounts(server);
      String[] owner = basic("owner", PASSWORD);
      Map<String, Digests> digests = new LinkedHashMap<>();
      for (String visibility : List.of("public", "private")) {
        V2Stage.push(server, "team/" + visibility, owner);
        V2Stage.setVisibility(server, "team/" + visibility, visibility, owner);
        digests.put(visibility, digests(server.client(), "team/" + visibility, owner));
      }
      String[] stranger = basic("stranger", PASSWORD);
      V2Stage.push(server, HIDDEN, stranger);
      V2Stage.setVisibility(server, HIDDEN, "private", stranger);
      digests.put(HIDDEN, digests(server.client(), HIDDEN, stranger));
      check("accounts", server, digests, owner, repository -> callers(server, repository));
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
                "--registry.index.remote.grants-ttl=1h",
                "--registry.auth.anonymous-read=true",
                "--registry.auth.limits.failures-per-address=100000",
                "--registry.auth.limits.failures-per-account=100000",
                "--registry.auth.privileged-keys=" + folder.resolve("ops.pem"))) {
      IndexUsers users = new IndexUsers(index);
      Map<String, Digests> digests = new LinkedHashMap<>();
      for (String repository : List.of("team/public", "team/private", HIDDEN)) {
        List<TestImage> images = DockerImages.chain(DockerFamily.DOCKER_1_9, repository);
        String[] writer = {"Authorization", index.issue(repository, "write")};
        images.forEach(image -> index.allow(repository, image.id()));
        index.list(repository, DockerImages.ids(images).toArray(String[]::new));
        V2Stage.push(server, repository, images, writer);
        server
            .bean(RepositoryVisibility.class)
            .setPrivate(RepositoryName.parse(repository), !repository.equals("team/public"));
        if (repository.equals(HIDDEN)) {
          users.allow("stranger", repository);
          digests.put(HIDDEN, digests(server.client(), HIDDEN, basic("stranger", PASSWORD)));
        } else {
          users.allow("reader", repository);
          users.allowPush("writer", repository);
          digests.put(
              repository.replace("team/", ""),
              digests(server.client(), repository, basic("reader", PASSWORD)));
        }
      }
      users.allowPush("writer", "team/absent");
      check(
          "remote",
          server,
          digests,
          basic("writer", PASSWORD),
          repository -> remoteCallers(server, index, repository));
    }
  }

  private void check(
      String mode,
      RegistryServer server,
      Map<String, Digests> digests,
      String[] writer,
      Function<String, Map<String, Credentials>> callersOf)
      throws IOException {
    List<String> tables = new ArrayList<>();
    Map<String, Map<String, List<String>>> answers = new LinkedHashMap<>();
    for (String visibility : VISIBILITIES) {
      String repository = "team/" + visibility;
      Map<String, Credentials> callers = callersOf.apply(repository);
      boolean isPublic = visibility.equals("public");
      Digests named = of(digests, isPublic ? "public" : "private");
      Digests others = of(digests, isPublic ? "private" : "public");
      Map<String, List<Integer>> rows = new LinkedHashMap<>();
      Map<String, List<String>> texts = new LinkedHashMap<>();
      RepositoryService repositories = server.bean(RepositoryService.class);
      V2Pusher pusher = new V2Pusher(server.client(), repository, writer);
      Map<String, Route> routes = reading(repository, named, others);
      routes.putAll(
          writing(
              pusher,
              of(digests, HIDDEN),
              isPublic ? "private" : "public",
              others.layer(),
              visibility));
      if (visibility.equals("absent")) {
        // When an index says for the first time that a token is good for a push, the list of images
        // is noted, and there is a repository.
        Route push = of(routes, "`POST R/blobs/uploads/`");
        callers.values().forEach(who -> push.send(server.client(), who));
        remove(repositories, repository);
      }
      routes.forEach(
          (name, route) -> {
            List<Integer> statuses = new ArrayList<>();
            List<String> bodies = new ArrayList<>();
            callers.forEach(
                (who, credentials) -> {
                  Answer answer = route.send(server.client(), credentials);
                  statuses.add(answer.status());
                  bodies.add(seen(answer, repository));
                  checkRule(name, who, visibility, answer);
                  if (visibility.equals("absent") && answer.status() < 300) {
                    remove(repositories, repository);
                  }
                });
            rows.put(name, statuses);
            texts.put(name, bodies);
          });
      checkHeads(rows);
      tables.add(write(mode + ", " + visibility, List.copyOf(callers.keySet()), rows));
      answers.put(visibility, texts);
    }
    checkSecrecy(List.copyOf(callersOf.apply("team/private").keySet()), answers);
    assertThat(Files.readString(DOCUMENT)).contains(tables);
  }

  private static <V> V of(Map<String, V> map, String name) {
    return Optional.ofNullable(map.get(name)).orElseThrow();
  }

  // In the table, GET stands for both.
  private static void checkHeads(Map<String, List<Integer>> rows) {
    for (String head : List.copyOf(rows.keySet())) {
      if (head.startsWith("`HEAD")) {
        assertThat(rows.remove(head)).as(head).isEqualTo(rows.get(head.replace("`HEAD", "`GET")));
      }
    }
  }

  // A push has created it.
  private static void remove(RepositoryService repositories, String repository) {
    try {
      repositories.remove(RepositoryName.parse(repository));
    } catch (RegistryException e) {
      assertThat(e.problem()).isEqualTo(Problem.NOT_FOUND);
    }
  }

  private static String seen(Answer answer, String repository) {
    return answer.status()
        + " "
        + answer.text().replace(repository, "R")
        + answer.headers("WWW-Authenticate").toString().replace(repository, "R")
        + answer.headers("Docker-Content-Digest")
        + answer.headers("Content-Length");
  }

  // What has to hold whatever the tables say.
  private static void checkRule(String route, String who, String visibility, Answer answer) {
    assertThat(answer.status()).as("%s as %s", route, who).isLessThan(500);
    if (HOPELESS.contains(who) && !route.startsWith("`OPTIONS")) {
      assertThat(answer.status()).as("%s as %s", route, who).isEqualTo(401);
    }
    if (route.contains(" R/") && route.startsWith("`GET") && !route.contains("/uploads/")) {
      boolean foreign = route.contains("another repository's") || route.contains("no such");
      if (foreign || visibility.equals("absent")) {
        assertThat(answer.status()).as("%s as %s", route, who).isIn(401, 404);
      }
    }
    boolean reads = route.startsWith("`GET") && !route.contains("uploads");
    if (!reads && !route.startsWith("`OPTIONS") && !route.startsWith("`HEAD")) {
      if (WEAK.stream().anyMatch(weak -> who.equals(weak) || who.equals(weak + "'s token"))) {
        assertThat(answer.status()).as("%s as %s", route, who).isIn(401, 403);
      }
    }
    if (answer.status() == 401) {
      assertThat(answer.header("WWW-Authenticate")).startsWith("Bearer ");
    }
  }

  // Who may not read a private repository gets the same as for one that is not there.
  private static void checkSecrecy(
      List<String> callers, Map<String, Map<String, List<String>>> answers) {
    Map<String, List<String>> hidden = of(answers, "private");
    Map<String, List<String>> absent = of(answers, "absent");
    for (int i = 0; i < callers.size(); i++) {
      int who = i;
      if (!of(hidden, "`GET R/tags/list`").get(i).startsWith("200")) {
        hidden.forEach(
            (route, texts) -> {
              // That token is of somebody who may read it, and names another repository.
              if (route.contains(" R/") || !callers.get(who).equals("other repository's token")) {
                assertThat(texts.get(who))
                    .as("%s as %s", route, callers.get(who))
                    .isEqualTo(of(absent, route).get(who));
              }
            });
      }
    }
    // A source that may not be read is as one that is missing, but for those who may read all.
    answers.forEach(
        (visibility, routes) -> {
          for (int i = 0; i < callers.size(); i++) {
            if (!List.of("admin", "admin's token", "privileged key").contains(callers.get(i))) {
              assertThat(of(routes, MOUNT_HIDDEN).get(i).substring(0, 3))
                  .as("%s as %s", visibility, callers.get(i))
                  .isEqualTo(of(routes, MOUNT_MISSING).get(i).substring(0, 3));
            }
          }
        });
    // And a digest of another repository is as one that is nowhere.
    answers.forEach(
        (visibility, routes) -> {
          for (String kind : List.of("manifests", "blobs")) {
            assertThat(routes.get("`GET R/" + kind + "/DIGEST (another repository's)`"))
                .as(visibility)
                .isEqualTo(routes.get("`GET R/" + kind + "/DIGEST (no such digest)`"));
          }
        });
  }

  private static Map<String, Route> reading(String repository, Digests digests, Digests others) {
    String r = "/v2/" + repository;
    Map<String, Route> routes = new LinkedHashMap<>();
    add(routes, "/v2/", "/v2/", "");
    add(routes, "/v2/_catalog", "/v2/_catalog", "");
    add(routes, "R/tags/list", r + "/tags/list", "");
    add(routes, "R/manifests/TAG", r + "/manifests/v1", "");
    add(routes, "R/manifests/TAG", r + "/manifests/none", " (no such tag)");
    add(routes, "R/manifests/DIGEST", r + "/manifests/" + digests.manifest(), "");
    add(
        routes,
        "R/manifests/DIGEST",
        r + "/manifests/" + others.manifest(),
        " (another repository's)");
    add(routes, "R/manifests/DIGEST", r + "/manifests/" + NONE, " (no such digest)");
    add(routes, "R/blobs/DIGEST", r + "/blobs/" + digests.layer(), " (layer)");
    add(routes, "R/blobs/DIGEST", r + "/blobs/" + digests.config(), " (configuration)");
    add(routes, "R/blobs/DIGEST", r + "/blobs/" + EMPTY_LAYER, " (empty layer)");
    add(routes, "R/blobs/DIGEST", r + "/blobs/" + others.layer(), " (another repository's)");
    add(routes, "R/blobs/DIGEST", r + "/blobs/" + NONE, " (no such digest)");
    add(routes, "R/referrers/DIGEST", r + "/referrers/" + digests.manifest(), "");
    routes.put("`OPTIONS R/tags/list`", new Route("OPTIONS", r + "/tags/list"));
    return routes;
  }

  private static Map<String, Route> writing(
      V2Pusher pusher, Digests hidden, String other, String othersLayer, String visibility) {
    String uploads = pusher.path("blobs/uploads/");
    String digest = "?digest=" + Digest.of(BLOB);
    Map<String, Route> routes = new LinkedHashMap<>();
    put(routes, "POST R/blobs/uploads/", new byte[0], () -> uploads);
    put(routes, "POST R/blobs/uploads/?digest=DIGEST", BLOB, () -> uploads + digest);
    String from = uploads + "?mount=" + othersLayer + "&from=team/" + other;
    put(routes, "POST R/blobs/uploads/?mount=DIGEST&from=OTHER", new byte[0], () -> from);
    String fromHidden = uploads + "?mount=" + hidden.layer() + "&from=" + HIDDEN;
    routes.put(MOUNT_HIDDEN, new Route("POST", fromHidden));
    routes.put(MOUNT_MISSING, new Route("POST", fromHidden.replace(HIDDEN, "stranger/none")));
    put(routes, "GET R/blobs/uploads/UUID", new byte[0], pusher::begin);
    put(routes, "PATCH R/blobs/uploads/UUID", BLOB, pusher::begin);
    put(routes, "PUT R/blobs/uploads/UUID", BLOB, () -> pusher.begin() + digest);
    put(routes, "DELETE R/blobs/uploads/UUID", new byte[0], pusher::begin);
    put(routes, "PUT R/manifests/TAG", INDEX, () -> pusher.path("manifests/pushed"));
    put(
        routes,
        "PUT R/manifests/DIGEST",
        INDEX,
        () -> pusher.path("manifests/" + Digest.of(INDEX)));
    // There is nothing to be removed of what is absent.
    boolean absent = visibility.equals("absent");
    Runnable prepare =
        () -> {
          if (!absent) {
            Answer pushed = pusher.put("pushed", INDEX, V2Pusher.OCI_INDEX);
            assertThat(pushed.status()).as(pushed.text()).isEqualTo(201);
          }
        };
    for (String reference : List.of("pushed", Digest.of(INDEX).toString())) {
      String shown = reference.equals("pushed") ? "TAG" : "DIGEST";
      put(
          routes,
          "DELETE R/manifests/" + shown,
          new byte[0],
          () -> {
            prepare.run();
            return pusher.path("manifests/" + reference);
          });
    }
    put(
        routes,
        "DELETE R/blobs/DIGEST",
        new byte[0],
        () -> pusher.path("blobs/" + (absent ? Digest.of(BLOB) : pusher.blob(BLOB))));
    return routes;
  }

  private static void put(
      Map<String, Route> routes, String name, byte[] body, Supplier<String> path) {
    routes.put("`" + name + "`", new Route(name.substring(0, name.indexOf(' ')), body, path));
  }

  private static void add(Map<String, Route> routes, String name, String path, String state) {
    for (String method : List.of("GET", "HEAD")) {
      routes.put("`%s %s%s`".formatted(method, name, state), new Route(method, path));
    }
  }

  private static Digests digests(TestClient client, String repository, String[] credentials) {
    Answer answer = client.get("/v2/" + repository + "/manifests/v1", credentials);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    JsonNode manifest = json(answer);
    return new Digests(
        answer.header("Docker-Content-Digest"),
        manifest.at("/config/digest").asString(),
        manifest.at("/layers/0/digest").asString());
  }

  private static String write(String title, List<String> callers, Map<String, List<Integer>> rows)
      throws IOException {
    StringBuilder table = new StringBuilder();
    table.append("\n### V2, ").append(title).append("\n\n| Request | ");
    table.append(String.join(" | ", callers)).append(" |\n|---|");
    table.append("---|".repeat(callers.size())).append('\n');
    rows.forEach(
        (route, statuses) ->
            table
                .append("| ")
                .append(route)
                .append(" | ")
                .append(String.join(" | ", statuses.stream().map(String::valueOf).toList()))
                .append(" |\n"));
    Path written = Path.of("target", "access", "v2-" + title.replaceAll("\\W+", "-") + ".md");
    Files.createDirectories(written.getParent());
    Files.writeString(written, table);
    return table.toString();
  }

  private static void makeAccounts(RegistryServer server) {
    Accounts accounts = server.bean(Accounts.class);
    for (String name : List.of("stranger", "reader", "owner")) {
      accounts.create(new NewAccount(name, PASSWORD, "", false));
    }
    Namespaces namespaces = server.bean(Namespaces.class);
    namespaces.create("team", new Owner(PartyKind.ACCOUNT, "owner"));
    namespaces.setMember("team", new Member(PartyKind.ACCOUNT, "reader"), Role.READ);
    server.bean(Robots.class).create("team", "ci", Role.WRITE);
  }

  private Map<String, Credentials> callers(RegistryServer server, String repository) {
    TestClient client = server.client();
    Robots robots = server.bean(Robots.class);
    PassingClock clock = (PassingClock) server.bean(Clock.class);
    String pull = "repository:" + repository + ":pull";
    String all = pull + ",push,delete";
    String[] reader = basic("reader", PASSWORD);
    String expiredSecret =
        robots.issue("team", "ci", Optional.of(clock.instant().plus(Duration.ofHours(1)))).secret();
    String expired = token(client, basic("owner", PASSWORD), all);
    clock.pass(Duration.ofHours(13));
    String[] robot = basic("team+ci", robots.issue("team", "ci", Optional.empty()).secret());
    String other = token(client, reader, "repository:team/other:pull,push,delete");

    Map<String, Credentials> callers = new LinkedHashMap<>();
    callers.put("anonymous", always());
    callers.put("anonymous's token", always(bearer(token(client, new String[0], all))));
    callers.put("wrong password", always(basic("reader", "wrong")));
    for (String user : List.of("stranger", "reader", "owner", "admin")) {
      callers.put(user, always(basic(user, PASSWORD)));
      callers.put(user + "'s token", always(bearer(token(client, basic(user, PASSWORD), all))));
    }
    callers.put(
        "owner's token to pull", always(bearer(token(client, basic("owner", PASSWORD), pull))));
    callers.put("robot", always(robot));
    callers.put("robot's token", always(bearer(token(client, robot, all))));
    callers.put("expired robot", always(basic("team+ci", expiredSecret)));
    callers.put("expired token", always(bearer(expired)));
    callers.put("other repository's token", always(bearer(other)));
    callers.put("tampered token", always(bearer(tampered(other))));
    callers.put("privileged key", this::signed);
    return callers;
  }

  private static String tampered(String token) {
    String text = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
    return Base64.getUrlEncoder()
        .encodeToString(
            text.replace("access=read", "access=write")
                .replaceAll("team/other", "team/private")
                .getBytes(StandardCharsets.UTF_8));
  }

  private Map<String, Credentials> remoteCallers(
      RegistryServer server, FakeIndex index, String repository) {
    TestClient client = server.client();
    String all = "repository:" + repository + ":pull,push,delete";
    Map<String, Credentials> callers = new LinkedHashMap<>();
    callers.put("anonymous", always());
    callers.put("anonymous's token", always(bearer(token(client, new String[0], all))));
    callers.put("wrong password", always(basic("reader", "wrong")));
    for (String user : List.of("stranger", "reader", "writer")) {
      callers.put(user, always(basic(user, PASSWORD)));
      callers.put(user + "'s token", always(bearer(token(client, basic(user, PASSWORD), all))));
    }
    Map<String, String> tokens =
        Map.of(
            "read", index.issue(repository, "read"),
            "write", index.issue(repository, "write"),
            "delete", index.issue(repository, "delete"));
    callers.put(
        "index's token",
        (method, path) -> new String[] {"Authorization", of(tokens, access(method, path))});
    callers.put(
        "other repository's token",
        always(bearer(token(client, basic("reader", PASSWORD), "repository:team/other:pull"))));
    callers.put("privileged key", this::signed);
    return callers;
  }

  private static String access(String method, String path) {
    if (path.contains("/blobs/uploads/")) {
      return "write";
    }
    return switch (method) {
      case "GET", "HEAD" -> "read";
      case "DELETE" -> "delete";
      default -> "write";
    };
  }

  private static Credentials always(String... headers) {
    return (method, path) -> headers;
  }

  private String[] signed(String method, String path) {
    return new String[] {"X-Signature", key.signText(method + "," + path)};
  }
}
