package io.registry.web.v1;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.registry.access.auth.RepositoryVisibility;
import io.registry.access.index.Accounts;
import io.registry.access.index.Namespaces;
import io.registry.access.index.NewAccount;
import io.registry.content.repository.RepositoryName;
import io.registry.testkit.DockerDaemon;
import io.registry.testkit.DockerDaemon.Failure;
import io.registry.testkit.DockerFamily;
import io.registry.testkit.DockerImages;
import io.registry.testkit.PassingClock;
import io.registry.testkit.PassingRegistry;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestCertificates;
import io.registry.testkit.TestImage;
import io.registry.web.api.ApiClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
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
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Which images an account need not send in a push, because they are here already. Daemons show name
 * and password over TLS, or the token of their push when a proxy makes them take the index for
 * another server.
 */
@Tag("external")
@Tag("slow")
class ImagesHereAlreadyHttpTest {
  private static final String PASSWORD = "correct horse";

  @TempDir private static Path folder;

  private static SSLContext trust;
  private static RegistryServer server;
  private static PassingClock clock;

  @BeforeAll
  static void start() throws Exception {
    TestCertificates certificate = TestCertificates.make(folder, "registry");
    trust = TestCertificates.trusting(certificate);
    certificate.write(folder.resolve("registry.crt"), folder.resolve("registry.key"));
    server =
        PassingRegistry.start(
            folder.resolve("store"),
            "--registry.index.mode=embedded",
            "--registry.index.admin.password=" + PASSWORD,
            "--registry.index.default-visibility=public",
            "--spring.datasource.url=jdbc:h2:mem:here;MODE=PostgreSQL;DB_CLOSE_DELAY=-1",
            "--server.ssl.bundle=registry",
            "--spring.ssl.bundle.pem.registry.keystore.certificate="
                + folder.resolve("registry.crt").toUri(),
            "--spring.ssl.bundle.pem.registry.keystore.private-key="
                + folder.resolve("registry.key").toUri());
    clock = (PassingClock) server.bean(Clock.class);
    Accounts accounts = server.bean(Accounts.class);
    for (String name : List.of("alice", "bob", "mallory")) {
      accounts.create(new NewAccount(name, PASSWORD, "", false));
    }
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  /** One daemon that sends image by image, and one that asks for all of them first. */
  private static Stream<Arguments> pushers() {
    return Stream.of(DockerFamily.DOCKER_1_3, DockerFamily.DOCKER_1_12)
        .flatMap(family -> Stream.of(Arguments.of(family, true), Arguments.of(family, false)));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theFalseBaseOfAStrangerIsNotBuiltUpon(boolean token) {
    DockerFamily family = DockerFamily.DOCKER_1_3;
    String name = name("poisoned", family, token);
    List<TestImage> images = DockerImages.chain(family, name);
    TestImage base = images.get(0);
    List<TestImage> poisoned = List.of(base.withLayer(images.get(2).layer()));
    push("mallory", family, token, "mallory/" + name, poisoned);

    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> push("alice", family, token, "alice/" + name, images))
        .withMessageContaining("Another image has this id");

    assertThat(get("alice", "/v1/repositories/alice/" + name + "/tags").body()).isEqualTo("{}");
  }

  /** From Docker 1.10 on the id is computed from the layers. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aFalseBaseIsNotTakenWhereTheIdIsComputed(boolean token) {
    DockerFamily family = DockerFamily.DOCKER_1_12;
    String name = name("computed", family, token);
    List<TestImage> images = DockerImages.chain(family, name);
    List<TestImage> poisoned = List.of(images.get(0).withLayer(images.get(2).layer()));

    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> push("mallory", family, token, "mallory/" + name, poisoned))
        .withMessageContaining("The id is not that of the image's layers");

    assertThat(push("alice", family, token, "alice/" + name, images))
        .isEqualTo(DockerImages.ids(images));
  }

  @ParameterizedTest
  @MethodSource("pushers")
  void theSameBaseOfAStrangerIsSentOnceMoreAndThenBelongsToBoth(
      DockerFamily family, boolean token) {
    String name = name("same", family, token);
    List<TestImage> base = DockerImages.chain(family, name);
    push("mallory", family, token, "mallory/" + name, base);
    List<TestImage> images = withTop(base, name);

    assertThat(push("alice", family, token, "alice/" + name, images))
        .isEqualTo(DockerImages.ids(images));
    assertThat(push("alice", family, token, "alice/" + name, images)).isEmpty();

    makePrivate("mallory/" + name);
    assertThat(daemon("alice", family, token).pull("alice/" + name, "latest"))
        .usingRecursiveFieldByFieldElementComparator()
        .isEqualTo(images);
  }

  @ParameterizedTest
  @MethodSource("pushers")
  void aBaseOfTheLibraryIsNotSentAgain(DockerFamily family, boolean token) {
    String name = name("base", family, token);
    List<TestImage> base = DockerImages.chain(family, name);
    push("admin", family, token, "library/" + name, base);
    List<TestImage> images = withTop(base, name);

    assertThat(push("alice", family, token, "alice/" + name, images))
        .containsExactly(images.get(3).id());

    // What was built upon stays to be had when the base is not public any more.
    makePrivate("library/" + name);
    assertThat(daemon("alice", family, token).pull("alice/" + name, "latest"))
        .usingRecursiveFieldByFieldElementComparator()
        .isEqualTo(images);
  }

  @ParameterizedTest
  @MethodSource("pushers")
  void aBaseIsSentAgainUnlessItsNamespaceIsTrusted(DockerFamily family, boolean token) {
    String name = name("trusted", family, token);
    Namespaces namespaces = server.bean(Namespaces.class);
    List<TestImage> base = DockerImages.chain(family, name);
    push("mallory", family, token, "mallory/" + name, base);

    namespaces.setTrusted("mallory", true);
    assertThat(push("alice", family, token, "alice/" + name, base)).isEmpty();

    namespaces.setTrusted("mallory", false);
    assertThat(push("bob", family, token, "bob/" + name, base)).isEqualTo(DockerImages.ids(base));
  }

  @ParameterizedTest
  @MethodSource("pushers")
  void aPrivateBaseOfTheLibraryIsSentAgain(DockerFamily family, boolean token) {
    String name = name("hidden", family, token);
    List<TestImage> base = DockerImages.chain(family, name);
    push("admin", family, token, "library/" + name, base);
    makePrivate("library/" + name);

    assertThat(push("alice", family, token, "alice/" + name, base))
        .isEqualTo(DockerImages.ids(base));
  }

  @ParameterizedTest
  @MethodSource("pushers")
  void aBaseOfTheOwnNamespaceIsNotSentAgain(DockerFamily family, boolean token) {
    String name = name("own", family, token);
    List<TestImage> base = DockerImages.chain(family, name);
    push("alice", family, token, "alice/" + name, base);
    makePrivate("alice/" + name);
    List<TestImage> images = withTop(base, name);

    assertThat(push("alice", family, token, "alice/on-" + name, images))
        .containsExactly(images.get(3).id());
  }

  @Test
  void aStrangersRepositoryIsPulledWithAPasswordForAsLongAsItIsUsed() {
    DockerFamily family = DockerFamily.DOCKER_1_12;
    List<TestImage> images = DockerImages.chain(family, "opened");
    push("mallory", family, false, "mallory/opened", images);
    String layer = images.get(0).path("layer");
    String json = images.get(2).path("json");
    assertThat(get("alice", layer).statusCode()).isEqualTo(404);

    assertThat(daemon("alice", family, false).pull("mallory/opened", "latest"))
        .usingRecursiveFieldByFieldElementComparator()
        .isEqualTo(images);

    for (int i = 0; i < 3; i++) {
      clock.pass(Duration.ofMinutes(50));
      assertThat(get("alice", layer).statusCode()).isEqualTo(200);
      assertThat(get("alice", json).statusCode()).isEqualTo(200);
    }
    clock.pass(Duration.ofMinutes(61));
    assertThat(get("alice", layer).statusCode()).isEqualTo(404);
    assertThat(get("alice", json).statusCode()).isEqualTo(404);

    for (String opening : List.of("images", "tags", "tags/latest")) {
      assertThat(get("alice", "/v1/repositories/mallory/opened/" + opening).statusCode())
          .isEqualTo(200);
      assertThat(get("alice", layer).statusCode()).as(opening).isEqualTo(200);
      clock.pass(Duration.ofMinutes(61));
    }
  }

  @Test
  void whatAnAccountHasOpenedCountsForItAloneAndWhileItMayReadIt() {
    TestImage image = DockerImages.chain(DockerFamily.DOCKER_1_3, "opened by one").get(0);
    push("mallory", DockerFamily.DOCKER_1_3, false, "mallory/one", List.of(image));

    get("alice", "/v1/repositories/mallory/one/tags");

    assertThat(get("alice", image.path("json")).statusCode()).isEqualTo(200);
    assertThat(get("bob", image.path("json")).statusCode()).isEqualTo(404);
    makePrivate("mallory/one");
    assertThat(get("alice", image.path("json")).statusCode()).isEqualTo(404);
  }

  /** Of the chain only the leaf is of a repository that the stranger has opened. */
  @Test
  void anImageWithAForeignAncestorIsNeitherTaggedNorBuiltUpon() {
    TestImage secret = TestImage.base("secret ancestor", "of mallory alone");
    TestImage leaf = TestImage.child("leaf", secret, "to be seen");
    TestImage built = TestImage.child("built on the leaf", leaf, "by alice");
    sendOnly("mallory", "mallory/secret", secret);
    makePrivate("mallory/secret");
    sendOnly("mallory", "mallory/leaf", leaf);
    put("alice", "/v1/repositories/alice/app/", list(built));
    get("alice", "/v1/repositories/mallory/leaf/images");
    assertThat(get("alice", leaf.path("json")).statusCode()).isEqualTo(200);
    assertThat(get("alice", secret.path("json")).statusCode()).isEqualTo(404);

    HttpResponse<String> tagged =
        put("alice", "/v1/repositories/alice/app/tags/v1", '"' + leaf.id() + '"');
    HttpResponse<String> begun = put("alice", built.path("json"), new String(built.json(), UTF_8));

    assertThat(tagged.statusCode()).as(tagged.body()).isEqualTo(404);
    assertThat(begun.statusCode()).as(begun.body()).isEqualTo(400);
    assertThat(begun.body()).contains("Image depends on an unauthorized parent");
    assertThat(get("alice", secret.path("layer")).statusCode()).isEqualTo(404);
    assertThat(
            put("mallory", "/v1/repositories/mallory/leaf/tags/v1", '"' + leaf.id() + '"')
                .statusCode())
        .isEqualTo(200);
    // Now a tag of the opened repository leads to all of the chain.
    get("alice", "/v1/repositories/mallory/leaf/tags");
    assertThat(get("alice", secret.path("json")).statusCode()).isEqualTo(200);
    assertThat(
            put("alice", "/v1/repositories/alice/app/tags/v1", '"' + leaf.id() + '"').statusCode())
        .isEqualTo(200);
  }

  private static String name(String kind, DockerFamily family, boolean token) {
    return kind + "-" + family.name().toLowerCase(Locale.ROOT) + "-" + token;
  }

  private static List<TestImage> withTop(List<TestImage> base, String name) {
    List<TestImage> images = new ArrayList<>(base);
    images.add(TestImage.child("on " + name, base.get(base.size() - 1), "a layer on " + name));
    return images;
  }

  private static List<String> push(
      String user, DockerFamily family, boolean token, String name, List<TestImage> images) {
    String top = images.get(images.size() - 1).id();
    return daemon(user, family, token).push(name, images, Map.of("latest", top));
  }

  private static DockerDaemon daemon(String user, DockerFamily family, boolean token) {
    DockerDaemon daemon =
        new DockerDaemon(family, server.port()).overTls(trust).loggedInAs(user, PASSWORD);
    return token
        ? daemon.behind(
            (request, answer) ->
                request.endsWith("/_ping")
                    ? answer.with("X-Docker-Registry-Standalone", "False")
                    : answer)
        : daemon;
  }

  /** Sends an image for a repository without a tag. */
  private static void sendOnly(String user, String repository, TestImage image) {
    put(user, "/v1/repositories/" + repository + "/", list(image));
    put(user, image.path("json"), new String(image.json(), UTF_8));
    put(user, image.path("layer"), new String(image.layer(), UTF_8));
    HttpResponse<String> done =
        put(user, image.path("checksum"), "", "X-Docker-Checksum-Payload", image.checksum());
    assertThat(done.statusCode()).as(done.body()).isEqualTo(200);
  }

  private static String list(TestImage image) {
    return "[{\"id\": \"%s\"}]".formatted(image.id());
  }

  private static void makePrivate(String repository) {
    server.bean(RepositoryVisibility.class).setPrivate(RepositoryName.parse(repository), true);
  }

  private static HttpResponse<String> get(String user, String path) {
    return send(user, "GET", path, "");
  }

  private static HttpResponse<String> put(
      String user, String path, String body, String... headers) {
    return send(user, "PUT", path, body, headers);
  }

  private static HttpResponse<String> send(
      String user, String method, String path, String body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + server.port() + path))
            .method(method, BodyPublishers.ofString(body))
            .header("Authorization", ApiClient.basic(user, PASSWORD));
    if (headers.length > 0) {
      request.headers(headers);
    }
    try {
      return HttpClient.newBuilder()
          .sslContext(trust)
          .version(HttpClient.Version.HTTP_1_1)
          .build()
          .send(request.build(), BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
