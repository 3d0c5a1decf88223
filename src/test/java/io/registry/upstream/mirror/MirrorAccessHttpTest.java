package io.registry.upstream.mirror;

import static io.registry.upstream.mirror.MirrorServer.image;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.registry.access.index.Accounts;
import io.registry.access.index.NewAccount;
import io.registry.platform.client.CallFailure;
import io.registry.platform.concurrent.Deadline;
import io.registry.testkit.FakeIndex;
import io.registry.testkit.FakeSource;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestCertificates;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestDatabase;
import io.registry.testkit.TestImage;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is shown which credentials, and who may change what. */
@Tag("external")
@Tag("slow")
class MirrorAccessHttpTest {
  private static final String OWN =
      "Basic "
          + Base64.getEncoder().encodeToString("mirror:secret".getBytes(StandardCharsets.UTF_8));
  private static final String READ_ONLY =
      "{\"error\": \"This registry is a mirror: push to the registry that it mirrors\"}";

  @TempDir private static Path directory;

  private static FakeSource source;
  private static FakeSource other;
  private static RegistryServer mirror;

  @BeforeAll
  static void start() throws Exception {
    source = new FakeSource();
    other = new FakeSource();
    mirror =
        MirrorServer.start(
            directory,
            source.endpoint(),
            "--registry.mirror.username=mirror",
            "--registry.mirror.password=secret",
            "--registry.mirror.pushes=refuse",
            "--registry.mirror.rest=1ms");
  }

  @AfterAll
  static void stop() {
    mirror.close();
    other.close();
    source.close();
  }

  private static TestClient client() {
    return mirror.client();
  }

  @Test
  void theSourceIsShownTheCredentialsOfTheMirrorAndNoneOfTheCaller() {
    TestImage image = image("credentials", 1000);
    source.serve(image);
    source.on("/v1/repositories/cred/r/tags", FakeSource.body(200, new byte[] {'{', '}'}));
    String[] headers = {
      "Authorization", "Basic YWxpY2U6cHc=", "Cookie", "session=alice", "X-Docker-Token", "true",
      "X-Signature", "data=abc", "User-Agent", "docker/1.5.0", "X-Forwarded-For", "10.0.0.1"
    };
    int before = source.requests().size();

    for (String part : List.of("json", "ancestry", "layer")) {
      assertThat(client().get(image.path(part), headers).status()).isEqualTo(200);
    }
    assertThat(client().get("/v1/repositories/cred/r/tags", headers).status()).isEqualTo(200);

    List<FakeSource.Request> asked = source.requests().subList(before, source.requests().size());
    assertThat(asked)
        .hasSizeGreaterThanOrEqualTo(4)
        .allSatisfy(
            request -> {
              assertThat(request.header("Authorization")).isEqualTo(OWN);
              assertThat(request.headers()).doesNotContainKeys("Cookie", "X-signature");
              assertThat(request.headers()).doesNotContainKey("X-forwarded-for");
              assertThat(request.header("User-agent")).isEqualTo("registry-mirror");
            });
  }

  @Test
  void aRedirectToAnotherHostIsFollowedWithoutCredentials() {
    TestImage image = image("redirected", 1000);
    source
        .serve(image)
        .on(
            image.path("layer"),
            FakeSource.redirect(other.endpoint().resolve("/bucket/layer?signature=1")));
    other.on("/bucket/layer?signature=1", FakeSource.body(200, image.layer()));

    assertThat(client().get(image.path("layer")).bytes()).isEqualTo(image.layer());

    assertThat(other.requests())
        .filteredOn(request -> request.path().startsWith("/bucket/layer"))
        .singleElement()
        .satisfies(request -> assertThat(request.headers()).doesNotContainKey("Authorization"));
  }

