package io.registry.operations.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.registry.testkit.FakeIndex;
import io.registry.testkit.FakeSource;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.S3Bucket;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestImage;
import io.registry.testkit.TraceReceiver;
import io.registry.testkit.WebhookReceiver;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is traced, and what others are told of it, when traces are switched on. */
class TracesHttpTest {
  @TempDir private static Path directory;

  private static TraceReceiver receiver;
  private static FakeIndex index;
  private static FakeSource source;
  private static S3Bucket bucket;
  private static WebhookReceiver veto;
  private static RegistryServer server;
  private static TestClient client;

  @BeforeAll
  static void start() throws Exception {
    receiver = new TraceReceiver();
    index = FakeIndex.start();
    source = new FakeSource();
    bucket = new S3Bucket();
    veto = WebhookReceiver.start();
    veto.always(WebhookReceiver.answer(200, "{\"allowed\": true}"));
    List<String> arguments = new ArrayList<>(bucket.arguments());
    arguments.addAll(
        List.of(
            "--registry.tracing.enabled=true",
            "--management.opentelemetry.tracing.export.otlp.endpoint=" + receiver.endpoint(),
            "--management.opentelemetry.tracing.export.schedule-delay=50ms",
            "--registry.index.mode=remote",
            "--registry.index.remote.endpoint=" + index.endpoint(),
            "--registry.index.remote.grants-ttl=0",
            "--registry.events.veto.url=" + veto.url(),
            "--registry.events.veto.secret=secret",
            "--registry.auth.anonymous-read=true",
            "--registry.mirror.source=" + source.endpoint(),
            "--registry.mirror.spool=" + directory.resolve("spool")));
    server = RegistryServer.startWith(arguments.toArray(String[]::new));
    client = server.client();
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
    veto.close();
    bucket.close();
    source.close();
    index.close();
    receiver.close();
  }

  @Test
  void theIndexAndTheStoreAreToldOfTheTraceOfTheClient() {
    String trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    String caller = "00-" + trace + "-00f067aa0ba902b7-01";
    TestImage image = TestImage.base("traced", "layer");
    index.list("team/traced", image.id());
    String token = index.issue("team/traced", "write");

    assertThat(image.putJson(client, "Authorization", token, "traceparent", caller).status())
        .isEqualTo(200);

    assertThat(index.questions().get(index.questions().size() - 1).header("traceparent"))
        .singleElement()
        .satisfies(
            header -> {
              assertThat(header).matches("00-" + trace + "-[0-9a-f]{16}-01");
              assertThat(header).as("it is asked by us, not by the client").isNotEqualTo(caller);
            });
    assertThat(veto.posts())
        .singleElement()
        .satisfies(post -> assertThat(post.header("traceparent")).startsWith("00-" + trace));
    assertThat(bucket.proxy().heads())
        .as("signed with it, as the store has taken it")
        .anyMatch(head -> head.startsWith("PUT ") && head.contains("traceparent: 00-" + trace));
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () -> {
              assertThat(receiver.hasTrace(trace)).isTrue();
              assertThat(receiver.has("http put /v1/images/{id}/json")).isTrue();
              assertThat(receiver.has("storage write")).isTrue();
              assertThat(receiver.has("GET 127.0.0.1")).isTrue();
              assertThat(receiver.has("service.name")).isTrue();
            });
    assertThat(receiver.has("secret")).as("the token of the client").isFalse();
  }

  @Test
  void theSourceOfAMirrorIsToldAlsoByTheThreadThatFetchesALayer() {
    String trace = "0af7651916cd43dd8448eb211c80319c";
    String caller = "00-" + trace + "-b7ad6b7169203331-01";
    TestImage image = TestImage.base("mirrored", "a layer of the source");
    source.serve(image);
    String token = index.issue("team/mirrored", "read");
    index.list("team/mirrored", image.id());
    String[] headers = {"Authorization", token, "traceparent", caller};

    assertThat(client.get(image.path("json"), headers).status()).isEqualTo(200);
    assertThat(client.get(image.path("layer"), headers).bytes()).isEqualTo(image.layer());

    assertThat(source.requests())
        .filteredOn(request -> request.path().contains(image.id()))
        .hasSizeGreaterThan(2)
        .allSatisfy(
            request -> assertThat(request.header("Traceparent")).startsWith("00-" + trace + "-"));
  }

  @Test
  void whoeverDoesNotWantToBeTracedIsNotAndWhatNobodySentBeginsATraceOfItsOwn() {
    String trace = "1234567890abcdef1234567890abcdef";
    String token = index.issue("team/quiet", "read");
    client.get(
        "/v1/repositories/team/quiet/tags",
        "Authorization",
        token,
        "traceparent",
        "00-" + trace + "-b7ad6b7169203331-00");
    assertThat(lastQuestion()).startsWith("00-" + trace).endsWith("-00");

    client.get(
        "/v1/repositories/team/quiet/tags",
        "Authorization",
        token,
        "traceparent",
        "00-no trace-at all-01");
    assertThat(lastQuestion()).matches("00-[0-9a-f]{32}-[0-9a-f]{16}-0[0-3]");
  }

  private static String lastQuestion() {
    return String.join(
        ",", index.questions().get(index.questions().size() - 1).header("traceparent"));
  }
}
