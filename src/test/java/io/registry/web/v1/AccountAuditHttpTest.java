package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.registry.access.index.Accounts;
import io.registry.access.index.NewAccount;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.SigningKeyPair;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What is told of those who come in, or try to, and how often they may, behind a proxy. */
class AccountAuditHttpTest {
  private static final String PASSWORD = "correct horse";
  private static final String WRONG = "wrong horse";
  private static final Logger AUDIT = (Logger) LoggerFactory.getLogger("registry.audit");

  @TempDir private static Path folder;

  private static final SigningKeyPair KEY = new SigningKeyPair();
  private static RegistryServer server;
  private static TestClient client;

  private final ListAppender<ILoggingEvent> told = new ListAppender<>();

  @BeforeAll
  static void start() throws IOException {
    KEY.writePublicKey(folder.resolve("ops.pem"));
    server =
        RegistryServer.start(
            folder.resolve("store"),
            "--registry.index.mode=embedded",
            "--registry.index.admin.password=battery staple",
            "--registry.auth.privileged-keys=" + folder.resolve("ops.pem"),
            "--registry.auth.limits.requests-per-address=50",
            "--server.forward-headers-strategy=native",
            "--registry.allowed-hosts=*",
            "--spring.datasource.url=jdbc:h2:mem:audit;MODE=PostgreSQL;DB_CLOSE_DELAY=-1");
    client = server.client();
    for (String name : List.of("alice", "bob")) {
      server.bean(Accounts.class).create(new NewAccount(name, PASSWORD, "", false));
    }
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @BeforeEach
  void listen() {
    told.start();
    AUDIT.addAppender(told);
  }

  @AfterEach
  void leave() {
    AUDIT.detachAppender(told);
  }

  @Test
  void whoGuessesHasToWaitAndNobodyElse() {
    for (int i = 1; i <= 10; i++) {
      assertThat(login("alice", WRONG + i, "203.0.113.9").status()).isEqualTo(401);
    }

    Answer throttled = login("alice", WRONG, "203.0.113.9");
    assertThat(throttled.status()).isEqualTo(429);
    assertThat(throttled.header("Retry-After")).matches("[1-9][0-9]*");
    assertThat(throttled.text())
        .isEqualTo("{\"error\": \"Too many failed sign-ins: try again later\"}");
    assertThat(login("alice", PASSWORD, "203.0.113.9").status()).isEqualTo(429);
    // Whatever he writes before the proxy writes his address, and whichever route he takes.
    assertThat(login("alice", PASSWORD, "203.0.113.10, 203.0.113.9").status()).isEqualTo(429);
    assertThat(
            client
                .get("/v1/repositories/alice/app/tags", as("alice", PASSWORD, "203.0.113.9"))
                .status())
        .isEqualTo(429);

    assertThat(login("alice", PASSWORD, "203.0.113.10").status()).isEqualTo(200);
    assertThat(login("bob", PASSWORD, "203.0.113.9").status()).isEqualTo(200);
    assertThat(lines())
        .filteredOn(line -> line.contains("from=203.0.113.9 "))
        .filteredOn(line -> line.contains("user:alice"))
        .hasSize(11)
        .contains(
            "event=sign-in who=user:alice from=203.0.113.9 outcome=failure reason=wrong",
            "event=sign-in who=user:alice from=203.0.113.9 outcome=throttled");
    assertThat(lines())
        .contains(
            "event=sign-in who=user:alice from=203.0.113.10 outcome=success",
            "event=sign-in who=user:bob from=203.0.113.9 outcome=success");
  }

  /** A registry elsewhere asks with the tokens of all its clients, from one address. */
  @Test
  void tokensAreShownAsOftenAsTheyAreNeeded() {
    String[] alice = as("alice", PASSWORD, "203.0.113.20");
    Answer created = client.put("/v1/repositories/alice/often/", "[]", alice);
    assertThat(created.status()).isEqualTo(200);
    String[] shown = {
      "Authorization",
      "Token " + created.header("X-Docker-Token"),
      "X-Forwarded-For",
      "203.0.113.20"
    };

    for (int i = 0; i < 60; i++) {
      assertThat(client.get("/v1/repositories/alice/often/images", shown).status()).isEqualTo(200);
    }
    List<Integer> statuses =
        Stream.generate(() -> client.get("/v1/users/", alice).status()).limit(60).toList();
    assertThat(statuses).startsWith(200, 200, 200).contains(429);
  }

  @Test
  void whoDidWhatFromWhereIsToldWithoutSecrets() {
    TestImage image = TestImage.base("audited", "layer");
    String list = "[{\"id\": \"%s\"}]".formatted(image.id());
    String app = "/v1/repositories/alice/audited";
    Answer created = client.put(app + "/", list, as("alice", PASSWORD, "198.51.100.1"));
    String token = created.header("X-Docker-Token");
    image.putJson(client, token(token));
    image.putLayer(client, token(token));
    image.putChecksum(client, token(token));

    client.get(app + "/tags", as("bob", PASSWORD, "198.51.100.2"));
    client.put(app + "/", list, as("bob", PASSWORD, "198.51.100.2"));
    client.get(image.path("layer"), as("bob", PASSWORD, "198.51.100.2"));
    client.get(app + "/tags", token(token.replace("access=write", "access=delete")));
    client.get(app + "/tags", token(token.replace("audited", "other")));
    client.get(
        app + "/images", token(token.replaceAll(".{10},repository", "AAAAAAAAAA,repository")));
    client.get(app + "/tags", as("no\"body\nevent=sign-in who=admin", WRONG, "198.51.100.3"));
    String signature = KEY.signText("GET," + app + "/images");
    client.get(app + "/images", "X-Signature", signature, "X-Forwarded-For", "198.51.100.4");
    client.get(app + "/tags", "X-Signature", signature, "X-Forwarded-For", "198.51.100.4");

    assertThat(lines())
        .contains(
            "event=sign-in who=user:alice from=198.51.100.1 outcome=success",
            "event=token who=user:alice from=198.51.100.1 outcome=issued"
                + " repository=alice/audited access=write",
            "event=access who=user:bob from=198.51.100.2 outcome=hidden"
                + " repository=alice/audited action=read",
            "event=access who=user:bob from=198.51.100.2 outcome=forbidden"
                + " repository=alice/audited action=write",
            "event=access who=user:bob from=198.51.100.2 outcome=hidden image="
                + image.id()
                + " action=read",
            "event=token who=anonymous from=198.51.100.9 outcome=refused"
                + " repository=alice/audited access=delete reason=elsewhere",
            "event=token who=anonymous from=198.51.100.9 outcome=refused"
                + " repository=alice/other access=write reason=elsewhere",
            "event=token who=anonymous from=198.51.100.9 outcome=refused"
                + " repository=alice/audited access=write reason=invalid",
            "event=sign-in who=\"user:no\\\"body\\u000aevent=sign-in who=admin\""
                + " from=198.51.100.3 outcome=failure reason=wrong",
            "event=privileged who=key:ops.pem from=198.51.100.4 outcome=success method=GET path="
                + app
                + "/images")
        .anyMatch(
            line ->
                line.startsWith("event=privileged who=anonymous from=198.51.100.4 outcome=refused"))
        .allSatisfy(
            line ->
                assertThat(line)
                    .doesNotContain(PASSWORD, WRONG, "signature=v1", "data=", "Basic", "Token"));
  }

  @Test
  void aTokenIsIssuedForAListThatIsOneOnly() {
    for (String path : List.of("/v1/repositories/bob/bad/", "/v1/repositories/bob/bad/images")) {
      Answer refused = client.put(path, "no list", as("bob", PASSWORD, "198.51.100.7"));
      assertThat(refused.status()).isEqualTo(400);
    }
    assertThat(lines()).noneMatch(line -> line.startsWith("event=token who=user:bob"));
  }

  private List<String> lines() {
    return List.copyOf(told.list).stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  private static Answer login(String user, String password, String address) {
    return client.get("/v1/users/", as(user, password, address));
  }

  private static String[] token(String token) {
    return new String[] {"Authorization", "Token " + token, "X-Forwarded-For", "198.51.100.9"};
  }

  private static String[] as(String user, String password, String address) {
    byte[] credentials = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
    return new String[] {
      "Authorization",
      "Basic " + Base64.getEncoder().encodeToString(credentials),
      "X-Forwarded-For",
      address
    };
  }
}
