package io.registry.web.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.access.auth.RepositoryVisibility;
import io.registry.access.index.Accounts;
import io.registry.access.index.Member;
import io.registry.access.index.Namespaces;
import io.registry.access.index.NewAccount;
import io.registry.access.index.PartyKind;
import io.registry.access.index.Role;
import io.registry.content.repository.RepositoryName;
import io.registry.testkit.PassingClock;
import io.registry.testkit.PassingRegistry;
import io.registry.testkit.PostgresServer;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import io.registry.testkit.TestImage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Two registries that share a database and a store, and stand behind one name. */
@Tag("external")
@Tag("slow")
class AccountReplicasHttpTest {
  private static final String PASSWORD = "correct horse";
  private static final Pattern KEY = Pattern.compile("signature=v1\\.([\\w-]+)\\.");

  /** The requests of a push for one image. */
  private static final int STEPS = 6;

  @TempDir private static Path folder;

  private static RegistryServer one;
  private static RegistryServer other;

  @BeforeAll
  static void start() {
    String url = PostgresServer.shared().newDatabase();
    one = startOn(url);
    other = startOn(url);
    for (String name : List.of("alice", "bob")) {
      one.bean(Accounts.class).create(new NewAccount(name, PASSWORD, "", false));
    }
  }

  private static RegistryServer startOn(String url) {
    List<String> arguments = new ArrayList<>(List.of(PostgresServer.arguments(url)));
    arguments.add("--registry.index.admin.password=battery staple");
    arguments.add("--registry.index.key-rotation=1h");
    arguments.add("--registry.auth.anonymous-read=true");
    return PassingRegistry.start(folder, arguments.toArray(String[]::new));
  }

  @AfterAll
  static void stop() {
    for (RegistryServer each : new RegistryServer[] {one, other}) {
      if (each != null) {
        each.close();
      }
    }
  }

  @Test
  void aTokenOfOneIsGoodAtTheOther() {
    TestImage image = TestImage.base("token of one", "layer");
    String token = token(one, "alice", "alice/token", image);

    assertThat(image.putJson(other.client(), auth(token)).status()).isEqualTo(200);
    assertThat(image.putLayer(one.client(), auth(token)).status()).isEqualTo(200);
    assertThat(image.putChecksum(other.client(), auth(token)).status()).isEqualTo(200);
    assertThat(image.path("layer"))
        .satisfies(
            path -> {
              for (RegistryServer each : List.of(one, other)) {
                assertThat(each.client().get(path, auth(token)).bytes()).isEqualTo(image.layer());
                assertThat(each.client().get(path, basic("bob")).status()).isEqualTo(404);
              }
            });
  }

  @Test
  void whatIsChangedAtOneCountsAtTheOtherWithTheNextRequest() {
    Accounts accounts = one.bean(Accounts.class);
    TestImage image = TestImage.base("changed at one", "layer");
    accounts.create(new NewAccount("carol", PASSWORD, "", false));
    assertThat(login(other, basic("carol"))).isEqualTo(200);

    String token = token(other, "carol", "carol/app", image);
    push(other.client(), auth(token), "carol/app", image);
    String path = image.path("layer");
    assertThat(other.client().get(path, auth(token)).status()).isEqualTo(200);

    accounts.setPassword("carol", "another horse");
    assertThat(login(other, basic("carol"))).isEqualTo(401);
    assertThat(login(other, basic("carol", "another horse"))).isEqualTo(200);
    assertThat(other.client().get(path, auth(token)).status()).isEqualTo(401);

    accounts.setActive("carol", false);
    assertThat(login(other, basic("carol", "another horse"))).isEqualTo(403);
    assertThat(other.client().get(path, basic("carol", "another horse")).status()).isEqualTo(403);
    assertThat(other.client().get(path, auth(token)).status()).isIn(401, 404);
    assertThat(
            other
                .client()
                .put("/v1/repositories/carol/app/tags/v2", '"' + image.id() + '"', auth(token))
                .status())
        .isIn(401, 403);

    accounts.setActive("carol", true);
    assertThat(other.client().get(path, basic("carol", "another horse")).status()).isEqualTo(200);
  }

