package io.registry.content.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.StorageException;
import io.registry.testkit.BrokenStorage;
import io.registry.testkit.BrokenStorage.Outcome;
import io.registry.testkit.InMemoryBlobStorage;
import io.registry.testkit.RandomCases;
import io.registry.testkit.SimulatedClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Processes on one store, whose time passes only when the test says so. */
class StoreLeaseTest {
  private static final Duration LENGTH = Duration.ofSeconds(4);
  private static final Duration WAIT = Duration.ofSeconds(5);
  private static final Duration INSTANT = Duration.ofMillis(1);
  private static final BlobKey FOLDER = BlobKey.of("_leases");

  private final SimulatedClock clock = new SimulatedClock();
  private final InMemoryBlobStorage storage = new InMemoryBlobStorage();
  private final BrokenStorage broken = new BrokenStorage(storage);
  private final StoreLease one = lease(broken);
  private final StoreLease other = lease(storage);

  private StoreLease lease(BlobStorage store) {
    return new StoreLease(new NumberedBlobs(store, FOLDER, "work-"), clock, LENGTH);
  }

  @Test
  void oneProcessHoldsTheLease() {
    assertThat(one.acquire()).hasValue(1);
    assertThat(one.acquire()).as("it has it already").hasValue(1);
    assertThat(other.acquire()).isEmpty();
    assertThat(one.isHeld()).isTrue();
    assertThat(other.isHeld()).isFalse();
    assertThat(other.renew()).isFalse();
  }

  @Test
  void aReleasedLeaseIsTakenAtOnce() {
    one.acquire();
    one.release();

    assertThat(one.isHeld()).isFalse();
    assertThat(other.acquire()).hasValue(3);
  }

  @Test
  void aRenewedLeaseIsNotTakenOver() {
    one.acquire();
    for (int i = 0; i < 20; i++) {
      clock.pass(LENGTH.dividedBy(2));
      assertThat(one.renew()).isTrue();
      assertThat(other.acquire()).isEmpty();
    }

    assertThat(one.acquire()).as("it is the same term").hasValue(1);
  }

  @Test
  void aSilentHolderIsReplacedAfterItsLeaseIsOver() {
    one.acquire();
    assertThat(other.acquire()).isEmpty();
    clock.pass(LENGTH);
    assertThat(one.isHeld()).isFalse();
    clock.pass(WAIT.minus(LENGTH).minus(INSTANT));
    assertThat(other.acquire()).isEmpty();
    clock.pass(INSTANT);

    assertThat(other.acquire()).hasValue(2);
    assertThat(one.renew()).isFalse();
    assertThat(one.acquire()).isEmpty();
  }

  @Test
  void theTimeOfAHolderCountsFromWhenItWasSeen() {
    one.acquire();
    clock.pass(WAIT);

    assertThat(other.acquire()).as("it may have been renewed just now").isEmpty();
    clock.pass(WAIT);
    assertThat(other.acquire()).isPresent();
  }

  @Test
  void aHolderWithALongerLeaseIsWaitedForLonger() {
    Duration longer = LENGTH.multipliedBy(10);
    new StoreLease(new NumberedBlobs(storage, FOLDER, "work-"), clock, longer).acquire();
    assertThat(other.acquire()).isEmpty();
    clock.pass(longer);
    assertThat(other.acquire()).isEmpty();
    clock.pass(longer);

    assertThat(other.acquire()).isPresent();
  }

  @Test
  void aHolderOfAnotherVersionIsWaitedForToo() {
    storage.write(FOLDER.child("work-000000000007"), "2\nnews\n".getBytes(StandardCharsets.UTF_8));
    assertThat(one.acquire()).isEmpty();
    clock.pass(WAIT);

    assertThat(one.acquire()).hasValue(8);
  }

  @Test
  void anExpiredLeaseThatWasNotTakenOverIsRenewed() {
    one.acquire();
    clock.pass(WAIT.multipliedBy(9));

    assertThat(one.renew()).isTrue();
    assertThat(one.isHeld()).isTrue();
  }

  @Test
  void aLeaseCountsFromBeforeTheStoreWasAsked() {
    broken.fail(
        StorageException.Reason.UNAVAILABLE,
        (number, verb, key) -> {
          clock.pass(LENGTH);
          return Outcome.DONE;
        });
    one.acquire();

    assertThat(one.isHeld()).isFalse();
  }

  @Test
  void aRenewalWhoseAnswerIsLostDoesNotLoseTheLease() {
    one.acquire();
    broken.fail(
        StorageException.Reason.UNAVAILABLE, (number, verb, key) -> Outcome.DONE_BUT_FAILED);
    assertThatThrownBy(one::renew).isInstanceOf(StorageException.class);
    assertThat(one.isHeld()).isTrue();
    broken.heal();

    assertThat(one.renew()).isTrue();
    assertThat(other.acquire()).isEmpty();
  }

  @Test
  void aProcessThatSleptWhileOldBlobsWereRemovedDoesNotHoldTheLease() {
    one.acquire();
    other.acquire();
    clock.pass(WAIT);
    assertThat(other.acquire()).isPresent();
    for (int i = 0; i < 200; i++) {
      other.renew();
    }

    assertThat(one.renew()).isFalse();
    assertThat(one.isHeld()).isFalse();
    assertThat(other.renew()).isTrue();
    try (Stream<String> names = storage.names(FOLDER)) {
      assertThat(names).hasSize(64).contains("work-000000000203");
    }
  }

  /** Random steps of three processes: two never hold the lease, and terms grow. */
  @Test
  void neverMoreThanOneHolds() {
    RandomCases.check(300, this::steps);
  }

  private void steps(RandomGenerator random) {
    InMemoryBlobStorage store = new InMemoryBlobStorage();
    List<StoreLease> all = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      all.add(lease(store));
    }
    long term = 0;
    for (int i = 0; i < 200; i++) {
      StoreLease each = all.get(random.nextInt(3));
      switch (random.nextInt(8)) {
        case 0 -> each.release();
        case 1, 2 -> each.renew();
        case 3, 4, 5 -> {
          OptionalLong got = each.acquire();
          assertThat(got.orElse(term)).isGreaterThanOrEqualTo(term);
          term = got.orElse(term);
        }
        default -> clock.pass(Duration.ofMillis(random.nextInt(4000)));
      }
      assertThat(all.stream().filter(StoreLease::isHeld).count()).isLessThanOrEqualTo(1);
    }
  }
}
