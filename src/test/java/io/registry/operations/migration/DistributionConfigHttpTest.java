package io.registry.operations.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.registry.operations.command.Commands;
import io.registry.operations.command.Console;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestDatabase;
import io.registry.testkit.WebhookReceiver;
import io.registry.web.v2.V2Pusher;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.security.crypto.bcrypt.BCrypt;

/**
 * The registry starts with what {@code import-config} makes of a configuration of Distribution: its
 * users are those of the htpasswd file, and its receivers get events.
 */
class DistributionConfigHttpTest {
  private static final String MANIFEST = V2Pusher.OCI_MANIFEST;

  @TempDir private static Path folder;

  private static Path users;
  private static WebhookReceiver receiver;
  private static RegistryServer server;
  private static TestClient client;

  @BeforeAll
  static void start() throws IOException {
    users = folder.resolve("htpasswd");
    write("ann", "bob", "cut", "far");
    receiver = WebhookReceiver.start();
    Path config =
        Files.writeString(
            folder.resolve("config.yml"),
            """
            version: 0.1
            log: {level: info, fields: {service: registry}}
            storage:
              filesystem: {rootdirectory: %s}
              cache: {blobdescriptor: inmemory}
            auth: {htpasswd: {realm: r, path: %s}}
            http: {addr: "127.0.0.1:0", headers: {X-Content-Type-Options: [nosniff]}}
            notifications:
              endpoints:
                - {name: one, url: "%s", headers: {X-Token: [t]}, timeout: 1s, backoff: 10ms}
            health: {storagedriver: {enabled: true}}
            """
                .formatted(folder.resolve("store"), users, receiver.url()));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int status =
        Commands.run(
            new ImportConfig(Map.of()),
            List.of(config.toString()),
            new Console(System.in, new PrintStream(out, true, StandardCharsets.UTF_8), System.err));
    assertThat(status).isZero();
    Path settings = Files.write(folder.resolve("application.yml"), out.toByteArray());
    // Users of the second namespace may only read the first one.
    server =
        RegistryServer.startWith(
            "--spring.config.additional-location=" + settings.toUri(),
            "--registry.access.rules[0].repositories=*",
            "--registry.access.rules[0].users=ann",
            "--registry.access.rules[0].rights=ADMIN",
            "--registry.access.rules[1].repositories=team/*",
            "--registry.access.rules[1].rights=READ",
            "--registry.access.rules[2].repositories=both/*",
            "--registry.access.rules[2].users=ann,bob,cut",
            "--spring.datasource.url=" + TestDatabase.h2(folder.resolve("index")));
    client = server.client();
  }

  @AfterAll
  static void stop() {
    server.close();
    receiver.close();
  }

  // Replaced at once, as editors and configuration management do.
  private static void write(String... names) throws IOException {
    StringBuilder lines = new StringBuilder("# users\n\n");
    for (String name : names) {
      int cost = name.equals("far") ? 4 : 5;
      String hash = BCrypt.hashpw("secret of " + name, BCrypt.gensalt("$2y", cost));
      lines.append(name).append(':').append(hash).append('\n');
    }
    lines.append("md5:$apr1$abcdefgh$0123456789012345678901\n");
    lines.append("slow:$2y$31$").append("a".repeat(53)).append('\n');
    lines.append("none\n");
    Path next = Files.writeString(folder.resolve("htpasswd.new"), lines);
    Files.move(next, users, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static String[] as(String name, String password) {
    byte[] credentials = (name + ":" + password).getBytes(StandardCharsets.UTF_8);
    return new String[] {
      "Authorization", "Basic " + Base64.getEncoder().encodeToString(credentials)
    };
  }

  private static String[] as(String name) {
    return as(name, "secret of " + name);
  }

  private static Answer push(String repository, String user) {
    V2Pusher pusher = new V2Pusher(client, repository, as(user));
    Answer begun = pusher.start();
    if (begun.status() != 202) {
      return begun;
    }
    byte[] config = "{}".getBytes(StandardCharsets.UTF_8);
    pusher.blob(config);
    byte[] manifest =
        V2Pusher.render(
            V2Pusher.image(V2Pusher.descriptor(V2Pusher.OCI_CONFIG, config), List.of()));
    return client.put(
        "/v2/" + repository + "/manifests/one",
        manifest,
        "Content-Type",
        MANIFEST,
        "Authorization",
        as(user)[1]);
  }

  @Test
  void theUsersOfTheFileMayWhatTheRulesSay() {
    assertThat(push("team/app", "ann").status()).isEqualTo(201);
    assertThat(client.get("/v2/team/app/tags/list", as("bob")).status()).isEqualTo(200);
    assertThat(push("team/app", "bob").status()).isEqualTo(403);
    assertThat(push("both/app", "cut").status()).isEqualTo(201);
    assertThat(client.get("/v2/both/app/tags/list", as("far")).status()).isEqualTo(404);
    assertThat(client.get("/v2/team/app/tags/list").status()).isEqualTo(401);

    assertThat(client.get("/v2/_catalog", as("bob")).text()).contains("both/app", "team/app");
    assertThat(client.get("/v2/_catalog", as("far")).text())
        .contains("team/app")
        .doesNotContain("both/app");
    assertThat(client.get("/v1/repositories/team/app/tags", as("bob")).status()).isEqualTo(200);
  }

  @Test
  void wrongPasswordsAndHashesThatDoNotCountAreRefused() {
    assertThat(client.get("/v2/", as("ann")).status()).isEqualTo(200);
    assertThat(client.get("/v2/", as("ann", "secret of bob")).status()).isEqualTo(401);
    assertThat(client.get("/v2/", as("md5", "x")).status()).isEqualTo(401);
    assertThat(client.get("/v2/", as("slow", "x")).status()).isEqualTo(401);
    assertThat(client.get("/v2/", as("none", "")).status()).isEqualTo(401);
  }

  @Test
  void theFileIsReadAgainWhenItChanges() throws IOException {
    String token =
        client
            .get("/v2/token?service=registry&scope=repository:both/app:pull", as("cut"))
            .text()
            .replaceFirst("(?s).*\"token\"\\s*:\\s*\"([^\"]+)\".*", "$1");
    String[] bearer = {"Authorization", "Bearer " + token};
    push("both/app", "ann");
    assertThat(client.get("/v2/both/app/tags/list", bearer).status()).isEqualTo(200);

    write("ann", "bob", "far", "new");
    try {
      assertThat(client.get("/v2/", as("new")).status()).isEqualTo(200);
      assertThat(client.get("/v2/", as("cut")).status()).isEqualTo(401);
      assertThat(client.get("/v2/both/app/tags/list", bearer).status()).isNotEqualTo(200);
    } finally {
      write("ann", "bob", "cut", "far");
    }
    assertThat(client.get("/v2/", as("cut")).status()).isEqualTo(200);
  }

  @Test
  void aReceiverOfDistributionGetsItsEnvelope() {
    push("hooks/app", "ann");

    await()
        .untilAsserted(
            () ->
                assertThat(receiver.posts())
                    .anySatisfy(
                        post -> {
                          assertThat(post.body()).contains("\"hooks/app\"", "\"one\"", MANIFEST);
                          assertThat(post.header("Content-Type"))
                              .isEqualTo("application/vnd.docker.distribution.events.v1+json");
                          assertThat(post.header("X-Token")).isEqualTo("t");
                        }));
  }
}