  @Test
  void membersAndVisibilityThatAreChangedAtOneCountAtTheOther() {
    TestImage image = TestImage.base("members", "layer");
    push(one.client(), auth(token(one, "alice", "alice/members", image)), "alice/members", image);
    String path = image.path("layer");
    String tags = "/v1/repositories/alice/members/tags";
    RepositoryName repository = RepositoryName.parse("alice/members");
    assertThat(other.client().get(tags, basic("bob")).status()).isEqualTo(404);

    Namespaces namespaces = one.bean(Namespaces.class);
    Member bob = new Member(PartyKind.ACCOUNT, "bob");
    namespaces.setMember("alice", bob, Role.READ);
    assertThat(other.client().get(tags, basic("bob")).status()).isEqualTo(200);
    assertThat(other.client().get(path, basic("bob")).status()).isEqualTo(200);
    namespaces.removeMember("alice", bob);
    assertThat(other.client().get(tags, basic("bob")).status()).isEqualTo(404);
    assertThat(other.client().get(path, basic("bob")).status()).isEqualTo(404);

    one.bean(RepositoryVisibility.class).setPrivate(repository, false);
    assertThat(other.client().get(tags).status()).isEqualTo(200);
    assertThat(other.client().get(path).status()).isEqualTo(200);
    one.bean(RepositoryVisibility.class).setPrivate(repository, true);
    assertThat(other.client().get(tags).status()).isEqualTo(401);
    assertThat(other.client().get(path).status()).isEqualTo(401);
  }

  @Test
  void aRepositoryThatIsOpenedAtOneIsPulledFromTheOther() {
    TestImage image = TestImage.base("opened at one", "layer");
    push(one.client(), auth(token(one, "alice", "alice/opened", image)), "alice/opened", image);
    one.bean(RepositoryVisibility.class).setPrivate(RepositoryName.parse("alice/opened"), false);
    assertThat(other.client().get(image.path("layer"), basic("bob")).status()).isEqualTo(404);

    assertThat(one.client().get("/v1/repositories/alice/opened/tags", basic("bob")).status())
        .isEqualTo(200);

    assertThat(other.client().get(image.path("layer"), basic("bob")).bytes())
        .isEqualTo(image.layer());
  }

  @Test
  void aKeyThatOneRotatesLogsNobodyOutAtTheOther() {
    TestImage image = TestImage.base("rotated", "layer");
    String old = token(other, "alice", "alice/rotated", image);
    push(one.client(), auth(old), "alice/rotated", image);

    pass(Duration.ofHours(2));
    // Makes the next key, which does not sign before all others may know it.
    String between = token(one, "alice", "alice/rotated", image);
    assertThat(key(between)).isEqualTo(key(old));
    pass(Duration.ofMinutes(5));
    String next = token(one, "alice", "alice/rotated", image);
    assertThat(key(next)).isNotEqualTo(key(old));

    for (RegistryServer each : List.of(other, one)) {
      for (String token : List.of(next, between, old)) {
        assertThat(each.client().get(image.path("layer"), auth(token)).status()).isEqualTo(200);
      }
    }
    assertThat(key(token(other, "alice", "alice/rotated", image))).isEqualTo(key(next));
  }

  @ParameterizedTest
  @MethodSource("splits")
  void aPushThatGoesOnAtTheOtherIsDone(int split, boolean tokens) {
    String name = "alice/split-" + split + "-" + tokens;
    TestImage image = TestImage.base(name, "layer of " + name);

    pushSplit(split, tokens, "alice", name, image);

    for (RegistryServer each : List.of(one, other)) {
      Answer layer = each.client().get(image.path("layer"), basic("alice"));
      assertThat(layer.bytes()).isEqualTo(image.layer());
      assertThat(each.client().get(image.path("layer"), basic("bob")).status()).isEqualTo(404);
    }
  }

