package io.registry.access.index;

import static io.registry.access.index.Refusals.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.registry.access.auth.Access;
import io.registry.access.auth.AccessToken;
import io.registry.access.auth.Grant;
import io.registry.content.repository.RepositoryName;
import io.registry.platform.database.Database;
import io.registry.platform.problem.Problem;
import io.registry.platform.problem.SetupException;
import io.registry.testkit.PassingClock;
import io.registry.testkit.TestDatabase;
import io.registry.testkit.Together;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;

@Tag("external")
@ParameterizedClass
@EnumSource
class TokensTest {
  private static final RepositoryName APP = new RepositoryName("alice", "app/one");

  @Parameter TestDatabase database = TestDatabase.H2;

  private final PassingClock clock = new PassingClock();
  private final AtomicInteger questions = new AtomicInteger();
  private Tokens tokens;

  @BeforeEach
  void empty() {
    database.emptied();
    tokens = replica();
  }

  /** The tokens of one more process, whose questions to the database are counted. */
  private Tokens replica() {
    DelegatingDataSource counting =
        new DelegatingDataSource(database.shared()) {
          @Override
          public Connection getConnection() throws SQLException {
            questions.incrementAndGet();
            return super.getConnection();
          }
        };
    return IndexReplica.on(counting, clock).tokens();
  }

  @Test
  void keysAreInTheDatabaseAsTheSecretSealedThem() {
    Database stored = new Database(database.shared());
    SigningKeyRows plain = new SigningKeyRows(stored, new KeySeal(""));
    plain.add(1, clock.instant());
    byte[] key = plain.all().get(0).secret();

    SigningKeyRows sealed = new SigningKeyRows(stored, new KeySeal("a".repeat(32)));
    assertThat(sealed.all().get(0).secret()).as("as it was written before").isEqualTo(key);
    sealed.sealAll();
    sealed.add(2, clock.instant());
    assertThat(sealed.all()).hasSize(2);
    assertThat(sealed.all().get(1).secret()).isEqualTo(key);
    assertThat(secrets(stored))
        .hasSize(2)
        .allMatch(secret -> secret.startsWith("sealed:") && secret.length() <= 64)
        .noneMatch(secret -> secret.contains(Base64.getEncoder().encodeToString(key)));
    assertThatThrownBy(() -> new SigningKeyRows(stored, new KeySeal("b".repeat(32))).all())
        .isInstanceOf(SetupException.class)
        .hasMessageContaining("another registry.index.key-secret");
    assertThatThrownBy(plain::all).isInstanceOf(SetupException.class).hasMessageContaining("empty");
  }

  private static List<String> secrets(Database stored) {
    return stored
        .sql("select secret from signing_key")
        .query((row, number) -> row.getString(1))
        .list();
  }

  private static AccessToken shown(String token) {
    return shown(token, APP, Access.READ);
  }

  private static AccessToken shown(String token, RepositoryName repository, Access access) {
    return new AccessToken("Token " + token, repository, access);
  }

  private static String signature(String token) {
    return token.substring(token.indexOf('=') + 1, token.indexOf(','));
  }

  private static String key(String token) {
    return signature(token).split("\\.", -1)[1];
  }

  @Test
  void aTokenIsWhatClientsExpectAndIsKnownAgain() {
    String token = tokens.issue("bob", APP, Access.WRITE);

    assertThat(token)
        .matches("signature=[A-Za-z0-9._~-]+,repository=\"alice/app%2Fone\",access=write");
    assertThat(tokens.verify(shown(token, APP, Access.WRITE)))
        .contains(new Grant("bob", APP, Access.WRITE, Set.of()));
  }

  @Test
  void nobodyAndRobotsHaveTokensToo() {
    for (String user : List.of("", "alice+ci")) {
      assertThat(tokens.verify(shown(tokens.issue(user, APP, Access.READ))))
          .contains(new Grant(user, APP, Access.READ, Set.of()));
    }
  }

