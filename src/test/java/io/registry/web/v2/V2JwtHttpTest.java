package io.registry.web.v2;

import static io.registry.web.v2.V2Stage.PASSWORD;
import static io.registry.web.v2.V2Stage.basic;
import static io.registry.web.v2.V2Stage.bearer;
import static io.registry.web.v2.V2Stage.code;
import static io.registry.web.v2.V2Stage.names;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import io.registry.testkit.FakeIndex;
import io.registry.testkit.PassingClock;
import io.registry.testkit.PassingRegistry;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.SigningKeyPair;
import io.registry.testkit.TestClient;
import io.registry.testkit.TestClient.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** The tokens of a token service elsewhere. */
@ExtendWith(OutputCaptureExtension.class)
class V2JwtHttpTest {
  private static final String ISSUER = "tokens of Example";
  private static final String SERVICE = "registry.example.org";
  private static final String REALM = "https://tokens.example.org/token";
  private static final Instant NOW = Instant.parse("2013-03-26T12:00:00Z");
  private static final Date SOON = Date.from(NOW.plusSeconds(300));
  private static final String[] ADMIN = basic("admin", PASSWORD);
  private static final SigningKeyPair OPERATOR = new SigningKeyPair();

  @TempDir private static Path folder;

  private static ECKey ec;
  private static RSAKey rsa;
  private static RegistryServer server;
  private static TestClient client;
  private static V2Probe probe;

