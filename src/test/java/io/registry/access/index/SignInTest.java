package io.registry.access.index;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.access.auth.Caller;
import io.registry.access.auth.SignIn;
import io.registry.access.auth.SignIn.Result;
import io.registry.platform.problem.Problem;
import io.registry.testkit.PassingClock;
import io.registry.testkit.RegistryServer;
import io.registry.testkit.TestDatabase;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.security.crypto.password.PasswordEncoder;

@Tag("external")
@ParameterizedClass
@EnumSource
class SignInTest {
  private static final Result REFUSED = new Result.Refused();

  @Parameter TestDatabase database = TestDatabase.H2;

  private final PassingClock clock = new PassingClock();
  private final CountingEncoder encoder = new CountingEncoder();
  private final PasswordHashes hashes =
      new PasswordHashes(encoder, 8, Duration.ofMinutes(1), new PasswordRules(8));
  private IndexReplica index;
  private SignIn signIn;

  @BeforeEach
  void empty() {
    index = IndexReplica.on(database.emptied(), clock);
    index.admin("root");
    add("alice", IndexReplica.PASSWORD, false);
    signIn = index.signIn(new RememberedPasswords(new StoredPasswords(hashes), () -> "", clock));
    encoder.comparisons.set(0);
  }

  private void add(String name, String password, boolean mustChange) {
    assertThat(
            index
                .rows()
                .insert(
                    name,
                    "",
                    Optional.of(hashes.hash(password)),
                    false,
                    mustChange,
                    clock.instant()))
        .isTrue();
  }

  private static Result signedIn(String name) {
    return new Result.SignedIn(new Caller.Account(name, false));
  }

  @Test
  void theRightPasswordLetsIn() {
    assertThat(signIn.signIn("alice", IndexReplica.PASSWORD)).isEqualTo(signedIn("alice"));
    assertThat(signIn.signIn("alice", "wrong horse")).isEqualTo(REFUSED);
    assertThat(signIn.signIn("alice", "")).isEqualTo(REFUSED);
    assertThat(signIn.signIn("Alice", IndexReplica.PASSWORD)).isEqualTo(REFUSED);
    assertThat(signIn.signIn("", "")).isEqualTo(REFUSED);
  }

  @Test
  void adminsAreTold() {
    index.accounts().setAdmin("alice", true);

    assertThat(signIn.signIn("alice", IndexReplica.PASSWORD))
        .isEqualTo(new Result.SignedIn(new Caller.Account("alice", true)));
  }

  @Test
  void nobodyLearnsFromTheEffortWhoHasAnAccount() {
    for (String name : List.of("alice", "nobody", "No/Name", "a\u0000b", "library")) {
      encoder.comparisons.set(0);
      assertThat(signIn.signIn(name, "wrong horse")).isEqualTo(REFUSED);
      assertThat(encoder.comparisons).as(name).hasValue(1);
    }
    encoder.comparisons.set(0);
    assertThat(signIn.signIn("alice", "x".repeat(100))).isEqualTo(REFUSED);
    assertThat(encoder.comparisons).hasValue(1);
  }

  @Test
  void whatTheHashDoesNotSeeIsNotGuessed() {
    add("bob", "x".repeat(72), false);

    assertThat(signIn.signIn("bob", "x".repeat(73))).isEqualTo(REFUSED);
    assertThat(signIn.signIn("bob", "x".repeat(72))).isEqualTo(signedIn("bob"));
  }

  @Test
  void whoIsDisabledIsToldOnlyWithTheRightPassword() {
    index.accounts().setActive("alice", false);

    assertThat(signIn.signIn("alice", IndexReplica.PASSWORD)).isEqualTo(new Result.Inactive());
    assertThat(signIn.signIn("alice", "wrong horse")).isEqualTo(REFUSED);
  }

  @Test
  void aPasswordForOneUseHasToBeChanged() {
    add("bob", "one-time", true);
    assertThat(signIn.signIn("bob", "one-time"))
        .isEqualTo(new Result.MustChangePassword(new Caller.Account("bob", false)));

    index.accounts().setPassword("bob", "another horse");
    assertThat(signIn.signIn("bob", "another horse")).isEqualTo(signedIn("bob"));
    assertThat(signIn.signIn("bob", "one-time")).isEqualTo(REFUSED);
  }

  @Test
  void aRightPasswordIsComparedOnceInAWhile() {
    for (int i = 0; i < 3; i++) {
      assertThat(signIn.signIn("alice", IndexReplica.PASSWORD)).isEqualTo(signedIn("alice"));
    }
    assertThat(encoder.comparisons).hasValue(1);

    clock.pass(RememberedPasswords.MEMORY.plus(Duration.ofSeconds(1)));
    assertThat(signIn.signIn("alice", IndexReplica.PASSWORD)).isEqualTo(signedIn("alice"));
    assertThat(encoder.comparisons).hasValue(2);
  }

  @Test
  void aWrongPasswordIsComparedEachTime() {
    for (int i = 0; i < 3; i++) {
      assertThat(signIn.signIn("alice", "wrong horse")).isEqualTo(REFUSED);
    }
    assertThat(encoder.comparisons).hasValue(3);
  }