  @Test
  void theSchemeMayBeSaidTwice() {
    String token = tokens.issue("bob", APP, Access.READ);

    assertThat(tokens.verify(new AccessToken("Token Token " + token, APP, Access.READ)))
        .isPresent();
    assertThat(tokens.verify(new AccessToken(token, APP, Access.READ))).isPresent();
  }

  @Test
  void aTokenHoldsForItsRepositoryAndAccessOnly() {
    String token = tokens.issue("bob", APP, Access.READ);

    assertThat(tokens.verify(shown(token, APP, Access.WRITE))).isEmpty();
    assertThat(tokens.verify(shown(token, APP, Access.DELETE))).isEmpty();
    assertThat(tokens.verify(shown(token, new RepositoryName("alice", "app"), Access.READ)))
        .isEmpty();
    assertThat(tokens.verify(shown(token, new RepositoryName("bob", "app/one"), Access.READ)))
        .isEmpty();
  }

  @Test
  void noCharacterOfASignatureCanBeChanged() {
    String token = tokens.issue("bob", APP, Access.READ);
    int start = token.indexOf('=') + 1;
    int end = token.indexOf(',');
    for (int at = start; at < end; at++) {
      for (char other : new char[] {'A', 'z', '0', '9', '.', '-'}) {
        // The last character of base64 has bits that say nothing.
        boolean last = at == end - 1;
        if (token.charAt(at) != other && !last) {
          String tampered = token.substring(0, at) + other + token.substring(at + 1);
          assertThat(tokens.verify(shown(tampered))).as(tampered).isEmpty();
        }
      }
    }
  }

  @Test
  void thePartsOfTwoTokensDoNotMakeAThird() {
    String[] mine = signature(tokens.issue("bob", APP, Access.READ)).split("\\.", -1);
    String[] others = signature(tokens.issue("ann", APP, Access.READ)).split("\\.", -1);
    mine[3] = others[3];

    assertThat(tokens.verify(shown("signature=" + String.join(".", mine)))).isEmpty();
  }

  @Test
  void whatIsNoSignatureIsRefused() {
    String token = tokens.issue("bob", APP, Access.READ);
    String signature = signature(token);
    for (String header :
        List.of(
            "",
            "repository=\"alice/app%2Fone\",access=read",
            "signature=,access=read",
            "xsignature=" + signature,
            "signature=" + signature + "x",
            "signature=" + signature + ",signature=" + signature,
            "signature=v1.." + signature,
            "signature=v1.a.99999999999999999999.." + "A".repeat(43))) {
      assertThat(tokens.verify(shown(header))).as(header).isEmpty();
    }
  }

  @Test
  void aTokenExpires() {
    String token = tokens.issue("bob", APP, Access.READ);

    clock.pass(IndexReplica.LIFETIME.minusSeconds(1));
    assertThat(tokens.verify(shown(token))).isPresent();
    clock.pass(Duration.ofSeconds(1));
    assertThat(tokens.verify(shown(token))).isEmpty();
  }

  @Test
  void aNamespaceThatWouldBreakTheHeaderIsRefused() {
    for (String namespace : List.of("a\"b", "a,b", "a b", "a=b")) {
      assertThat(
              refused(() -> tokens.issue("bob", new RepositoryName(namespace, "app"), Access.READ)))
          .isEqualTo(Problem.INVALID);
    }
  }

  @Test
  void replicasThatStartTogetherKnowEachOthersTokens() throws Exception {
    for (int round = 0; round < 5; round++) {
      database.emptied();
      List<Tokens> replicas = List.of(replica(), replica(), replica());
      List<String> issued = Collections.synchronizedList(new ArrayList<>());

      Together.run(
          replicas.stream()
              .<Together.Task>map(each -> () -> issued.add(each.issue("bob", APP, Access.READ)))
              .toList());

      assertThat(issued).extracting(TokensTest::key).containsOnly(key(issued.get(0)));
      for (Tokens replica : replicas) {
        assertThat(issued).allMatch(token -> replica.verify(shown(token)).isPresent());
      }
    }
  }