  @BeforeAll
  static void start() throws Exception {
    ec = new ECKeyGenerator(Curve.P_256).keyID("ec").generate();
    rsa = new RSAKeyGenerator(2048).keyID("rsa").generate();
    Path file = writeKeys("keys.json", ec, rsa);
    OPERATOR.writePublicKey(folder.resolve("ops.pem"));
    server =
        start(
            "store",
            V2Stage.accounts(
                "v2-jwt", "--registry.auth.privileged-keys=" + folder.resolve("ops.pem")),
            file.toString());
    client = server.client();
    probe = V2Probe.at(server);
    V2Stage.push(server, "team/hidden", ADMIN);
    V2Stage.push(server, "team/other", ADMIN);
    V2Stage.setVisibility(server, "team/other", "public", ADMIN);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static Path writeKeys(String name, JWK... keys) throws IOException {
    String json = new JWKSet(List.of(keys)).toString();
    return Files.writeString(folder.resolve(name), json);
  }

  private static RegistryServer start(String store, List<String> mode, String jwks) {
    List<String> arguments = new ArrayList<>(mode);
    arguments.addAll(
        List.of(
            "--registry.v2.token.realm=" + REALM,
            "--registry.v2.token.service=" + SERVICE,
            "--registry.v2.token.issuer=" + ISSUER,
            "--registry.v2.token.jwks=" + jwks));
    return PassingRegistry.start(folder.resolve(store), arguments.toArray(String[]::new));
  }

  private static Map<String, Object> access(String type, String name, String... actions) {
    return Map.of("type", type, "name", name, "actions", List.of(actions));
  }

  private static JWTClaimsSet.Builder claims(List<Map<String, Object>> access) {
    return new JWTClaimsSet.Builder()
        .issuer(ISSUER)
        .subject("zoe")
        .audience(SERVICE)
        .issueTime(Date.from(NOW.minusSeconds(600)))
        .notBeforeTime(Date.from(NOW.minusSeconds(600)))
        .expirationTime(SOON)
        .jwtID("1")
        .claim("access", access);
  }

  private static JWTClaimsSet.Builder pull() {
    return claims(List.of(access("repository", "team/hidden", "pull")));
  }

  private static String signed(JWTClaimsSet claims) {
    return signed(claims, ec, "ec");
  }

  private static String signed(JWTClaimsSet claims, ECKey key, String id) {
    try {
      SignedJWT jwt =
          new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(id).build(), claims);
      jwt.sign(new ECDSASigner(key));
      return jwt.serialize();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String signedByRsa(JWTClaimsSet claims) throws JOSEException {
    SignedJWT jwt =
        new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("rsa").build(), claims);
    jwt.sign(new RSASSASigner(rsa));
    return jwt.serialize();
  }

  @Test
  void theChallengeNamesTheServiceElsewhere() {
    for (String[] credentials : new String[][] {{}, ADMIN, bearer("x")}) {
      Answer answer = client.get("/v2/", credentials);
      assertThat(answer.status()).isEqualTo(401);
      assertThat(code(answer)).isEqualTo("UNAUTHORIZED");
      assertThat(answer.header("WWW-Authenticate"))
          .isEqualTo("Bearer realm=\"" + REALM + "\",service=\"" + SERVICE + "\"");
    }
    assertThat(client.get("/v2/team/hidden/manifests/v1").header("WWW-Authenticate"))
        .endsWith("\",scope=\"repository:team/hidden:pull\"");
    assertThat(client.get("/v2/token", ADMIN).status()).isEqualTo(404);
  }

  @Test
  void aTokenAllowsWhatItSays() throws JOSEException {
    for (String token : List.of(signed(pull().build()), signedByRsa(pull().build()))) {
      assertThat(client.get("/v2/", bearer(token)).status()).isEqualTo(200);
      assertThat(names(client.get("/v2/team/hidden/tags/list", bearer(token)), "tags"))
          .containsExactly("v1");
      assertThat(client.get("/v2/team/hidden/manifests/v1", bearer(token)).status()).isEqualTo(200);
      // The service does not say so, whoever may read it over V1.
      assertThat(client.get("/v2/team/other/tags/list", bearer(token)).status()).isEqualTo(401);
      assertThat(client.get("/v2/team/none/tags/list", bearer(token)).status()).isEqualTo(401);
      assertThat(client.get("/v2/_catalog", bearer(token)).status()).isEqualTo(401);
    }
  }

  @Test
  void pushAloneDoesNotPullAndAStarDoes() {
    String push = signed(claims(List.of(access("repository", "team/hidden", "push"))).build());
    String all = signed(claims(List.of(access("repository", "team/hidden", "*"))).build());

    assertThat(client.get("/v2/team/hidden/tags/list", bearer(push)).status()).isEqualTo(401);
    assertThat(client.get("/v2/team/hidden/tags/list", bearer(all)).status()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource({
    "pull, 401, 401, false",
    "push, 200, 401, false",
    "delete, 401, 200, false",
    "'pull,push', 200, 401, false",
    "'pull,push,delete', 200, 200, true",
    "*, 200, 200, true"
  })
  void eachActionCountsForItself(String actions, int push, int delete, boolean mount) {
    List<Map<String, Object>> access =
        new ArrayList<>(List.of(access("repository", "team/hidden", actions.split(","))));
    if (mount) {
      access.add(access("repository", "team/other", "pull"));
    }
    String[] token = bearer(signed(claims(access).build()));

    assertThat(probe.push("team/hidden", token)).isEqualTo(push);
    assertThat(probe.delete("team/hidden", token)).isEqualTo(delete);
    assertThat(probe.push("team/none", token)).isEqualTo(401);
    if (push == 200) {
      assertThat(probe.mount("team/hidden", "team/other", token)).isEqualTo(String.valueOf(mount));
      assertThat(probe.mount("team/hidden", "team/none", token)).isEqualTo("false");
    }
    assertThat(probe.push("team/hidden", ADMIN)).isEqualTo(401);
  }

  @Test
  void theChallengeNamesWhatARequestNeeds() {
    String[] token = bearer(signed(pull().build()));
    assertThat(client.post("/v2/team/hidden/blobs/uploads/", "", token).header("WWW-Authenticate"))
        .endsWith(",scope=\"repository:team/hidden:pull,push\"");
    assertThat(client.delete("/v2/team/hidden/manifests/v1", token).header("WWW-Authenticate"))
        .endsWith(",scope=\"repository:team/hidden:pull,push,delete\"");
  }

  @Test
  void theCatalogNeedsARightOfItsOwn() {
    String token = signed(claims(List.of(access("registry", "catalog", "*"))).build());

    assertThat(names(client.get("/v2/_catalog", bearer(token)), "repositories"))
        .containsExactly("team/hidden", "team/other");
    assertThat(client.get("/v2/team/hidden/tags/list", bearer(token)).status()).isEqualTo(401);
  }

  @Test
  void anAnonymousTokenNeedNotSayWhoseItIs() {
    String token = signed(pull().subject("").build());

    assertThat(client.get("/v2/team/hidden/tags/list", bearer(token)).status()).isEqualTo(200);
  }

  @Test
  void accessThatIsNotAsItShouldBeGivesNothing() {
    for (Object access : List.of("team/hidden", List.of("x", 1, Map.of("type", "repository")))) {
      String token = signed(pull().claim("access", access).build());
      assertThat(client.get("/v2/", bearer(token)).status()).isEqualTo(200);
      assertThat(client.get("/v2/team/hidden/tags/list", bearer(token)).status()).isEqualTo(401);
    }
  }

  @Test
  void aPrivilegedKeyNeedsNoToken() {
    String signature = OPERATOR.signText("GET,/v2/team/hidden/tags/list");
    assertThat(client.get("/v2/team/hidden/tags/list", "X-Signature", signature).status())
        .isEqualTo(200);
  }

  @Test
  void v1GoesOnAsBefore() {
    assertThat(client.get("/v1/repositories/team/hidden/tags", ADMIN).status()).isEqualTo(200);
    assertThat(client.get("/v1/repositories/team/hidden/tags").status()).isEqualTo(401);
    assertThat(
            client
                .get("/v1/repositories/team/hidden/tags", bearer(signed(pull().build())))
                .status())
        .isEqualTo(401);
  }

  private static Stream<String[]> badTokens() throws JOSEException {
    JWTClaimsSet good = pull().build();
    SignedJWT symmetric =
        new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("ec").build(), good);
    symmetric.sign(new MACSigner(ec.toPublicJWK().toJSONString()));
    ECKey stranger = new ECKeyGenerator(Curve.P_256).keyID("ec").generate();
    String token = signed(good);
    return Stream.of(
        new String[] {"another issuer", signed(pull().issuer("another").build()), "iss claim"},
        new String[] {"another audience", signed(pull().audience("b").build()), "aud claim"},
        new String[] {"no audience", signed(pull().audience((String) null).build()), "aud claim"},
        new String[] {
          "expired",
          signed(pull().expirationTime(Date.from(NOW.minusSeconds(61))).build()),
          "Jwt expired"
        },
        new String[] {"no end", signed(pull().expirationTime(null).build()), "exp"},
        new String[] {
          "not yet", signed(pull().notBeforeTime(Date.from(NOW.plusSeconds(61))).build()), "before"
        },
        new String[] {"not signed", new PlainJWT(good).serialize(), "not signed by a key"},
        new String[] {"signed with the public key", symmetric.serialize(), "not signed by a key"},
        new String[] {"of an unknown key", signed(good, stranger, "new"), "not signed by a key"},
        new String[] {"of a false key", signed(good, stranger, "ec"), "not signed by a key"},
        new String[] {"changed", token.replaceFirst("\\.[^.]+\\.", ".e30."), "not signed by a key"},
        new String[] {"of no form", "secret-that-is-no-token", "malformed"});
  }

  @ParameterizedTest
  @MethodSource("badTokens")
  void aTokenThatIsNotGoodIsRefused(String what, String token, String why, CapturedOutput output) {
    for (String path : List.of("/v2/", "/v2/team/hidden/tags/list")) {
      Answer answer = client.get(path, bearer(token));
      assertThat(answer.status()).as(what).isEqualTo(401);
      assertThat(code(answer)).isEqualTo("UNAUTHORIZED");
      assertThat(answer.header("WWW-Authenticate")).startsWith("Bearer realm=\"" + REALM);
    }
    // Another test may have had the same reason told.
    List<String> first = List.of("another issuer", "expired", "no end", "not yet");
    assertThat(output.toString().lines().filter(line -> line.contains(why)).count())
        .isBetween(first.contains(what) ? 1L : 0L, 1L);
    assertThat(output.toString()).doesNotContain(token).doesNotContain("Exception");
  }

  @Test
  void aHugeTokenIsRefused(CapturedOutput output) {
    Answer answer = client.get("/v2/", bearer("a".repeat(7_500)));
    assertThat(answer.status()).isEqualTo(401);
    assertThat(code(answer)).isEqualTo("UNAUTHORIZED");
    Answer larger = client.get("/v2/", bearer("a".repeat(100_000)));
    assertThat(larger.status()).isIn(400, 401, 431);
    assertThat(output.toString()).doesNotContain("aaaaaaaa");
  }

  @Test
  void aRefusalIsOneLineInTheLog(CapturedOutput output) throws JOSEException {
    String token = signed(pull().issuer("yet another").audience("and another").build());
    for (int i = 0; i < 3; i++) {
      assertThat(client.get("/v2/", bearer(token)).status()).isEqualTo(401);
    }
    assertThat(output.toString().lines().filter(line -> line.contains("outcome=refused")))
        .hasSize(1)
        .allMatch(line -> line.contains("event=token") && line.contains("from=127.0.0.1"));
  }

  @Test
  void keysOfAUrlAreReadWhenTheyAreNeededAndAnew() throws Exception {
    try (FakeIndex keys = FakeIndex.start()) {
      keys.always(FakeIndex.status(503));
      try (RegistryServer remote =
          start("of a url", List.of("--registry.index.mode=standalone"), keys.endpoint() + "/k")) {
        String token = signed(pull().build());
        Answer away = remote.client().get("/v2/", bearer(token));
        assertThat(away.status()).isEqualTo(503);
        assertThat(code(away)).isEqualTo("UNAVAILABLE");

        PassingClock clock = (PassingClock) remote.bean(Clock.class);
        keys.always(FakeIndex.body(200, new JWKSet(ec.toPublicJWK()).toString()));
        clock.pass(Duration.ofSeconds(2));
        assertThat(remote.client().get("/v2/", bearer(token)).status()).isEqualTo(200);
        assertThat(remote.client().get("/v2/").status()).isEqualTo(401);
        int before = keys.timesAsked();
        assertThat(remote.client().get("/v2/", bearer(token)).status()).isEqualTo(200);
        assertThat(keys.timesAsked()).isEqualTo(before);

        ECKey next = new ECKeyGenerator(Curve.P_256).keyID("next").generate();
        keys.always(FakeIndex.body(200, new JWKSet(next.toPublicJWK()).toString()));
        clock.pass(Duration.ofSeconds(11));
        String renewed = signed(pull().build(), next, "next");
        assertThat(remote.client().get("/v2/", bearer(renewed)).status()).isEqualTo(200);

        keys.always(FakeIndex.status(500));
        clock.pass(Duration.ofMinutes(2));
        assertThat(remote.client().get("/v2/", bearer(renewed)).status()).isEqualTo(200);
      }
    }
  }

  @Test
  void aRegistryWithoutAccountsAsksForTokensToo(CapturedOutput output) {
    try (RegistryServer open =
        start(
            "open",
            List.of("--registry.index.mode=standalone"),
            folder.resolve("keys.json").toString())) {
      V2Stage.push(open, "team/hidden");
      TestClient anybody = open.client();

      assertThat(anybody.get("/v2/").status()).isEqualTo(401);
      assertThat(anybody.get("/v2/team/hidden/tags/list").status()).isEqualTo(401);
      String[] token = bearer(signed(pull().build()));
      assertThat(anybody.get("/v2/team/hidden/tags/list", token).status()).isEqualTo(200);
      assertThat(output).contains("registry.v2.token.* protects /v2/ only");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"realm", "service", "issuer", "jwks"})
  void aSettingThatIsMissingIsNamed(String missing) throws IOException {
    List<String> arguments =
        Stream.of(
                "realm=" + REALM,
                "service=" + SERVICE,
                "issuer=" + ISSUER,
                "jwks=" + folder.resolve("keys.json"))
            .filter(each -> !each.startsWith(missing))
            .map(each -> "--registry.v2.token." + each)
            .toList();
    assertThatThrownBy(
            () -> RegistryServer.start(folder.resolve("missing"), arguments.toArray(String[]::new)))
        .hasStackTraceContaining("registry.v2.token." + missing);
  }

  @Test
  void aFileThatHoldsNoKeysIsNamed() throws IOException {
    Path empty = Files.writeString(folder.resolve("empty.json"), "{\"keys\": []}");
    Path absent = folder.resolve("absent.json");
    Path broken = Files.writeString(folder.resolve("broken.json"), "-----BEGIN PUBLIC KEY-----");
    for (Path file : List.of(empty, absent, broken)) {
      assertThatThrownBy(() -> start("keyless", List.of(), file.toString()))
          .hasStackTraceContaining("registry.v2.token.jwks")
          .hasStackTraceContaining(file.toString());
    }
  }
}