  @Test
  void whatIsRememberedEndsWithTheVersionOfTheAccount() {
    assertThat(signIn.signIn("alice", IndexReplica.PASSWORD)).isEqualTo(signedIn("alice"));
    index.accounts().setPassword("alice", "another horse");
    assertThat(signIn.signIn("alice", IndexReplica.PASSWORD)).isEqualTo(REFUSED);

    assertThat(signIn.signIn("alice", "another horse")).isEqualTo(signedIn("alice"));
    index.accounts().setActive("alice", false);
    assertThat(signIn.signIn("alice", "another horse")).isEqualTo(new Result.Inactive());

    index.accounts().remove("alice");
    assertThat(signIn.signIn("alice", "another horse")).isEqualTo(REFUSED);
  }

  @Test
  void robotsSignInWithEachOfTheirSecretsWhileItHolds() {
    index.robots().create("alice", "ci", Role.READ);
    IssuedCredential first =
        index.robots().issue("alice", "ci", Optional.of(clock.instant().plusSeconds(60)));
    IssuedCredential second = index.robots().issue("alice", "ci", Optional.empty());

    assertThat(signIn.signIn("alice+ci", first.secret())).isEqualTo(signedIn("alice+ci"));
    assertThat(signIn.signIn("alice+ci", second.secret())).isEqualTo(signedIn("alice+ci"));
    assertThat(signIn.signIn("alice+ci", IndexReplica.PASSWORD)).isEqualTo(REFUSED);
    assertThat(signIn.signIn("alice", first.secret())).isEqualTo(REFUSED);
    assertThat(signIn.signIn("bob+ci", first.secret())).isEqualTo(REFUSED);
    assertThat(signIn.signIn("\u0000+\u0000", first.secret())).isEqualTo(REFUSED);

    index.robots().revoke("alice", "ci", second.id());
    clock.pass(Duration.ofSeconds(60));
    assertThat(signIn.signIn("alice+ci", first.secret())).isEqualTo(REFUSED);
    assertThat(signIn.signIn("alice+ci", second.secret())).isEqualTo(REFUSED);
  }

  @Test
  void aDirectoryIsAskedInPlaceOfWhatIsStored() {
    FakeDirectory directory = new FakeDirectory("alice", "of the directory");
    SignIn asking = asking(directory);

    assertThat(asking.signIn("alice", IndexReplica.PASSWORD)).isEqualTo(REFUSED);
    assertThat(asking.signIn("alice", "of the directory")).isEqualTo(signedIn("alice"));
    assertThat(asking.signIn("alice", "of the directory")).isEqualTo(signedIn("alice"));
    assertThat(directory.questions).hasValue(2);
    index.accounts().setActive("alice", false);
    assertThat(asking.signIn("alice", "of the directory")).isEqualTo(new Result.Inactive());
  }

  @Test
  void whomTheDirectoryKnowsHasAnAccountFromTheFirstSignInOn() {
    SignIn asking = asking(new FakeDirectory("dora", "of the directory"));

    assertThat(asking.signIn("dora", "wrong horse")).isEqualTo(REFUSED);
    assertThat(index.accounts().find("dora")).isEmpty();
    assertThat(asking.signIn("dora", "of the directory")).isEqualTo(signedIn("dora"));
    assertThat(index.permissions().role("dora", "dora")).contains(Role.ADMIN);
    assertThat(signIn.signIn("dora", "of the directory")).isEqualTo(REFUSED);
  }

  @Test
  void theDirectoryIsNotAskedForWhatCannotBe() {
    FakeDirectory directory = new FakeDirectory("Dora", "");
    SignIn asking = asking(directory);

    assertThat(asking.signIn("dora", "")).isEqualTo(REFUSED);
    assertThat(asking.signIn("Dora", "of the directory")).isEqualTo(REFUSED);
    assertThat(asking.signIn("alice+ci", "secret")).isEqualTo(REFUSED);
    assertThat(directory.questions).hasValue(0);
  }

  @Test
  void aDirectoryThatIsAwayIsNoRefusal() {
    FakeDirectory directory = new FakeDirectory("alice", "of the directory");
    directory.away = true;
    SignIn asking = asking(directory);

    assertThat(Refusals.find(() -> asking.signIn("alice", "of the directory")))
        .contains(Problem.UNAVAILABLE);
  }

  private SignIn asking(FakeDirectory directory) {
    return index.signIn(
        new RememberedPasswords(
            new ProvidedPasswords(directory, index.rows(), false, clock), () -> "", clock));
  }

  /** Counts what is expensive. */
  private static final class CountingEncoder implements PasswordEncoder {
    private final PasswordEncoder bcrypt = RegistryServer.quickHashes();
    private final AtomicInteger comparisons = new AtomicInteger();

    @Override
    public @Nullable String encode(@Nullable CharSequence password) {
      return bcrypt.encode(password);
    }

    @Override
    public boolean matches(@Nullable CharSequence password, @Nullable String hash) {
      // Without a password nothing is computed.
      if (password != null && !password.isEmpty()) {
        comparisons.incrementAndGet();
      }
      return bcrypt.matches(password, hash);
    }
  }
}
