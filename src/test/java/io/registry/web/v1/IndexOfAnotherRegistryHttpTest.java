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
import io.registry.testkit.TestImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The three parties of protocol 4.1, each in its place: clients, a registry that is the index only,
 * and another one that keeps the images and asks it.
 */
@Tag("slow")
class IndexOfAnotherRegistryHttpTest {
  private static final String PASSWORD = "correct horse";

  @TempDir private static Path folder;

  private static RegistryServer index;
  private static RegistryServer registry;

  @BeforeAll
  static void start() {
    int port = RegistryServer.freePort();
    index =
        RegistryServer.start(
            folder.resolve("index"),
            "--registry.index.mode=embedded",
            "--registry.index.admin.password=battery staple",
            "--registry.auth.anonymous-read=true",
            "--registry.endpoints=127.0.0.1:" + port,
            "--spring.datasource.url=jdbc:h2:mem:parties;MODE=PostgreSQL;DB_CLOSE_DELAY=-1");
    registry =
        RegistryServer.startAt(
            port,
            folder.resolve("registry"),
            "--registry.index.mode=remote",
            "--registry.index.remote.endpoint=http://127.0.0.1:" + index.port(),
            // Machines that build may be slow.
            "--registry.index.remote.timeout=20s");
    Accounts accounts = index.bean(Accounts.class);
    accounts.create(new NewAccount("alice", PASSWORD, "", false));
    accounts.create(new NewAccount("mallory", PASSWORD, "", false));
  }

  @AfterAll
  static void stop() {
    for (RegistryServer each : new RegistryServer[] {registry, index}) {
      if (each != null) {
        each.close();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("daemons")
  void whoHasAnAccountAtTheIndexPushesToTheRegistryAndPulls(DockerFamily family) {
    DockerDaemon daemon = daemon(family, "alice");
    List<TestImage> images = DockerImages.chain(family, "parties " + family);
    String name = name("alice", "own", family);

    assertThat(daemon.login("alice", PASSWORD)).isEqualTo("Login Succeeded");
    assertThat(daemon.push(name, images, tags(images))).isEqualTo(DockerImages.ids(images));
    assertThat(daemon.push(name, images, tags(images))).isEmpty();

    assertPulled(daemon.pull(name, "latest"), images);
  }

  @ParameterizedTest
  @MethodSource("someDaemons")
  void nobodyElsePushesOrPulls(DockerFamily family) {
    List<TestImage> images = DockerImages.chain(family, "parties private " + family);
    String name = name("alice", "private", family);
    daemon(family, "alice").push(name, images, tags(images));

    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> anonymous(family).pull(name, "latest"))
        .withMessage("Authentication is required.");
    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> daemon(family, "mallory").pull(name, "latest"))
        .withMessage("Error: image not found");
    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> daemon(family, "mallory").push(name, images, tags(images)))
        .withMessageContaining("Status 403");
  }

  @ParameterizedTest
  @EnumSource(names = {"DOCKER_0_10", "DOCKER_1_12", "NPM"})
  void aPublicRepositoryIsPulledByAnybody(DockerFamily family) {
    DockerFamily builder = family.pushes() ? family : DockerFamily.DOCKER_1_9;
    List<TestImage> images = DockerImages.chain(builder, "parties public " + family);
    String name = name("alice", "public", family);
    daemon(builder, "alice").push(name, images, tags(images));
    index.bean(RepositoryVisibility.class).setPrivate(RepositoryName.parse(name), false);

    assertPulled(anonymous(family).pull(name, "latest"), images);
  }

  /** The mark of the original makes the registry ask about each image, also of the owner. */
  @ParameterizedTest
  @MethodSource("someDaemons")
  void aRepositoryThatIsMarkedAsPrivateIsPulledByItsOwner(DockerFamily family) {
    List<TestImage> images = DockerImages.chain(family, "parties marked " + family);
    String name = name("alice", "marked", family);
    daemon(family, "alice").push(name, images, tags(images));
    registry.bean(RepositoryVisibility.class).setPrivate(RepositoryName.parse(name), true);

    assertPulled(daemon(family, "alice").pull(name, "latest"), images);
  }

  @ParameterizedTest
  @MethodSource("someDaemons")
  void anImageIsBuiltUponOneThatWasPushedBefore(DockerFamily family) {
    List<TestImage> base = DockerImages.chain(family, "parties base " + family);
    daemon(family, "alice").push(name("alice", "base", family), base, tags(base));
    List<TestImage> images = new ArrayList<>(base);
    images.add(TestImage.child("parties on base " + family, base.get(2), "layer " + family));
    String name = name("alice", "built", family);

    daemon(family, "alice").push(name, images, tags(images));

    assertPulled(daemon(family, "alice").pull(name, "latest"), images);
  }

  private static void assertPulled(List<TestImage> pulled, List<TestImage> pushed) {
    assertThat(pulled).usingRecursiveFieldByFieldElementComparator().isEqualTo(pushed);
  }

  private static Stream<DockerFamily> daemons() {
    return Stream.of(DockerFamily.values()).filter(DockerFamily::pushes);
  }

  private static Stream<DockerFamily> someDaemons() {
    return Stream.of(DockerFamily.DOCKER_1_3, DockerFamily.DOCKER_1_12);
  }

  private static DockerDaemon anonymous(DockerFamily family) {
    return new DockerDaemon(family, index.port());
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
