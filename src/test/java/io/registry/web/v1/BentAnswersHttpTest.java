package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.registry.testkit.DockerDaemon;
import io.registry.testkit.DockerDaemon.Failure;
import io.registry.testkit.DockerDaemon.Proxy;
import io.registry.testkit.DockerFamily;
import io.registry.testkit.DockerImages;
import io.registry.testkit.RawAnswer;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.SharedRegistry;
import io.registry.testkit.TestImage;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whether the daemons of the tests insist on what the real ones insist on: single answers are bent
 * on their way (protocol 9.9). Without these tests a daemon that accepts anything would pass all
 * others.
 */
@SharedRegistry
@Tag("slow")
class BentAnswersHttpTest {
  private static final Set<DockerFamily> ALL = upTo(DockerFamily.DOCKER_1_12);
  private static final Set<DockerFamily> NONE = Set.of();
  private static final String CREATE = "PUT /v1/repositories/bent/one/";
  private static final String FINISH = "PUT /v1/repositories/bent/one/images";
  private static final String TAG = "PUT /v1/repositories/bent/one/tags/v1";
  private static final String OPEN = "GET /v1/repositories/bent/one/images";
  private static final String TAGS = "GET /v1/repositories/bent/one/tags";
  private static final String EXISTS = "{\"error\": \"Image already exists\"}";

  private static RegistryServer server;

  @BeforeAll
  static void share(RegistryServer shared) {
    server = shared;
  }

