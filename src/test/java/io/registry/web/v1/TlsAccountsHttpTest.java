package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.registry.access.auth.RepositoryVisibility;
import io.registry.access.index.Accounts;
import io.registry.access.index.NewAccount;
import io.registry.content.repository.RepositoryName;
import io.registry.testkit.DockerDaemon;
import io.registry.testkit.DockerDaemon.Failure;
import io.registry.testkit.DockerFamily;
import io.registry.testkit.DockerImages;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestCertificates;
import io.registry.testkit.TestImage;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every family of clients logs in, pushes and pulls over TLS, where daemons show name and password
 * with each request, and the empty ones when nobody is logged in (protocol 4.6, 4.7, 9.4, 9.7).
 */
@Tag("external")
@Tag("slow")
class TlsAccountsHttpTest {
  private static final String PASSWORD = "correct horse";

  @TempDir private static Path folder;

  private static SSLContext trust;
  private static RegistryServer server;

  @BeforeAll
  static void start() throws Exception {
    TestCertificates certificate = TestCertificates.make(folder, "registry");
    trust = TestCertificates.trusting(certificate);
    certificate.write(folder.resolve("registry.crt"), folder.resolve("registry.key"));
    server =
        RegistryServer.start(
            folder.resolve("store"),
            "--registry.index.mode=embedded",
            "--registry.index.admin.password=battery staple",
            "--registry.auth.anonymous-read=true",
            "--spring.datasource.url=jdbc:h2:mem:tls;MODE=PostgreSQL;DB_CLOSE_DELAY=-1",
            "--server.ssl.bundle=registry",
            "--spring.ssl.bundle.pem.registry.keystore.certificate="
                + folder.resolve("registry.crt").toUri(),
            "--spring.ssl.bundle.pem.registry.keystore.private-key="
                + folder.resolve("registry.key").toUri());
    Accounts accounts = server.bean(Accounts.class);
    for (String name : List.of("alice", "mallory", "retired")) {
      accounts.create(new NewAccount(name, PASSWORD, "", false));
    }
    accounts.setActive("retired", false);
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  @ParameterizedTest
  @MethodSource("daemons")
  void whoLogsInPushesAndPullsAndNobodyElseUntilItIsPublic(DockerFamily family) {
    DockerDaemon daemon = daemon(family, "alice");
    DockerDaemon stranger = daemon(family, "mallory");
    List<TestImage> images = DockerImages.chain(family, "tls " + family);
    String name = name("alice", "own", family);

    assertThat(daemon.login("alice", PASSWORD)).isEqualTo("Login Succeeded");
    assertThat(daemon.push(name, images, tags(images))).isEqualTo(DockerImages.ids(images));
    assertThat(daemon.push(name, images, tags(images))).isEmpty();
    assertPulled(daemon.pull(name, "latest"), images);

    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> anonymous(family).pull(name, "latest"))
        .withMessage("Authentication is required.");
    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> anonymous(family).push(name, images, tags(images)))
        .withMessage("Please login prior to push");
    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> stranger.pull(name, "latest"))
        .withMessage("Error: image not found");
    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> stranger.push(name, images, tags(images)))
        .withMessageContaining("Status 403");

    server.bean(RepositoryVisibility.class).setPrivate(RepositoryName.parse(name), false);
    assertPulled(anonymous(family).pull(name, "latest"), images);
    assertPulled(stranger.pull(name, "latest"), images);
  }

  /** As behind a proxy that says so; no family minds being given tokens it could do without. */
  @ParameterizedTest
  @MethodSource("someDaemons")
  void aDaemonThatTakesTheIndexForAnotherServerShowsTokens(DockerFamily family) {
    DockerDaemon daemon =
        daemon(family, "alice")
            .behind(
                (request, answer) ->
                    request.endsWith("/_ping")
                        ? answer.with("X-Docker-Registry-Standalone", "False")
                        : answer);
    List<TestImage> images = DockerImages.chain(family, "tls token " + family);
    String name = name("alice", "token", family);

    assertThat(daemon.push(name, images, tags(images))).isEqualTo(DockerImages.ids(images));
    assertThat(daemon.push(name, images, tags(images))).isEmpty();

    assertPulled(daemon.pull(name, "latest"), images);
  }

  @ParameterizedTest
  @MethodSource("daemons")
  void wrongPasswordsAndDisabledAccountsAreToldApart(DockerFamily family) {
    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> anonymous(family).login("nobody", "wrong horse"))
        .withMessage("Wrong login/password, please try again");
    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> anonymous(family).login("retired", PASSWORD))
        .withMessage("Login: Account is not active");
  }

  /** Which shows tokens also here, and nothing before it got one. */
  @Test
  void aPublicRepositoryIsPulledByTheNpmClient() {
    List<TestImage> images = DockerImages.chain(DockerFamily.DOCKER_1_9, "tls npm");
    daemon(DockerFamily.DOCKER_1_9, "alice").push("alice/npm", images, tags(images));
    server.bean(RepositoryVisibility.class).setPrivate(RepositoryName.parse("alice/npm"), false);

    assertPulled(anonymous(DockerFamily.NPM).pull("alice/npm", "latest"), images);
  }

  @ParameterizedTest
  @MethodSource("someDaemons")
  void whoHasTheSameImagePushesIt(DockerFamily family) {
    List<TestImage> images = DockerImages.chain(family, "tls shared " + family);
    daemon(family, "alice").push(name("alice", "shared", family), images, tags(images));
    DockerDaemon other = daemon(family, "mallory");
    String name = name("mallory", "shared", family);

    assertThat(other.push(name, images, tags(images))).isEqualTo(DockerImages.ids(images));
    assertThat(other.push(name, images, tags(images))).isEmpty();

    assertPulled(other.pull(name, "latest"), images);
  }

  /** Ids and JSON are no secrets: they stand in the JSON of images that are built upon these. */
  @ParameterizedTest
  @MethodSource("someDaemons")
  void whoKnowsIdsAndJsonOnlyGetsNothing(DockerFamily family)
      throws IOException, InterruptedException {
    List<TestImage> images = DockerImages.chain(family, "tls secret " + family);
    TestImage base = images.get(0);
    daemon(family, "alice").push(name("alice", "secret", family), images, tags(images));
    String name = name("mallory", "secret", family);
    List<TestImage> guessed =
        images.stream().map(image -> image.withLayer(new byte[] {1, 2, 3})).toList();

    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> daemon(family, "mallory").push(name, guessed, tags(guessed)))
        .withMessageContaining("HTTP code 409 while uploading checksum: Another image has this id");
    for (String part : List.of("json", "layer", "ancestry")) {
      assertThat(asMallory("GET", base.path(part), "").statusCode()).isEqualTo(404);
    }
    HttpResponse<String> checksum =
        asMallory("PUT", base.path("checksum"), "", "X-Docker-Checksum-Payload", base.checksum());
    assertThat(checksum.statusCode()).as(checksum.body()).isEqualTo(404);
    HttpResponse<String> tag =
        asMallory("PUT", "/v1/repositories/" + name + "/tags/mine", '"' + base.id() + '"');
    assertThat(tag.statusCode()).as(tag.body()).isEqualTo(404);
    assertThat(asMallory("GET", base.path("layer"), "").statusCode()).isEqualTo(404);

    assertPulled(daemon(family, "alice").pull(name("alice", "secret", family), "v1"), images);
  }

  private static HttpResponse<String> asMallory(
      String method, String path, String body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + server.port() + path))
            .method(method, BodyPublishers.ofString(body))
            .header(
                "Authorization",
                "Basic "
                    + Base64.getEncoder()
                        .encodeToString(("mallory:" + PASSWORD).getBytes(StandardCharsets.UTF_8)));
    if (headers.length > 0) {
      request.headers(headers);
    }
    HttpClient client =
        HttpClient.newBuilder().sslContext(trust).version(HttpClient.Version.HTTP_1_1).build();
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private static void assertPulled(List<TestImage> pulled, List<TestImage> pushed) {
    assertThat(pulled).usingRecursiveFieldByFieldElementComparator().isEqualTo(pushed);
  }

  /** One that sends image by image, and one that asks for all of them first. */
  private static Stream<DockerFamily> someDaemons() {
    return Stream.of(DockerFamily.DOCKER_1_3, DockerFamily.DOCKER_1_12);
  }

  private static Stream<DockerFamily> daemons() {
    return Stream.of(DockerFamily.values()).filter(DockerFamily::pushes);
  }

  private static DockerDaemon anonymous(DockerFamily family) {
    return new DockerDaemon(family, server.port()).overTls(trust);
  }

  private static DockerDaemon daemon(DockerFamily family, String user) {
    return anonymous(family).loggedInAs(user, PASSWORD);
  }

  private static String name(String namespace, String name, DockerFamily family) {
    return namespace + "/" + name + "-" + family.name().toLowerCase(Locale.ROOT);
  }

  private static Map<String, String> tags(List<TestImage> images) {
    String top = images.get(images.size() - 1).id();
    return Map.of("latest", top, "v1", top);
  }
}
