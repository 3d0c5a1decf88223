package io.registry.features.events;

import static org.assertj.core.api.Assertions.assertThat;

import io.registry.platform.database.Database;
import io.registry.testkit.PassingClock;
import io.registry.testkit.TestDatabase;
import io.registry.testkit.Together;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the outbox promises, on both databases. */
@Tag("external")
class OutboxTest {
  private static final Duration LEASE = Duration.ofMinutes(1);
  private static final Duration NONE = Duration.ZERO;

  private final PassingClock clock = new PassingClock();

  @ParameterizedTest
  @EnumSource
  void whatWasPutInIsClaimedInItsOrderAndOnceByOne(TestDatabase kind) {
    Outbox one = outbox(kind, 100);
    Outbox other = new Outbox(new Database(kind.shared()), clock, 100);
    put(one, "first", "ci");
    put(other, "second", "ci", "audit");

    Delivery first = one.claim("ci", LEASE).orElseThrow();

    assertThat(first.message()).isEqualTo(message("first"));
    assertThat(first.attempts()).isEqualTo(1);
    assertThat(other.claim("ci", LEASE)).as("the second, while the first is tried").isEmpty();
    assertThat(subject(other.claim("audit", LEASE))).contains("second");
    one.delivered(first);
    assertThat(subject(other.claim("ci", LEASE))).contains("second");
    assertThat(one.claim("nobody", LEASE)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void whatFailedKeepsTheOthersWaitingUntilItIsDue(TestDatabase kind) {
    Outbox outbox = outbox(kind, 100);
    put(outbox, "first", "ci");
    put(outbox, "second", "ci");
    Delivery first = outbox.claim("ci", LEASE).orElseThrow();

    outbox.postpone(first, clock.instant().plusSeconds(10), "HTTP 500");

    assertThat(outbox.claim("ci", LEASE)).isEmpty();
    clock.pass(Duration.ofSeconds(10));
    Delivery again = outbox.claim("ci", LEASE).orElseThrow();
    assertThat(again.message()).isEqualTo(message("first"));
    assertThat(again.attempts()).isEqualTo(2);
    assertThat(again.begun()).isEqualTo(first.begun());
  }

  @ParameterizedTest
  @EnumSource
  void theClaimOfAProcessThatDiedEnds(TestDatabase kind) {
    Outbox outbox = outbox(kind, 100);
    put(outbox, "first", "ci");
    Delivery lost = outbox.claim("ci", NONE).orElseThrow();

    Delivery taken = outbox.claim("ci", LEASE).orElseThrow();

    assertThat(taken.id()).isEqualTo(lost.id());
    assertThat(taken.attempts()).isEqualTo(2);
    outbox.bury(lost, "too late");
    outbox.postpone(lost, clock.instant().plusSeconds(10), "too late");
    assertThat(outbox.claim("ci", LEASE)).as("still claimed by the other").isEmpty();
    outbox.postpone(taken, clock.instant(), "HTTP 500");
    assertThat(subject(outbox.claim("ci", LEASE))).contains("first");
  }

  @ParameterizedTest
  @EnumSource
  void ofManyWhoClaimAtTheSameTimeOneSucceeds(TestDatabase kind) throws Exception {
    Outbox outbox = outbox(kind, 100);
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      expected.add(String.valueOf(i));
      put(outbox, expected.get(i), "ci");
    }
    List<String> delivered = new CopyOnWriteArrayList<>();
    Together.Task replica =
        () -> {
          while (delivered.size() < expected.size()) {
            outbox
                .claim("ci", LEASE)
                .ifPresent(
                    delivery -> {
                      delivered.add(delivery.message().subject());
                      outbox.delivered(delivery);
                    });
          }
        };

    Together.run(Collections.nCopies(4, replica));

    assertThat(delivered).isEqualTo(expected);
  }

  @ParameterizedTest
  @EnumSource
  void aFullOutboxForgetsTheOldestDeadLettersAndThenTakesNothingMore(TestDatabase kind) {
    Outbox outbox = outbox(kind, 3);
    DeadLetters letters = letters(kind, new ArrayList<>());
    for (String subject : List.of("first", "second")) {
      put(outbox, subject, "ci");
      outbox.bury(outbox.claim("ci", LEASE).orElseThrow(), "HTTP 410");
    }
    put(outbox, "third", "ci");
    assertThat(letters.list(0, 10))
        .extracting(DeadLetter::subject)
        .containsExactly("first", "second");

    put(outbox, "fourth", "ci");
    assertThat(letters.list(0, 10)).extracting(DeadLetter::subject).containsExactly("second");
    put(outbox, "fifth", "ci");
    assertThat(letters.list(0, 10)).isEmpty();

    assertThat(outbox.add(List.of("ci"), message("sixth"))).isFalse();
    Delivery third = outbox.claim("ci", LEASE).orElseThrow();
    outbox.delivered(third);
    assertThat(outbox.add(List.of("ci", "audit"), message("for two"))).isFalse();
    assertThat(outbox.add(List.of("ci"), message("seventh"))).isTrue();
    assertThat(outbox.backlog("ci").waiting()).isEqualTo(3);
  }

  @ParameterizedTest
  @EnumSource
  void deadLettersAreListedTriedAgainAndForgotten(TestDatabase kind) {
    Outbox outbox = outbox(kind, 100);
    List<String> changed = new ArrayList<>();
    DeadLetters letters = letters(kind, changed);
    for (String subject : List.of("first", "second", "third")) {
      put(outbox, subject, "ci");
      outbox.bury(outbox.claim("ci", LEASE).orElseThrow(), "x".repeat(1_000));
    }
    put(outbox, "waits", "ci");

    List<DeadLetter> page = letters.list(0, 2);
    assertThat(page).extracting(DeadLetter::subject).containsExactly("first", "second");
    assertThat(page.get(0))
        .isEqualTo(
            new DeadLetter(
                page.get(0).id(),
                "ci",
                message("first").id(),
                "first",
                clock.instant(),
                1,
                "x".repeat(300)));
    assertThat(letters.list(page.get(1).id(), 2))
        .extracting(DeadLetter::subject)
        .containsExactly("third");
    assertThat(outbox.backlog("ci")).isEqualTo(new Backlog(1, 3, Optional.of(clock.instant())));

    clock.pass(Duration.ofDays(2));
    assertThat(letters.retry(page.get(1).id())).isTrue();
    assertThat(letters.retry(page.get(1).id())).isFalse();
    assertThat(letters.remove(page.get(0).id())).isTrue();
    assertThat(letters.remove(page.get(0).id())).isFalse();

    assertThat(letters.list(0, 10)).extracting(DeadLetter::subject).containsExactly("third");
    Delivery second = outbox.claim("ci", LEASE).orElseThrow();
    assertThat(second.message().subject()).isEqualTo("second");
    assertThat(second.attempts()).isEqualTo(1);
    assertThat(second.begun()).isEqualTo(clock.instant());
    assertThat(changed).contains("ci");
  }

  @ParameterizedTest
  @EnumSource
  void whatIsForWebhooksThatAreGoneIsGivenUpAfterAWhile(TestDatabase kind) {
    Outbox outbox = outbox(kind, 100);
    put(outbox, "old", "gone", "ci");
    clock.pass(Duration.ofDays(1));
    put(outbox, "new", "gone");

    assertThat(outbox.buryOthers(List.of("ci"), clock.instant().minusSeconds(60))).isEqualTo(1);

    assertThat(outbox.backlog("gone").dead()).isEqualTo(1);
    assertThat(outbox.backlog("gone").waiting()).isEqualTo(1);
    assertThat(outbox.backlog("ci").waiting()).isEqualTo(1);
  }

  private Outbox outbox(TestDatabase kind, int size) {
    return new Outbox(new Database(kind.emptied()), clock, size);
  }

  private DeadLetters letters(TestDatabase kind, List<String> changed) {
    return new DeadLetters(new Database(kind.shared()), clock, changed::add);
  }

  private static void put(Outbox outbox, String subject, String... webhooks) {
    assertThat(outbox.add(List.of(webhooks), message(subject))).isTrue();
  }

  private static Message message(String subject) {
    return new Message("id of " + subject, subject, "{\"body\": \"" + subject + "\"}");
  }

  private static Optional<String> subject(Optional<Delivery> delivery) {
    return delivery.map(found -> found.message().subject());
  }
}