  @Test
  void aRedirectOfTheSourceToItselfKeepsTheCredentials() {
    TestImage image = image("moved", 1000);
    source
        .serve(image)
        .on(image.path("layer"), FakeSource.body(302, new byte[0], "Location", "/moved/layer"))
        .on("/moved/layer", FakeSource.body(200, image.layer()));

    assertThat(client().get(image.path("layer")).bytes()).isEqualTo(image.layer());

    assertThat(source.requests())
        .filteredOn(request -> request.path().equals("/moved/layer"))
        .allSatisfy(request -> assertThat(request.header("Authorization")).isEqualTo(OWN));
  }

  @Test
  void credentialsDoNotComeBackWithARedirectThatDoes() {
    TestImage image = image("there and back", 1000);
    source
        .serve(image)
        .on(image.path("layer"), FakeSource.redirect(other.endpoint().resolve("/back")))
        .on("/came/back", FakeSource.body(200, image.layer()));
    other.on("/back", FakeSource.redirect(source.endpoint().resolve("/came/back")));

    assertThat(client().get(image.path("layer")).bytes()).isEqualTo(image.layer());

    assertThat(source.requests())
        .filteredOn(request -> request.path().equals("/came/back"))
        .singleElement()
        .satisfies(request -> assertThat(request.headers()).doesNotContainKey("Authorization"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "ftp://127.0.0.1/x",
        "http://u:p@127.0.0.1/x",
        "file:///etc/passwd",
        "http://",
        ":::"
      })
  void aRedirectToWhatIsNoServerIsNotFollowed(String target) {
    TestImage image = image("odd redirect " + target, 1000);
    source
        .serve(image)
        .on(image.path("layer"), FakeSource.body(302, new byte[0], "Location", target));

    assertThat(client().get(image.path("layer")).status()).isEqualTo(404);
  }

  @Test
  void redirectsWithoutEndAreNotFollowed() {
    TestImage image = image("circle", 1000);
    source
        .serve(image)
        .on(image.path("layer"), FakeSource.redirect(source.endpoint().resolve("/circle")))
        .on("/circle", FakeSource.redirect(source.endpoint().resolve("/circle")));

    assertThat(client().get(image.path("layer")).status()).isEqualTo(404);
    assertThat(source.count("GET", "/circle")).isBetween(1L, 10L);
  }

  @Test
  void aRedirectFromTlsToPlainHttpIsFollowedOnlyWhenThatIsSet(@TempDir Path folder)
      throws Exception {
    TestCertificates certificate = TestCertificates.make(folder, "source");
    HttpClient http =
        HttpClient.newBuilder().sslContext(TestCertificates.trusting(certificate)).build();
    other.on("/x", FakeSource.body(200, new byte[1]));
    HttpsServer secured =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
    secured.setHttpsConfigurator(new HttpsConfigurator(certificate.serving()));
    secured.createContext(
        "/",
        exchange -> {
          FakeSource.redirect(other.endpoint().resolve("/x")).send(exchange);
          exchange.close();
        });
    secured.start();
    URI url = URI.create("https://127.0.0.1:" + secured.getAddress().getPort());
    Deadline deadline = Deadline.in(Duration.ofMinutes(1));
    try {
      assertThatThrownBy(
              () ->
                  new SourceClient(() -> http, false)
                      .ask("GET", url, Credentials.NONE, Map.of(), deadline))
          .isInstanceOf(CallFailure.class)
          .hasMessageContaining("insecure-redirects");
      try (SourceAnswer answer =
          new SourceClient(() -> http, true)
              .ask("GET", url, Credentials.NONE, Map.of(), deadline)) {
        assertThat(answer.status()).isEqualTo(200);
      }
    } finally {
      secured.stop(0);
    }
  }

  @Test
  void aSourceThatWantsATokenOfItsIndexGetsIt() {
    TestImage image = image("token", 1000);
    FakeSource.Answer list =
        FakeSource.body(
            200,
            new byte[] {'[', ']'},
            "X-Docker-Token",
            "signature=1",
            "Set-Cookie",
            "s=2; Path=/");
    Map<String, FakeSource.Answer> open =
        Map.of(
            "/v1/repositories/tok/r/tags/t",
            FakeSource.body(200, ('"' + image.id() + '"').getBytes(StandardCharsets.UTF_8)),
            image.path("ancestry"),
            FakeSource.body(200, ("[\"" + image.id() + "\"]").getBytes(StandardCharsets.UTF_8)),
            image.path("json"),
            FakeSource.body(200, image.json()),
            image.path("layer"),
            FakeSource.body(200, image.layer()));
    open.forEach(
        (path, answer) ->
            source.on(
                path,
                exchange -> {
                  boolean shown =
                      "Token signature=1"
                              .equals(exchange.getRequestHeaders().getFirst("Authorization"))
                          && "s=2".equals(exchange.getRequestHeaders().getFirst("Cookie"));
                  (shown ? answer : FakeSource.body(401, new byte[0])).send(exchange);
                }));
    source.on(
        "/v1/repositories/tok/r/images",
        exchange -> {
          boolean shown =
              OWN.equals(exchange.getRequestHeaders().getFirst("Authorization"))
                  && "true".equals(exchange.getRequestHeaders().getFirst("X-Docker-Token"));
          (shown ? list : FakeSource.body(401, new byte[0])).send(exchange);
        });

    assertThat(client().get("/v1/repositories/tok/r/tags/t").text())
        .isEqualTo('"' + image.id() + '"');
    assertThat(client().get(image.path("json")).bytes()).isEqualTo(image.json());
    assertThat(client().get(image.path("layer")).bytes()).isEqualTo(image.layer());
    assertThat(source.count("GET", "/v1/repositories/tok/r/images")).isEqualTo(1);
  }

  @Test
  void nothingMayBeChangedWhenPushesAreRefused() throws Exception {
    TestImage image = image("refused", 1000);
    source.serve(image);
    String repository = "/v1/repositories/refused/r";

    List<Answer> answers =
        List.of(
            image.putJson(client()),
            image.putLayer(client()),
            image.putChecksum(client()),
            client().put(repository + "/", "[]"),
            client().put(repository + "/images", "[]"),
            client().put(repository + "/tags/t", '"' + image.id() + '"'),
            client().put(repository + "/properties", "{\"access\": \"private\"}"),
            client().delete(repository + "/tags/t"),
            client().delete(repository + "/tags"),
            client().delete(repository + "/images"),
            client().delete(repository + "/"));

    assertThat(answers)
        .allSatisfy(
            answer -> {
              assertThat(answer.status()).isEqualTo(405);
              assertThat(answer.text()).isEqualTo(READ_ONLY);
              assertThat(answer.header("Allow")).isEqualTo("GET,HEAD,OPTIONS");
              assertThat(answer.header("Content-Type")).isEqualTo("application/json");
            });
    assertThat(MirrorServer.files(directory, image)).isEmpty();
    assertThat(client().get(image.path("layer")).bytes()).isEqualTo(image.layer());
  }

  @Test
  void anotherOfOursWithAccountsIsMirroredWithNameAndPassword(@TempDir Path folder) {
    try (RegistryServer accounts =
            RegistryServer.start(
                folder.resolve("accounts"),
                "--registry.index.mode=embedded",
                "--registry.index.admin.password=battery staple",
                "--spring.datasource.url=" + TestDatabase.h2(folder.resolve("db")));
        RegistryServer known =
            MirrorServer.start(
                folder.resolve("known"),
                URI.create("http://127.0.0.1:" + accounts.port()),
                "--registry.mirror.username=admin",
                "--registry.mirror.password=battery staple");
        RegistryServer unknown =
            MirrorServer.start(
                folder.resolve("unknown"), URI.create("http://127.0.0.1:" + accounts.port()))) {
      String basic = "Basic " + base64("admin:battery staple");
      TestImage image = pushAs(accounts.client(), basic);

      TestClient pulling = known.client();
      assertThat(pulling.get("/v1/repositories/admin/app/images").status()).isEqualTo(200);
      assertThat(pulling.get("/v1/repositories/admin/app/tags").text()).contains(image.id());
      assertThat(pulling.get("/v1/repositories/admin/app/tags/v1").text()).contains(image.id());
      assertThat(pulling.get(image.path("json")).bytes()).isEqualTo(image.json());
      assertThat(pulling.get(image.path("layer")).bytes()).isEqualTo(image.layer());

      assertThat(unknown.client().get(image.path("json"), "Authorization", basic).status())
          .isEqualTo(404);
      assertThat(unknown.client().get("/v1/repositories/admin/app/tags").status()).isEqualTo(404);
    }
  }

  @Test
  void withAnIndexElsewhereThatSaysWhoGetsWhatOfTheSource(@TempDir Path folder) {
    TestImage listed = image("listed by the index", 1000);
    TestImage other = image("not listed by the index", 1000);
    source.serve(listed).serve(other);
    try (FakeIndex index = FakeIndex.start();
        RegistryServer remote =
            MirrorServer.start(
                folder,
                source.endpoint(),
                "--registry.index.mode=remote",
                "--registry.index.remote.endpoint=" + index.endpoint())) {
      index.list("team/app", listed.id());
      String token = index.issue("team/app", "read");

      assertThat(remote.client().get(listed.path("layer"), "Authorization", token).bytes())
          .isEqualTo(listed.layer());
      assertThat(remote.client().get(other.path("json"), "Authorization", token).status())
          .isEqualTo(404);
      assertThat(remote.client().get(listed.path("json")).status()).isEqualTo(401);
      assertThat(source.count("GET", other.path("json"))).isZero();
      assertThat(remote.client().get("/v1/_ping").header("X-Docker-Registry-Standalone"))
          .isEqualTo("mirror");
    }
  }

  @Test
  void withAccountsTheImagesOfTheSourceAreThereForAdminsOnly(@TempDir Path folder) {
    TestImage image = image("for admins", 1000);
    source.serve(image);
    source.on(
        "/v1/repositories/alice/app/tags",
        FakeSource.body(
            200, "{\"v1\": \"%s\"}".formatted(image.id()).getBytes(StandardCharsets.UTF_8)));
    try (RegistryServer accounts =
        MirrorServer.start(
            folder,
            source.endpoint(),
            "--registry.index.mode=embedded",
            "--registry.index.admin.password=battery staple",
            "--spring.datasource.url=" + TestDatabase.h2(folder.resolve("db")))) {
      accounts.bean(Accounts.class).create(new NewAccount("alice", "correct horse", "", false));
      TestClient client = accounts.client();
      String alice = "Basic " + base64("alice:correct horse");
      String admin = "Basic " + base64("admin:battery staple");

      assertThat(client.get("/v1/repositories/alice/app/tags", "Authorization", alice).text())
          .contains(image.id());
      int asked = source.requests().size();
      assertThat(client.get(image.path("json"), "Authorization", alice).status()).isEqualTo(404);
      assertThat(client.get(image.path("layer")).status()).isEqualTo(401);
      assertThat(source.requests()).hasSize(asked);
      assertThat(client.get(image.path("layer"), "Authorization", admin).bytes())
          .isEqualTo(image.layer());
      assertThat(client.get(image.path("layer"), "Authorization", alice).status()).isEqualTo(404);
      assertThat(client.get("/v1/_ping").header("X-Docker-Registry-Standalone")).isEqualTo("True");
    }
  }

  private static TestImage pushAs(TestClient client, String basic) {
    TestImage image = image("with accounts", 100_000);
    String list = "[{\"id\": \"%s\"}]".formatted(image.id());
    for (Answer answer :
        List.of(
            client.put("/v1/repositories/admin/app/", list, "Authorization", basic),
            image.putJson(client, "Authorization", basic),
            image.putLayer(client, "Authorization", basic),
            image.putChecksum(client, "Authorization", basic),
            client.put(
                "/v1/repositories/admin/app/tags/v1",
                '"' + image.id() + '"',
                "Authorization",
                basic))) {
      assertThat(answer.status()).isEqualTo(200);
    }
    return image;
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
