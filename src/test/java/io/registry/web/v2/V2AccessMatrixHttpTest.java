package io.registry.web.v2;

import static io.registry.web.v2.V2Stage.PASSWORD;
import static io.registry.web.v2.V2Stage.basic;
import static io.registry.web.v2.V2Stage.bearer;
import static io.registry.web.v2.V2Stage.json;
import static io.registry.web.v2.V2Stage.token;
import static org.assertj.core.api.Assertions.assertThat;

import io.registry.auth.RepositoryVisibility;
import io.registry.index.Accounts;
import io.registry.index.Member;
import io.registry.index.Namespaces;
import io.registry.index.NewAccount;
import io.registry.index.Owner;
import io.registry.index.PartyKind;
import io.registry.index.Robots;
import io.registry.index.Role;
import io.registry.repository.RepositoryName;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Who may do what over V2: every request as everybody, compared with the tables of docs/access.md.
 * What it should say there after a change of the rules is written to target/access; read it before
 * it is copied.
 */
class V2AccessMatrixHttpTest {
  private static final Path DOCUMENT = Path.of("docs/access.md");
  private static final String NONE = "sha256:" + "0".repeat(64);
  private static final String EMPTY_LAYER =
      "sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4";
  private static final List<String> VISIBILITIES = List.of("public", "private", "absent");
  private static final Set<String> HOPELESS =
      Set.of("expired robot", "expired token", "tampered token", "wrong password");

  @TempDir private Path folder;

  private final SigningKeyPair key = new SigningKeyPair();

  /** What a caller shows: headers, as names and values in turn. */
  @FunctionalInterface
  private interface Credentials {
    String[] headers(String method, String path);
  }

  /** The digests that requests name. */
  private record Digests(String manifest, String config, String layer) {}

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
        var unused = V2Stage.push(server, "team/" + visibility, owner);
        V2Stage.setVisibility(server, "team/" + visibility, visibility, owner);
        digests.put(visibility, digests(server.client(), "team/" + visibility, owner));
      }
      check("accounts", server, digests, repository -> callers(server, repository));
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
                "--registry.auth.limits.failures-per-address=100000",
                "--registry.auth.limits.failures-per-account=100000",
                "--registry.auth.privileged-keys=" + folder.resolve("ops.pem"))) {
      IndexUsers users = new IndexUsers(index);
      Map<String, Digests> digests = new LinkedHashMap<>();
      for (String visibility : List.of("public", "private")) {
        String repository = "team/" + visibility;
        List<TestImage> images = DockerImages.chain(DockerFamily.DOCKER_1_9, repository);
        String[] writer = {"Authorization", index.issue(repository, "write")};
        images.forEach(image -> index.allow(repository, image.id()));
        index.list(repository, DockerImages.ids(images).toArray(String[]::new));
        V2Stage.push(server, repository, images, writer);
        server
            .bean(RepositoryVisibility.class)
            .setPrivate(RepositoryName.parse(repository), visibility.equals("private"));
        users.allow("reader", repository);
        digests.put(visibility, digests(server.client(), repository, basic("reader", PASSWORD)));
      }
      check("remote", server, digests, repository -> remoteCallers(server, index, repository));
    }
  }

  private void check(
      String mode,
      RegistryServer server,
      Map<String, Digests> digests,
      java.util.function.Function<String, Map<String, Credentials>> callersOf)
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
      routes(repository, named, others)
          .forEach(
              (name, path) -> {
                String method = name.substring(1, name.indexOf(' '));
                List<Integer> statuses = new ArrayList<>();
                List<String> bodies = new ArrayList<>();
                callers.forEach(
                    (who, credentials) -> {
                      Answer answer =
                          server
                              .client()
                              .send(
                                  method,
                                  path,
                                  BodyPublishers.noBody(),
                                  credentials.headers(method, path));
                      statuses.add(answer.status());
                      bodies.add(seen(answer, repository));
                      checkRule(name, who, visibility, answer);
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
    if (route.contains(" R/") && route.startsWith("`GET")) {
      boolean foreign = route.contains("another repository's") || route.contains("no such");
      if (foreign || visibility.equals("absent")) {
        assertThat(answer.status()).as("%s as %s", route, who).isIn(401, 404);
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

  private static Map<String, String> routes(String repository, Digests digests, Digests others) {
    String r = "/v2/" + repository;
    Map<String, String> routes = new LinkedHashMap<>();
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
    for (String method : List.of("PUT", "DELETE")) {
      routes.put("`" + method + " R/manifests/TAG`", r + "/manifests/v1");
    }
    routes.put("`POST R/blobs/uploads/`", r + "/blobs/uploads/");
    routes.put("`DELETE R/blobs/DIGEST`", r + "/blobs/" + digests.layer());
    routes.put("`OPTIONS R/tags/list`", r + "/tags/list");
    return routes;
  }

  private static void add(Map<String, String> routes, String name, String path, String state) {
    for (String method : List.of("GET", "HEAD")) {
      routes.put("`%s %s%s`".formatted(method, name, state), path);
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
    server.bean(Robots.class).create("team", "ci", Role.READ);
  }

  private Map<String, Credentials> callers(RegistryServer server, String repository) {
    TestClient client = server.client();
    Robots robots = server.bean(Robots.class);
    PassingClock clock = (PassingClock) server.bean(Clock.class);
    String pull = "repository:" + repository + ":pull";
    String[] reader = basic("reader", PASSWORD);
    String expiredSecret =
        robots.issue("team", "ci", Optional.of(clock.instant().plus(Duration.ofHours(1)))).secret();
    String expired = token(client, reader, pull);
    clock.pass(Duration.ofHours(13));
    String[] robot = basic("team+ci", robots.issue("team", "ci", Optional.empty()).secret());
    String other = token(client, reader, "repository:team/other:pull");

    Map<String, Credentials> callers = new LinkedHashMap<>();
    callers.put("anonymous", always());
    callers.put("anonymous's token", always(bearer(token(client, new String[0], pull))));
    callers.put("wrong password", always(basic("reader", "wrong")));
    for (String user : List.of("stranger", "reader", "owner", "admin")) {
      callers.put(user, always(basic(user, PASSWORD)));
      callers.put(user + "'s token", always(bearer(token(client, basic(user, PASSWORD), pull))));
    }
    callers.put("robot", always(robot));
    callers.put("robot's token", always(bearer(token(client, robot, pull))));
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
    String pull = "repository:" + repository + ":pull";
    Map<String, Credentials> callers = new LinkedHashMap<>();
    callers.put("anonymous", always());
    callers.put("anonymous's token", always(bearer(token(client, new String[0], pull))));
    callers.put("wrong password", always(basic("reader", "wrong")));
    for (String user : List.of("stranger", "reader")) {
      callers.put(user, always(basic(user, PASSWORD)));
      callers.put(user + "'s token", always(bearer(token(client, basic(user, PASSWORD), pull))));
    }
    callers.put("index's token", always("Authorization", index.issue(repository, "read")));
    callers.put(
        "other repository's token",
        always(bearer(token(client, basic("reader", PASSWORD), "repository:team/other:pull"))));
    callers.put("privileged key", this::signed);
    return callers;
  }

  private static Credentials always(String... headers) {
    return (method, path) -> headers;
  }

  private String[] signed(String method, String path) {
    return new String[] {"X-Signature", key.signText(method + "," + path)};
  }
}
