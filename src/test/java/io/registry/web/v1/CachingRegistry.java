package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestImage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A registry that remembers, and what it tells of that in its metrics. */
final class CachingRegistry implements AutoCloseable {
  /** Far more than a cache needs to begin; only there so that a hang fails. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final Pattern COUNT = Pattern.compile("\"COUNT\",\"value\":([0-9.E]+)");
  private static final Pattern VALUE = Pattern.compile("\"VALUE\",\"value\":([0-9.E]+)");

  private final RegistryServer server;
  private final TestClient client;

  private CachingRegistry(RegistryServer server) {
    this.server = server;
    this.client = server.client();
  }

  /** Starts a registry that begins to remember after less than a second. */
  static CachingRegistry start(Path store, String... arguments) {
    return startWith(plus(arguments, "--registry.storage.local.path=" + store));
  }

  /** Starts a registry on the store that the arguments name. */
  static CachingRegistry startWith(String... arguments) {
    return new CachingRegistry(
        RegistryServer.startWith(
            plus(
                arguments,
                "--registry.cache.lease=500ms",
                // So that a slow machine is no outage.
                "--registry.cache.timeout=500ms")));
  }

  private static String[] plus(String[] arguments, String... more) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  TestClient client() {
    return client;
  }

  int port() {
    return server.port();
  }

  /** What a meter has counted; 0 when there is none. */
  double count(String meter, String... tags) {
    return metric(COUNT, meter, tags);
  }

  /** What a meter shows now; 0 when there is none. */
  double value(String meter, String... tags) {
    return metric(VALUE, meter, tags);
  }

  private double metric(Pattern kind, String meter, String... tags) {
    String query = tags.length == 0 ? "" : "?tag=" + String.join("&tag=", tags);
    TestClient.Answer answer = client.get("/actuator/metrics/" + meter + query);
    Matcher found = kind.matcher(answer.text());
    return answer.status() == 200 && found.find() ? Double.parseDouble(found.group(1)) : 0;
  }

  double hits(String cache) {
    return count("registry.cache.gets", "cache:" + cache, "result:hit");
  }

  /** Returns when what was asked for a moment ago is remembered. */
  void awaitMemory(String tags) {
    double before = hits("tags");
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              assertThat(client.get(tags).status()).isEqualTo(200);
              return hits("tags") > before;
            });
  }

  /** Returns when it uses Redis. */
  void awaitRedis() {
    await().atMost(PATIENCE).until(() -> value("registry.cache.circuit.open") == 0);
  }

  /** Returns when it does without Redis. */
  void awaitOutage() {
    await().atMost(PATIENCE).until(() -> value("registry.cache.circuit.open") == 1);
  }

  void move(String tags, TestImage to) {
    assertThat(client.put(tags + "/v1", '"' + to.id() + '"').status()).isEqualTo(200);
  }

  void assertTagged(String tags, TestImage expected) {
    assertThat(client.get(tags + "/v1").text()).isEqualTo('"' + expected.id() + '"');
    assertThat(client.get(tags).text()).isEqualTo("{\"v1\": \"" + expected.id() + "\"}");
  }

  @Override
  public void close() {
    server.close();
  }
}