  /** The image is there, and somebody who may not know that has to show its bytes. */
  @ParameterizedTest
  @MethodSource("splits")
  void thePushOfTheSameBytesBySomebodyElseGoesOnAtTheOther(int split, boolean tokens) {
    String suffix = "/same-" + split + "-" + tokens;
    TestImage image = TestImage.base(suffix, "layer of " + suffix);
    pushSplit(0, true, "alice", "alice" + suffix, image);

    pushSplit(split, tokens, "bob", "bob" + suffix, image);

    for (RegistryServer each : List.of(one, other)) {
      for (String user : List.of("alice", "bob")) {
        Answer layer = each.client().get(image.path("layer"), basic(user));
        assertThat(layer.bytes()).isEqualTo(image.layer());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("splits")
  void aPushOfOtherBytesIsRefusedWhereverItGoesOn(int split, boolean tokens) {
    String suffix = "/guessed-" + split + "-" + tokens;
    TestImage image = TestImage.base(suffix, "layer of " + suffix);
    pushSplit(0, true, "alice", "alice" + suffix, image);
    TestImage guessed = image.withLayer("guessed".getBytes(StandardCharsets.UTF_8));
    String token = tokens ? token(one, "bob", "bob" + suffix, image) : "";

    List<Integer> statuses =
        statuses(split, 0, tokens ? auth(token) : basic("bob"), "bob" + suffix, guessed);

    // What bob sends is kept beside the image until the checksum shows that it is another image.
    assertThat(statuses).containsExactly(200, 200, 200, 409, 404, 204);
    for (RegistryServer each : List.of(one, other)) {
      assertThat(each.client().get(image.path("layer"), basic("bob")).status()).isEqualTo(404);
      assertThat(each.client().get(image.path("layer"), basic("alice")).bytes())
          .isEqualTo(image.layer());
    }
  }

  private static Stream<Arguments> splits() {
    return IntStream.range(1, STEPS)
        .boxed()
        .flatMap(split -> Stream.of(Arguments.of(split, true), Arguments.of(split, false)));
  }

  private static void pushSplit(
      int split, boolean tokens, String user, String repository, TestImage image) {
    // With a token the first request was made, as it gives the token.
    String token = tokens ? token(split > 0 ? one : other, user, repository, image) : "";
    List<Integer> statuses =
        statuses(split, tokens ? 1 : 0, tokens ? auth(token) : basic(user), repository, image);
    assertThat(statuses)
        .isEqualTo(
            tokens ? List.of(200, 200, 200, 200, 204) : List.of(200, 200, 200, 200, 200, 204));
  }

  private static List<Integer> statuses(
      int split, int from, String[] credentials, String repository, TestImage image) {
    String path = "/v1/repositories/" + repository;
    List<Function<TestClient, Answer>> steps =
        List.of(
            client -> client.put(path + "/", list(image), credentials),
            client -> image.putJson(client, credentials),
            client -> image.putLayer(client, credentials),
            client -> image.putChecksum(client, credentials),
            client -> client.put(path + "/tags/latest", '"' + image.id() + '"', credentials),
            client -> client.put(path + "/images", "[]", credentials));
    return IntStream.range(from, STEPS)
        .mapToObj(step -> steps.get(step).apply((step < split ? one : other).client()).status())
        .toList();
  }

  private static void push(
      TestClient client, String[] credentials, String repository, TestImage image) {
    assertThat(image.putJson(client, credentials).status()).isEqualTo(200);
    assertThat(image.putLayer(client, credentials).status()).isEqualTo(200);
    assertThat(image.putChecksum(client, credentials).status()).isEqualTo(200);
    Answer tag =
        client.put(
            "/v1/repositories/" + repository + "/tags/latest", '"' + image.id() + '"', credentials);
    assertThat(tag.status()).isEqualTo(200);
  }

  private static String token(
      RegistryServer server, String user, String repository, TestImage image) {
    Answer answer =
        server.client().put("/v1/repositories/" + repository + "/", list(image), basic(user));
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return answer.header("X-Docker-Token");
  }

  private static String key(String token) {
    Matcher key = KEY.matcher(token);
    assertThat(key.find()).as(token).isTrue();
    return key.group(1);
  }

  private static void pass(Duration time) {
    for (RegistryServer each : List.of(one, other)) {
      ((PassingClock) each.bean(Clock.class)).pass(time);
    }
  }

  private static int login(RegistryServer server, String[] credentials) {
    return server.client().get("/v1/users/", credentials).status();
  }

  private static String list(TestImage image) {
    return Collections.singletonList("{\"id\": \"%s\"}".formatted(image.id())).toString();
  }

  private static String[] auth(String token) {
    return new String[] {"Authorization", "Token " + token};
  }

  private static String[] basic(String user) {
    return basic(user, PASSWORD);
  }

  private static String[] basic(String user, String password) {
    byte[] credentials = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
    return new String[] {
      "Authorization", "Basic " + Base64.getEncoder().encodeToString(credentials)
    };
  }
}
