package io.registry.features.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpHeaders;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** When a webhook that failed is tried again. */
class RetryPlanTest {
  private static final Instant BEGUN = Instant.parse("2013-03-26T12:00:00Z");

  private final RetryPlan plan =
      new RetryPlan(Duration.ofSeconds(1), Duration.ofMinutes(5), Duration.ofDays(1));

  @Test
  void pausesDoubleAndAreALittleShorterByChance() {
    Random random = new Random(7);
    for (int attempt = 1; attempt <= 60; attempt++) {
      Duration longest = Duration.ofSeconds(attempt > 9 ? 300 : Math.min(300, 1L << (attempt - 1)));
      Duration pause = pause(attempt, Optional.empty(), random);
      assertThat(pause).isBetween(longest.dividedBy(2), longest);
    }
    assertThat(pause(5, Optional.empty(), random)).isNotEqualTo(pause(5, Optional.empty(), random));
  }

  @Test
  void aReceiverMayAskForALongerPauseButNotForTheWholeDay() {
    assertThat(pause(1, Optional.of(Duration.ofSeconds(40)), new Random(7)))
        .isEqualTo(Duration.ofSeconds(40));
    assertThat(pause(1, Optional.of(Duration.ofDays(1)), new Random(7)))
        .isEqualTo(Duration.ofMinutes(5));
    assertThat(pause(8, Optional.of(Duration.ZERO), new Random(7)))
        .isGreaterThanOrEqualTo(Duration.ofSeconds(64));
  }

  @Test
  void whatWasTriedForLongEnoughIsGivenUp() {
    Instant end = BEGUN.plus(Duration.ofDays(1));
    assertThat(plan.next(delivery(400), end.minusMillis(1), Optional.empty(), new Random(7)))
        .isPresent();
    assertThat(plan.next(delivery(2), end, Optional.empty(), new Random(7))).isEmpty();
  }

  @Test
  void retryAfterIsReadInBothForms() {
    assertThat(retryAfter("120")).contains(Duration.ofMinutes(2));
    assertThat(retryAfter("Tue, 26 Mar 2013 12:00:30 GMT")).contains(Duration.ofSeconds(30));
    assertThat(retryAfter("Tue, 26 Mar 2013 11:00:00 GMT")).isEmpty();
    assertThat(retryAfter("soon")).isEmpty();
    assertThat(retryAfter("-5")).isEmpty();
    assertThat(RetryAfter.of(HttpHeaders.of(Map.of(), (name, value) -> true), BEGUN)).isEmpty();
  }

  private static Optional<Duration> retryAfter(String value) {
    return RetryAfter.of(
        HttpHeaders.of(Map.of("Retry-After", List.of(value)), (name, text) -> true), BEGUN);
  }

  private Duration pause(int attempt, Optional<Duration> asked, Random random) {
    return Duration.between(
        BEGUN, plan.next(delivery(attempt), BEGUN, asked, random).orElseThrow());
  }

  private static Delivery delivery(int attempts) {
    return new Delivery(1, "claim", new Message("id", "subject", "{}"), BEGUN, attempts);
  }
}