  @ParameterizedTest
  @MethodSource("pushes")
  void aPushFailsWhereTheRealOneFails(
      String what, DockerFamily family, boolean fails, Proxy proxy) {
    List<TestImage> images = DockerImages.chain(family, what + family);
    DockerDaemon daemon = new DockerDaemon(family, server.port()).behind(proxy);

    assertOutcome(fails, () -> daemon.push("bent/one", images, Map.of("v1", images.get(2).id())));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void anImageIsSkippedWhateverTheStatusBesideTheWords(DockerFamily family, int status) {
    List<TestImage> images = DockerImages.chain(family, "refused " + status + family);
    Map<String, String> tags = Map.of("v1", images.get(2).id());
    DockerDaemon daemon = new DockerDaemon(family, server.port());
    daemon.push("bent/two", images, tags);
    Proxy proxy =
        (request, answer) ->
            request.endsWith("/json") ? answer.withStatus(status).withBody(EXISTS) : answer;

    assertThat(daemon.behind(proxy).push("bent/two", images, tags)).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("pulls")
  void aPullFailsWhereTheRealOneFails(
      String what, DockerFamily family, boolean fails, Proxy proxy) {
    List<TestImage> images = DockerImages.chain(family, "pulled by " + family);
    DockerDaemon daemon = new DockerDaemon(family, server.port());
    daemon.push("bent/one", images, Map.of("v1", images.get(2).id()));

    assertOutcome(fails, () -> assertThat(daemon.behind(proxy).pull("bent/one", "v1")).hasSize(3));
  }

  @ParameterizedTest
  @MethodSource("logins")
  void aLoginFailsWhereTheRealOneFails(
      String what, DockerFamily family, boolean fails, Proxy proxy) {
    DockerDaemon daemon = new DockerDaemon(family, server.port()).behind(proxy);

    assertOutcome(fails, () -> daemon.login("user", "secret"));
  }

  private static void assertOutcome(boolean fails, Runnable command) {
    if (fails) {
      assertThatThrownBy(command::run).isInstanceOf(Failure.class);
    } else {
      assertThatCode(command::run).doesNotThrowAnyException();
    }
  }

  private static Stream<Arguments> pushes() {
    Set<DockerFamily> upTo16 = upTo(DockerFamily.DOCKER_1_6);
    return Stream.of(
            bent("no endpoints", ALL, CREATE, answer -> answer.without("X-Docker-Endpoints")),
            bent("no token", upTo16, CREATE, answer -> answer.without("X-Docker-Token")),
            bent("created", NONE, CREATE, answer -> answer.withStatus(201)),
            bent("create 204", ALL, CREATE, answer -> answer.withStatus(204)),
            bent("create 401", ALL, CREATE, answer -> answer.withStatus(401)),
            bent("existence 500", NONE, "GET .*/json", answer -> answer.withStatus(500)),
            bent(
                "json 400, of numbers",
                ALL,
                "PUT .*/json",
                answer -> answer.withStatus(400).withBody("{\"error\": 1}")),
            bent("json 201", ALL, "PUT .*/json", answer -> answer.withStatus(201)),
            bent("layer 201", ALL, "PUT .*/layer", answer -> answer.withStatus(201)),
            bent(
                "layer 409",
                ALL,
                "PUT .*/layer",
                answer -> answer.withStatus(409).withBody(EXISTS)),
            bent(
                "checksum 409",
                ALL,
                "PUT .*/checksum",
                answer -> answer.withStatus(409).withBody(EXISTS)),
            bent("tag 201", NONE, TAG, answer -> answer.withStatus(201)),
            bent("tag 204", ALL, TAG, answer -> answer.withStatus(204)),
            bent("finish 200", ALL, FINISH, answer -> answer.withStatus(200)),
            bent("ping 500", NONE, "GET /v1/_ping", answer -> answer.withStatus(500)),
            bent(
                "ping without version",
                upTo(DockerFamily.DOCKER_0_10),
                "GET /v1/_ping",
                answer -> answer.without("X-Docker-Registry-Version")),
            bent(
                "version two",
                from(DockerFamily.DOCKER_1_5),
                "GET /v2/",
                answer -> answer.with("Docker-Distribution-Api-Version", "registry/2.0")))
        .flatMap(bent -> bent.forEachFamily());
  }

  private static Stream<Arguments> refusals() {
    return ALL.stream()
        .sorted()
        .flatMap(family -> Stream.of(Arguments.of(family, 400), Arguments.of(family, 409)));
  }

  private static Stream<Arguments> pulls() {
    Set<DockerFamily> oldest = upTo(DockerFamily.DOCKER_0_10);
    return Stream.of(
            bent(
                "neither endpoints nor token",
                oldest,
                OPEN,
                answer -> answer.without("X-Docker-Endpoints").without("X-Docker-Token")),
            bent("no images listed", NONE, OPEN, answer -> answer.withBody("[]")),
            bent("images 401", ALL, OPEN, answer -> answer.withStatus(401)),
            bent("images 404", ALL, OPEN, answer -> answer.withStatus(404)),
            bent("tags 404", ALL, TAGS + "(/v1)?", answer -> answer.withStatus(404)),
            bent("ancestry 400", ALL, "GET .*/ancestry", answer -> answer.withStatus(400)),
            bent("json 400", ALL, "GET .*/json", answer -> answer.withStatus(400)),
            bent("no size", oldest, "GET .*/json", answer -> answer.without("X-Docker-Size")),
            bent("size 1", oldest, "GET .*/json", answer -> answer.with("X-Docker-Size", "1")),
            bent("odd size", ALL, "GET .*/json", answer -> answer.with("X-Docker-Size", "0x10")),
            bent("layer 503", ALL, "GET .*/layer", answer -> answer.withStatus(503)),
            bent("layer 206", ALL, "GET .*/layer", answer -> answer.withStatus(206)))
        .flatMap(bent -> bent.forEachFamily());
  }

  private static Stream<Arguments> logins() {
    Set<DockerFamily> posts = upTo(DockerFamily.DOCKER_1_9);
    String post = "POST /v1/users/";
    String get = "GET /v1/users/";
    return Stream.of(
            bent("post 200", posts, post, answer -> answer.withStatus(200)),
            bent("post 404", posts, post, answer -> answer.withStatus(404)),
            bent("post 401", NONE, post, answer -> answer.withStatus(401)),
            bent(
                "taken",
                NONE,
                post,
                answer -> answer.withStatus(400).withBody("\"Username or email already exists\"")),
            bent("get 401", from(DockerFamily.DOCKER_1_12), get, answer -> answer.withStatus(401)))
        .flatMap(bent -> bent.forEachFamily());
  }

  private static Set<DockerFamily> upTo(DockerFamily last) {
    return Set.copyOf(EnumSet.range(DockerFamily.DOCKER_0_10, last));
  }

  private static Set<DockerFamily> from(DockerFamily first) {
    return Set.copyOf(EnumSet.range(first, DockerFamily.DOCKER_1_12));
  }

  private static Bent bent(
      String what, Set<DockerFamily> fails, String request, UnaryOperator<RawAnswer> change) {
    return new Bent(what, fails, request, change);
  }

  private record Bent(
      String what, Set<DockerFamily> fails, String request, UnaryOperator<RawAnswer> change) {

    Stream<Arguments> forEachFamily() {
      Proxy proxy = (asked, answer) -> asked.matches(request) ? change.apply(answer) : answer;
      return ALL.stream()
          .sorted()
          .map(family -> Arguments.of(what, family, fails.contains(family), proxy));
    }
  }
}
