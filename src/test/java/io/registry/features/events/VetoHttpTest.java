package io.registry.features.events;

import static io.registry.testkit.WebhookReceiver.answer;
import static io.registry.testkit.WebhookReceiver.cut;
import static io.registry.testkit.WebhookReceiver.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.registry.testkit.DockerDaemon;
import io.registry.testkit.DockerDaemon.Failure;
import io.registry.testkit.DockerFamily;
import io.registry.testkit.DockerImages;
import io.registry.testkit.PassingClock;
import io.registry.testkit.PassingRegistry;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import io.registry.testkit.Together;
import io.registry.testkit.WebhookReceiver;
import io.registry.testkit.WebhookReceiver.Behaviour;
import io.registry.testkit.WebhookReceiver.Post;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Somebody elsewhere is asked whether something may be pushed. */
@Tag("slow")
class VetoHttpTest {
  private static final String TAGS = "/v1/repositories/team/app/tags/";
  private static final String UNKNOWN =
      "{\"error\": \"Whether this may be pushed cannot be found out now\"";
  private static final AtomicInteger IMAGES = new AtomicInteger();

  @TempDir private static Path store;

  private static WebhookReceiver hook;
  private static RegistryServer closed;
  private static RegistryServer open;

  private boolean troubled;
  private final TestImage image = TestImage.base("image " + IMAGES.incrementAndGet(), "a layer");

  @BeforeAll
  static void start() {
    hook = WebhookReceiver.start();
    closed =
        start(
            "--registry.events.veto.secret=key",
            "--registry.events.veto.repositories=team/*,docker/*",
            "--registry.events.veto.timeout=20s");
    open = start("--registry.events.veto.on-failure=allow", "--registry.events.veto.timeout=20s");
  }

  private static RegistryServer start(String... more) {
    List<String> arguments = new ArrayList<>(List.of(more));
    arguments.add("--registry.events.veto.url=" + hook.url());
    return PassingRegistry.start(store, arguments.toArray(String[]::new));
  }

  @AfterAll
  static void stop() {
    closed.close();
    open.close();
    hook.close();
  }

  /** Whoever was left alone is asked again, once more than it takes to be sure. */
  @AfterEach
  void recover() {
    if (!troubled) {
      return;
    }
    hook.always(status(200));
    for (RegistryServer server : List.of(closed, open)) {
      for (int i = 0; i < 12; i++) {
        ((PassingClock) server.bean(Clock.class)).pass(Duration.ofSeconds(6));
        TestImage some = TestImage.base("recovery " + IMAGES.incrementAndGet(), "");
        assertThat(some.putJson(server.client()).status()).isIn(200, 503);
      }
    }
  }

  @Test
  void whatIsPushedIsAskedAboutAndSigned() {
    int before = hook.posts().size();
    TestClient client = closed.client();
    assertThat(
            image.putJson(client, "User-Agent", "docker/1.5.0", "X-Request-Id", "req-1").status())
        .isEqualTo(200);
    image.push(client);
    assertThat(tag(client).status()).isEqualTo(200);
    assertThat(client.put("/v1/repositories/else/app/tags/v1", "\"" + image.id() + "\"").status())
        .isEqualTo(200);

    List<Post> questions = hook.posts().subList(before, hook.posts().size());
    assertThat(questions).hasSize(3);
    Post first = questions.get(0);
    assertThat(first.header("Content-Type")).isEqualTo("application/json");
    assertThat(first.header("webhook-signature")).startsWith("v1,");
    assertThat(first.header("X-Hub-Signature-256")).matches("sha256=[0-9a-f]{64}");
    assertThat(first.json().path("action").asString()).isEqualTo("push");
    assertThat(first.json().at("/image/id").asString()).isEqualTo(image.id());
    assertThat(first.json().at("/image/json/os").asString()).isEqualTo("linux");
    assertThat(first.json().at("/request/id").asString()).isEqualTo("req-1");
    assertThat(first.json().at("/request/useragent").asString()).isEqualTo("docker/1.5.0");
    Post second = questions.get(2);
    assertThat(second.json().path("action").asString()).isEqualTo("tag");
    assertThat(second.json().path("repository").asString()).isEqualTo("team/app");
    assertThat(second.json().path("tag").asString()).isEqualTo(image.id());
    assertThat(second.json().at("/image/id").asString()).isEqualTo(image.id());
  }

  @Test
  void whatIsRefusedIsNotWrittenAndThePusherReadsWhy() {
    TestClient client = closed.client();
    hook.next(
        answer(403, "no images\r\nof \u00fcnknown origin\u0000", "Content-Type", "text/plain"));
    Answer refused = image.putJson(client);
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.text()).isEqualTo("{\"error\": \"no images of \\u00fcnknown origin\"}");
    assertThat(client.get(image.path("json")).status()).isEqualTo(404);