  @Test
  void aNewKeyIsKnownEverywhereBeforeItSigns() {
    Tokens other = replica();
    assertThat(other.verify(shown(tokens.issue("bob", APP, Access.READ)))).isPresent();
    clock.pass(IndexReplica.ROTATION.minus(SigningKeys.RIPE));
    String old = tokens.issue("bob", APP, Access.READ);
    clock.pass(SigningKeys.RIPE.plusSeconds(1));

    String stillOld = tokens.issue("bob", APP, Access.READ);
    assertThat(key(stillOld)).isEqualTo(key(old));

    clock.pass(SigningKeys.RIPE);
    String renewed = tokens.issue("bob", APP, Access.READ);
    assertThat(key(renewed)).isNotEqualTo(key(old));
    assertThat(key(other.issue("bob", APP, Access.READ))).isEqualTo(key(renewed));
    for (Tokens replica : List.of(tokens, other, replica())) {
      assertThat(List.of(old, stillOld, renewed))
          .allMatch(token -> replica.verify(shown(token)).isPresent());
    }
  }

  @Test
  void replicasThatReplaceAKeyTogetherAgreeOnTheNext() throws Exception {
    List<Tokens> replicas = List.of(replica(), replica(), replica());
    for (int round = 0; round < 5; round++) {
      clock.pass(IndexReplica.ROTATION.plusSeconds(1));
      List<String> issued = Collections.synchronizedList(new ArrayList<>());
      Together.run(
          replicas.stream()
              .<Together.Task>map(
                  each ->
                      () -> {
                        issued.add(each.issue("bob", APP, Access.READ));
                        clock.pass(SigningKeys.RIPE.plusSeconds(1));
                        issued.add(each.issue("bob", APP, Access.READ));
                      })
              .toList());

      for (Tokens replica : replicas) {
        assertThat(issued).allMatch(token -> replica.verify(shown(token)).isPresent());
      }
    }
  }

  @Test
  void aReplicaLearnsAKeyThatItHasNotSeen() {
    Tokens other = replica();
    assertThat(other.verify(shown(tokens.issue("bob", APP, Access.READ)))).isPresent();
    clock.pass(IndexReplica.ROTATION.plusSeconds(1));
    assertThat(tokens.issue("bob", APP, Access.READ)).isNotEmpty();
    clock.pass(SigningKeys.RIPE);

    // It has issued nothing meanwhile, and read no keys.
    assertThat(other.verify(shown(tokens.issue("bob", APP, Access.READ)))).isPresent();
  }

  @Test
  void keysGoWhenNoTokenOfTheirsCanBeAlive() {
    for (int i = 0; i < 4; i++) {
      assertThat(tokens.issue("bob", APP, Access.READ)).isNotEmpty();
      clock.pass(IndexReplica.ROTATION.plusSeconds(1));
    }
    assertThat(tokens.issue("bob", APP, Access.READ)).isNotEmpty();

    // The newest, which does not sign yet, the one that does, and the one before it at most.
    assertThat(new SigningKeyRows(new Database(database.shared()), new KeySeal("")).all())
        .hasSizeBetween(2, 3);
  }

  @Test
  void madeUpKeysDoNotKeepTheDatabaseBusy() {
    String token = tokens.issue("bob", APP, Access.READ);
    int before = questions.get();
    for (int i = 0; i < 500; i++) {
      assertThat(tokens.verify(shown(token.replace(key(token), "made-up-" + i)))).isEmpty();
    }
    assertThat(questions.get() - before).isLessThanOrEqualTo(1);

    clock.pass(SigningKeys.UNKNOWN_PAUSE.plusMillis(1));
    assertThat(tokens.verify(shown(token.replace(key(token), "made-up")))).isEmpty();
    assertThat(questions.get() - before).isBetween(1, 2);
  }

  @Test
  void knownKeysNeedNoDatabase() {
    String token = tokens.issue("bob", APP, Access.READ);
    int before = questions.get();

    assertThat(tokens.verify(shown(token))).isPresent();
    assertThat(questions).hasValue(before);
  }
}
