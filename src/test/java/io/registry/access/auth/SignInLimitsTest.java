package io.registry.access.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.bucket4j.TimeMeter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class SignInLimitsTest {
  private static final String HOME = "192.0.2.1";
  private static final String AWAY = "198.51.100.7";

  private final SimulatedTime time = new SimulatedTime();
  private final SignInLimits limits = limits(20, 10, 0);

  @Test
  void afterTenFailuresWithAnAccountItHasToWait() {
    fail(10, HOME, "anna");

    assertThat(limits.begin(HOME, "anna").mustWait()).contains(Duration.ofSeconds(6));
    assertThat(limits.begin(HOME, "bert").mustWait()).isEmpty();
  }

  @Test
  void otherBoundsHoldAtOnceAndWhatWasCountedIsForgotten() {
    fail(10, HOME, "anna");

    limits.renew(new SignInLimitProperties(20, 2, 0, 0));

    assertThat(limits.begin(HOME, "anna").mustWait()).isEmpty();
    fail(2, HOME, "bert");
    assertThat(limits.begin(HOME, "bert").mustWait()).isPresent();
  }

  @Test
  void whoHasWaitedMayTryAgainOnce() {
    fail(10, HOME, "anna");

    time.pass(Duration.ofSeconds(6));
    fail(1, HOME, "anna");

    assertThat(limits.begin(HOME, "anna").mustWait()).isPresent();
  }

  @Test
  void waitingIsToldInWholeSecondsAndNeverAsNone() {
    fail(10, HOME, "anna");

    time.pass(Duration.ofMillis(5_999));

    assertThat(limits.begin(HOME, "anna").mustWait()).contains(Duration.ofSeconds(1));
  }

  @Test
  void failuresWithManyAccountsCountForTheAddress() {
    for (int i = 0; i < 20; i++) {
      fail(1, HOME, "user" + i);
    }

    assertThat(limits.begin(HOME, "anna").mustWait()).contains(Duration.ofSeconds(3));
    assertThat(limits.begin(AWAY, "anna").mustWait()).isEmpty();
  }

  @Test
  void nobodyIsLockedOutByThoseWhoGuessElsewhere() {
    for (int i = 0; i < 100; i++) {
      fail(10, "203.0.113." + i, "anna");
    }

    assertThat(limits.begin(HOME, "anna").mustWait()).isEmpty();
  }

  @Test
  void whoHasSignedInHereIsNotLockedOutByOthersAtTheAddress() {
    succeed(HOME, "anna");
    for (int i = 0; i < 20; i++) {
      fail(1, HOME, "user" + i);
    }

    assertThat(limits.begin(HOME, "bert").mustWait()).isPresent();
    assertThat(limits.begin(HOME, "anna").mustWait()).isEmpty();

    time.pass(Duration.ofHours(25));
    for (int i = 0; i < 20; i++) {
      fail(1, HOME, "user" + i);
    }
    assertThat(limits.begin(HOME, "anna").mustWait()).isPresent();
  }

  @Test
  void whoHasSignedInHereStillHasToWaitAfterFailuresOfHisOwn() {
    succeed(HOME, "anna");
    fail(10, HOME, "anna");

    assertThat(limits.begin(HOME, "anna").mustWait()).isPresent();
  }

  @Test
  void aStrangerCannotTryMoreAtOnceThanInTurn() {
    List<SignInAttempt> open = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      open.add(limits.begin(HOME, "anna"));
    }

    assertThat(open).allMatch(attempt -> attempt.mustWait().isEmpty());
    assertThat(limits.begin(HOME, "anna").mustWait()).isPresent();

    open.forEach(SignInAttempt::succeeded);
    assertThat(limits.begin(HOME, "anna").mustWait()).isEmpty();
  }

  @Test
  void whoHasSignedInHereMaySendHisPasswordWithManyRequestsAtOnce() {
    succeed(HOME, "anna");
    List<SignInAttempt> open = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      open.add(limits.begin(HOME, "anna"));
    }

    assertThat(open).allMatch(attempt -> attempt.mustWait().isEmpty());

    open.forEach(SignInAttempt::failed);
    assertThat(limits.begin(HOME, "anna").mustWait())
        .as("30 too many, each of which takes 6 seconds to be paid")
        .contains(Duration.ofSeconds(31 * 6));
  }

  @Test
  void whatSucceedsOrCannotBeCheckedCostsNothing() {
    for (int i = 0; i < 100; i++) {
      succeed(HOME, "anna");
      try (SignInAttempt attempt = limits.begin(HOME, "bert")) {
        assertThat(attempt.mustWait()).isEmpty();
      }
    }

    fail(10, HOME, "bert");
    fail(10, HOME, "cleo");
  }

  @Test
  void whatHasEndedEndsOnce() {
    fail(9, HOME, "anna");
    try (SignInAttempt attempt = limits.begin(HOME, "anna")) {
      attempt.failed();
      attempt.succeeded();
    }

    assertThat(limits.begin(HOME, "anna").mustWait()).isPresent();
  }

  @Test
  void anAttemptThatHasToWaitDoesNotMakeTheWaitLonger() {
    fail(10, HOME, "anna");
    for (int i = 0; i < 50; i++) {
      limits.begin(HOME, "anna").failed();
    }

    assertThat(limits.begin(HOME, "anna").mustWait()).contains(Duration.ofSeconds(6));
    assertThat(limits.begin(HOME, "bert").mustWait()).isEmpty();
  }

  @Test
  void aNameIsTheSameInCapitals() {
    fail(5, HOME, "anna");
    fail(5, HOME, "ANNA");

    assertThat(limits.begin(HOME, "Anna").mustWait()).isPresent();
  }

  @ParameterizedTest
  @CsvSource({
    "2001:db8:1:2::1, 2001:db8:1:2:ffff::9, true",
    "2001:db8:1:2::1, 2001:db8:1:3::1, false",
    "::ffff:192.0.2.1, 192.0.2.1, true",
    "192.0.2.1:1234, 192.0.2.1, true",
    "fe80::1%eth0, fe80::2, true",
    "not:an:address, not:an:address, true",
    "not:an:address, not:another:one, false"
  })
  void ofIpv6TheFirstHalfIsTheAddress(String first, String second, boolean same) {
    fail(10, first, "anna");

    assertThat(limits.begin(second, "anna").mustWait().isPresent()).isEqualTo(same);
  }

  @Test
  void requestsAreCountedForEachAddressWhateverComesOfThem() {
    SignInLimits strict = limits(20, 10, 3);
    for (int i = 0; i < 3; i++) {
      assertThat(strict.request(HOME)).isEmpty();
    }

    assertThat(strict.request(HOME)).contains(Duration.ofSeconds(20));
    assertThat(strict.request(AWAY)).isEmpty();
    assertThat(strict.begin(HOME, "anna").mustWait()).isEmpty();
  }

  @Test
  void zeroIsNoBound() {
    SignInLimits none = limits(0, 0, 0);
    for (int i = 0; i < 100; i++) {
      assertThat(none.request(HOME)).isEmpty();
      SignInAttempt attempt = none.begin(HOME, "anna");
      assertThat(attempt.mustWait()).isEmpty();
      attempt.failed();
    }
  }

  @Test
  void theSettingsAreChecked() {
    ApplicationContextRunner registry =
        new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(SignInLimitConfiguration.class));

    registry.run(context -> assertThat(context).hasSingleBean(SignInLimits.class));
    registry
        .withPropertyValues("registry.auth.limits.failures-per-address=-1")
        .run(context -> assertThat(context).hasFailed());
  }

  private void fail(int times, String address, String account) {
    for (int i = 0; i < times; i++) {
      SignInAttempt attempt = limits.begin(address, account);
      assertThat(attempt.mustWait()).isEmpty();
      attempt.failed();
    }
  }

  private void succeed(String address, String account) {
    SignInAttempt attempt = limits.begin(address, account);
    assertThat(attempt.mustWait()).isEmpty();
    attempt.succeeded();
  }

  @Test
  void newAccountsAreBoundedForAllAddressesTogether() {
    for (int i = 0; i < 3; i++) {
      assertThat(limits.registration()).isEmpty();
    }
    assertThat(limits.registration()).contains(Duration.ofSeconds(20));
    time.pass(Duration.ofSeconds(20));
    assertThat(limits.registration()).isEmpty();
  }

  private SignInLimits limits(int perAddress, int perAccount, int requests) {
    return new SignInLimits(new SignInLimitProperties(perAddress, perAccount, requests, 3), time);
  }

  private static final class SimulatedTime implements TimeMeter {
    private long nanos = TimeUnit.HOURS.toNanos(1);

    void pass(Duration duration) {
      nanos += duration.toNanos();
    }

    @Override
    public long currentTimeNanos() {
      return nanos;
    }

    @Override
    public boolean isWallClockBased() {
      return false;
    }
  }
}