    image.push(client);
    hook.next(answer(422, "{\"error\": \"not scanned\"}", "Content-Type", "application/json"));
    refused = tag(client);
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.text()).isEqualTo("{\"error\": \"not scanned\"}");
    assertThat(client.get(path()).status()).isEqualTo(404);

    hook.next(
        status(400), answer(409, "x".repeat(10_000), "Content-Type", "text/plain; charset=x"));
    assertThat(tag(client).text()).isEqualTo("{\"error\": \"The push was refused\"}");
    assertThat(tag(client).text()).isEqualTo("{\"error\": \"" + "x".repeat(500) + "...\"}");
    assertThat(tag(client).status()).isEqualTo(200);
  }

  /** Protocol 9.2: at that very text a daemon goes on as if the image were there. */
  @Test
  void noHookMakesADaemonSkipAnImage() {
    hook.next(answer(400, "Image already exists", "Content-Type", "text/plain"));
    assertThat(image.putJson(closed.client()).text())
        .isEqualTo("{\"error\": \"The push was refused: Image already exists\"}");
  }

  @ParameterizedTest
  @EnumSource(
      names = {"DOCKER_1_5", "DOCKER_1_12"},
      mode = EnumSource.Mode.INCLUDE)
  void daemonsShowTheTextToTheUser(DockerFamily family) {
    List<TestImage> images = DockerImages.chain(family, "refused " + family);
    DockerDaemon daemon = new DockerDaemon(family, closed.port());
    hook.next(answer(400, "not from here", "Content-Type", "text/plain"));

    assertThatThrownBy(() -> daemon.push("docker/app", images, Map.of("v1", images.get(2).id())))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("not from here");

    assertThat(daemon.push("docker/app", images, Map.of("v1", images.get(2).id())))
        .isEqualTo(DockerImages.ids(images));
  }

  /** Protocol 2.2: the order of the checks. */
  @Test
  void whatIsRefusedAnywayIsNoQuestion() {
    TestClient client = closed.client();
    image.push(client);
    int before = hook.posts().size();

    assertThat(image.putJson(client).text()).isEqualTo("{\"error\": \"Image already exists\"}");
    TestImage orphan = TestImage.of("orphan", TestImage.id("nobody"), new byte[0]);
    assertThat(orphan.putJson(client).status()).isEqualTo(400);
    assertThat(client.put(image.path("json"), "{}").status()).isEqualTo(400);
    assertThat(client.put(path(), "\"" + TestImage.id("nobody") + "\"").status()).isEqualTo(404);

    assertThat(hook.posts()).hasSize(before);
  }

  @ParameterizedTest
  @EnumSource
  void withoutAnAnswerItIsRefusedOrAllowedAsSet(Trouble trouble) {
    trouble(trouble.behaviour());

    Answer refused = image.putJson(closed.client());
    assertThat(refused.status()).isEqualTo(503);
    assertThat(refused.text()).startsWith(UNKNOWN);
    assertThat(refused.header("Retry-After")).isEqualTo("5");
    image.push(open.client());
    assertThat(tag(closed.client()).status()).isEqualTo(503);
    assertThat(tag(open.client()).status()).isEqualTo(200);
  }

  /** What may be wrong with an answer. */
  enum Trouble {
    CUT {
      @Override
      Behaviour behaviour() {
        return cut();
      }
    },
    BROKEN {
      @Override
      Behaviour behaviour() {
        return status(500);
      }
    },
    ELSEWHERE {
      @Override
      Behaviour behaviour() {
        return status(302, "Location", hook.url());
      }
    },
    NOT_THERE {
      @Override
      Behaviour behaviour() {
        return answer(404, "404 page not found", "Content-Type", "text/plain");
      }
    },
    GARBAGE {
      @Override
      Behaviour behaviour() {
        return answer(400, "<html>no</html>", "Content-Type", "text/html");
      }
    };

    abstract Behaviour behaviour();
  }

  @Test
  void aHookThatIsDownIsLeftAloneForAWhile() {
    TestClient client = closed.client();
    trouble(status(500));
    int before = hook.posts().size();
    for (int i = 0; i < 20; i++) {
      assertThat(image.putJson(client).status()).isEqualTo(503);
    }
    int asked = hook.posts().size() - before;
    assertThat(asked).isLessThanOrEqualTo(10);

    hook.always(status(200));
    assertThat(image.putJson(client).status()).isEqualTo(503);
    assertThat(hook.posts()).hasSize(before + asked);
    ((PassingClock) closed.bean(Clock.class)).pass(Duration.ofSeconds(6));
    assertThat(image.putJson(client).status()).isEqualTo(200);
    assertThat(client.get("/actuator/metrics/registry.events.veto").text())
        .contains("left-alone", "failed", "allowed");
  }

  @Test
  void aHookThatIsSilentHoldsUpAFewRequestsOnlyAndNotForLong() throws Exception {
    int before = hook.posts().size();
    trouble(hook.hang());
    try (RegistryServer hasty =
        start("--registry.events.veto.timeout=500ms", "--registry.events.veto.questions=2")) {
      AtomicInteger refused = new AtomicInteger();
      Together.Task push =
          () -> {
            TestImage some = TestImage.base("held " + IMAGES.incrementAndGet(), "");
            Answer answer = some.putJson(hasty.client());
            assertThat(answer.text()).startsWith(UNKNOWN);
            refused.incrementAndGet();
          };
      List<Together.Task> tasks = new ArrayList<>(Collections.nCopies(6, push));
      tasks.add(
          () -> {
            await().until(() -> hook.posts().size() > before);
            assertThat(hasty.client().get("/v1/_ping").status()).isEqualTo(200);
          });

      Together.run(tasks);

      assertThat(refused.get()).isEqualTo(6);
    }
    try (RegistryServer hasty =
        start("--registry.events.veto.timeout=500ms", "--registry.events.veto.on-failure=allow")) {
      image.push(hasty.client());
      assertThat(tag(hasty.client()).status()).isEqualTo(200);
    }
  }

  private void trouble(Behaviour behaviour) {
    troubled = true;
    hook.always(behaviour);
  }

  private String path() {
    return TAGS + image.id();
  }

  private Answer tag(TestClient client) {
    return client.put(path(), "\"" + image.id() + "\"");
  }
}
