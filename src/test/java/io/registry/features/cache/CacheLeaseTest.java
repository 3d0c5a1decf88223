package io.registry.features.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.registry.content.lease.NumberedBlob;
import io.registry.content.repository.RepositoryName;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.StorageException;
import io.registry.testkit.BrokenStorage;
import io.registry.testkit.BrokenStorage.Outcome;
import io.registry.testkit.InMemoryBlobStorage;
import io.registry.testkit.SimulatedClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Two processes on one store, whose time passes only when the test says so. */
class CacheLeaseTest {
  private static final Duration LEASE = Duration.ofSeconds(1);
  private static final Duration WAIT = Duration.ofMillis(1250);
  private static final Duration INSTANT = Duration.ofMillis(1);
  private static final BlobKey FOLDER = BlobKey.of("_cache");

  private final SimulatedClock clock = new SimulatedClock();
  private final InMemoryBlobStorage storage = new InMemoryBlobStorage();
  private final BrokenStorage broken = new BrokenStorage(storage);
  private final Holder mine = new Holder("mine");
  private final Holder theirs = new Holder("theirs");
  private final CacheLease one = lease(broken, mine);
  private final CacheLease other = lease(storage, theirs);

  private CacheLease lease(BlobStorage store, RepositoryEntries entries) {
    return new CacheLease(store, entries, clock, LEASE);
  }

  @Test
  void nothingIsWrittenBeforeSomebodyWantsToRemember() {
    one.renew();
    one.settled();
    clock.pass(WAIT);
    one.renew();

    assertThat(epochs()).isEmpty();
  }

  @Test
  void anEpochIsUsedOnceNobodyCanBeInTheOneBefore() {
    assertThat(one.usable()).isEmpty();
    one.renew();
    assertThat(one.usable()).isEmpty();

    pass(WAIT.minus(INSTANT), one);
    assertThat(one.usable()).isEmpty();
    pass(INSTANT, one);
    assertThat(one.usable())
        .hasValueSatisfying(epoch -> assertThat(epoch.holder()).contains("mine"));
  }

  @Test
  void aLeaseEndsByItself() {
    Epoch epoch = begin(one);
    one.renew();

    clock.pass(LEASE.minus(INSTANT));
    assertThat(one.isCurrent(epoch)).isTrue();
    clock.pass(INSTANT);
    assertThat(one.isCurrent(epoch)).isFalse();
  }

  @Test
  void aLeaseIsTakenAgainByWhoeverNeedsIt() {
    Epoch epoch = begin(one);
    clock.pass(LEASE.multipliedBy(100));

    assertThat(one.usable()).contains(epoch);
    assertThat(one.isCurrent(epoch)).isTrue();
  }

  @Test
  void aLeaseCountsFromBeforeTheStoreWasAsked() {
    Epoch epoch = begin(one);
    broken.fail(StorageException.Reason.UNAVAILABLE, (number, verb, key) -> slow(LEASE));
    one.renew();

    assertThat(one.isCurrent(epoch)).isFalse();
  }

  @Test
  void withoutItsStoreALeaseEnds() {
    Epoch epoch = begin(one);
    broken.fail(StorageException.Reason.UNAVAILABLE, (number, verb, key) -> Outcome.FAILED);
    pass(LEASE, one);

    assertThat(one.isCurrent(epoch)).isFalse();
    assertThat(one.usable()).isEmpty();
    assertThatThrownBy(one::settled).isInstanceOf(StorageException.class);
    broken.heal();
    assertThat(one.usable()).contains(epoch);
  }

  @Test
  void whoRetiresAnEpochWaitsUntilNobodyUsesIt() {
    Epoch epoch = begin(one);
    Epoch seen = join(other, epoch);
    other.renew();
    assertThat(other.isCurrent(seen)).isTrue();

    one.retire(epoch);
    assertThat(other.isCurrent(seen)).as("it has asked a moment before").isTrue();
    long before = clock.nanos();
    Epoch next = one.settled();

    assertThat(other.isCurrent(seen)).isFalse();
    assertThat(clock.nanos() - before).isEqualTo(WAIT.toNanos());
    assertThat(next.number()).isEqualTo(epoch.number() + 1);
    assertThat(next.holder()).isEmpty();
  }

  @Test
  void whoHearsOfARetiredEpochWaitsToo() {
    Epoch epoch = begin(one);
    join(other, epoch);
    one.retire(epoch);
    other.renew();
    clock.pass(LEASE.minus(INSTANT));
    other.renew();
    long before = clock.nanos();

    assertThat(other.settled().number()).isEqualTo(epoch.number() + 1);
    assertThat(clock.nanos() - before).isPositive();
    assertThat(one.isCurrent(epoch)).isFalse();
  }

  @Test
  void anEpochIsRetiredOnce() {
    Epoch epoch = begin(one);
    join(other, epoch);
    one.retire(epoch);
    other.retire(epoch);

    assertThat(one.settled()).isEqualTo(other.settled());
    assertThat(one.settled().number()).isEqualTo(epoch.number() + 1);
  }

  @Test
  void afterARetirementNobodyRemembersForAWhile() {
    Epoch epoch = begin(one);
    one.retire(epoch);
    for (Duration since = Duration.ZERO; since.compareTo(LEASE.multipliedBy(10)) < 0; ) {
      assertThat(one.usable().flatMap(Epoch::holder)).isEmpty();
      pass(LEASE.dividedBy(2), one);
      since = since.plus(LEASE.dividedBy(2));
    }
    pass(INSTANT, one);

    assertThat(epochs()).hasSize(3);
    pass(WAIT, one);
    assertThat(one.usable().flatMap(Epoch::holder)).contains("mine");
  }

  @Test
  void whoStartsTakesTheStoreOverAndIsNotUsedBeforeTheOtherLeftIt() {
    Epoch epoch = begin(one);
    assertThat(other.usable()).as("seen just now").isEmpty();
    other.renew();
    assertThat(one.isCurrent(epoch)).as("it has asked a moment before").isTrue();
    assertThat(other.usable()).isEmpty();
    Epoch next = other.settled();

    assertThat(next.holder()).contains("theirs");
    assertThat(one.isCurrent(epoch)).isFalse();
    assertThat(other.usable()).contains(next);
    // And keeps it, because the one that was there does not take it back.
    for (int i = 0; i < 40; i++) {
      pass(LEASE.dividedBy(2), one, other);
      assertThat(one.isCurrent(epoch)).isFalse();
    }
    assertThat(one.usable()).contains(next);
    assertThat(epochs()).hasSize(2);
    assertThat(mine.isHolderOf(next)).isFalse();
  }

  @Test
  void whoSharesAServerLeavesTheEpochAsItIs() {
    Epoch epoch = begin(one);

    assertThat(join(other, epoch)).isEqualTo(epoch);
    assertThat(epochs()).hasSize(1);
  }

  @Test
  void anotherServerTakesOverOnlyAfterAWhile() {
    mine.shared = true;
    Epoch epoch = begin(one);
    mine.name = Optional.of("failed over");
    pass(LEASE.multipliedBy(10).minus(WAIT).minus(INSTANT), one);
    assertThat(epochs()).hasSize(1);
    pass(INSTANT, one);

    assertThat(epochs()).hasSize(2);
    assertThat(one.isCurrent(epoch)).isFalse();
    Epoch next = one.settled();
    assertThat(next.holder()).contains("failed over");
  }

  @Test
  void whoClosesLetsTheNextBeginAtOnce() {
    Epoch epoch = begin(one);
    one.close();
    assertThat(one.usable()).isEmpty();
    assertThat(other.usable()).isEmpty();
    other.renew();
    pass(WAIT, other);

    assertThat(other.usable().flatMap(Epoch::holder)).contains("theirs");
    assertThat(other.settled().number()).isEqualTo(epoch.number() + 2);
  }

  @Test
  void toForgetIsToLeaveTheEpochAndToWait() {
    Epoch epoch = begin(one);
    Epoch seen = join(other, epoch);
    other.renew();
    long before = clock.nanos();
    one.forget();

    assertThat(clock.nanos() - before).isEqualTo(WAIT.toNanos());
    assertThat(other.isCurrent(seen)).isFalse();
    Epoch next = one.settled();
    assertThat(next.id()).isNotEqualTo(epoch.id());
    assertThat(next.holder()).isEqualTo(epoch.holder());
  }

  @Test
  void whereNothingWasRememberedNothingIsForgotten() {
    long before = clock.nanos();
    one.forget();

    assertThat(epochs()).isEmpty();
    assertThat(clock.nanos()).isEqualTo(before);
  }

  @Test
  void aStoreThatTakesLongerThanALeaseIsSaidToBeTooSlow() {
    begin(one);
    broken.fail(StorageException.Reason.UNAVAILABLE, (number, verb, key) -> slow(LEASE));
    clock.pass(LEASE);

    assertThatThrownBy(one::settled)
        .isInstanceOfSatisfying(
            StorageException.class,
            failure -> assertThat(failure.reason()).isEqualTo(StorageException.Reason.UNAVAILABLE));
    assertThat(one.usable()).isEmpty();
  }

  @Test
  void epochsThatSomebodyRemovedGoOnWhereTheyWere() {
    Epoch epoch = begin(one);
    epochs().forEach(name -> storage.delete(FOLDER.child(name)));
    pass(LEASE, one);

    assertThat(one.isCurrent(epoch)).isFalse();
    assertThat(one.settled().number()).isEqualTo(epoch.number() + 1);
  }

  @Test
  void whoBeganAnewAfterEpochsWereRemovedIsToldByThoseWhoKnewThem() {
    mine.shared = true;
    theirs.shared = true;
    Epoch epoch = begin(one);
    one.retire(epoch);
    Epoch known = one.settled();
    epochs().forEach(name -> storage.delete(FOLDER.child(name)));
    Epoch anew = begin(other);
    assertThat(anew.number()).isLessThan(known.number());
    clock.pass(LEASE);

    Epoch next = one.settled();
    assertThat(next.number()).isGreaterThan(known.number());
    clock.pass(LEASE);
    assertThat(other.isCurrent(anew)).isFalse();
    assertThat(other.settled()).isEqualTo(next);
  }

  @Test
  void anotherEpochOfTheSameNumberEndsBoth() {
    mine.shared = true;
    theirs.shared = true;
    Epoch known = begin(one);
    epochs().forEach(name -> storage.delete(FOLDER.child(name)));
    Epoch anew = begin(other);
    assertThat(anew.number()).isEqualTo(known.number());
    assertThat(anew).isNotEqualTo(known);
    pass(LEASE, one, other);

    assertThat(one.settled().number()).isGreaterThan(known.number());
    assertThat(other.settled()).isEqualTo(one.settled());
    assertThat(one.isCurrent(known)).isFalse();
    assertThat(other.isCurrent(anew)).isFalse();
  }

  @Test
  void whoForgetsWaitsAlsoWhenAnotherHasEndedTheEpochAMomentBefore() {
    Epoch epoch = begin(one);
    Epoch joined = join(other, epoch);
    // As by a process that has given up, and was the only one.
    String unheld = Epoch.next(Optional.empty(), true);
    storage.write(FOLDER.child("epoch-000000000002"), unheld.getBytes(StandardCharsets.UTF_8));
    assertThat(joined.number()).isEqualTo(1);
    pass(WAIT.plus(LEASE), one, other);
    Epoch seen = other.usable().orElseThrow();
    assertThat(seen.text()).isEqualTo(unheld);
    // A third process begins, and takes the store over from nobody.
    CacheLease third = lease(storage, new Holder("third"));
    assertThat(third.usable()).isEmpty();
    other.renew();
    third.renew();
    assertThat(third.settled().settled()).isTrue();
    assertThat(other.isCurrent(seen)).isTrue();
    one.forget();

    assertThat(other.isCurrent(seen)).isFalse();
  }

  @Test
  void anEpochIsKeptEvenWhenOldOnesCannotBeRemoved() {
    begin(one);
    broken.fail(
        StorageException.Reason.DENIED,
        (number, verb, key) -> verb == BrokenStorage.Verb.DELETE ? Outcome.FAILED : Outcome.DONE);
    for (int i = 0; i < 70; i++) {
      one.forget();
    }

    assertThat(one.settled().number()).isEqualTo(71);
  }

  @Test
  void aCrowdThatNeedsTheLeaseAsksOnce() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    AtomicInteger looks = new AtomicInteger();
    broken.fail(
        StorageException.Reason.UNAVAILABLE,
        (number, verb, key) -> {
          looks.incrementAndGet();
          asked.countDown();
          return failAfter(answer);
        });
    List<Thread> crowd =
        Stream.generate(
                () ->
                    new Thread(
                        () ->
                            assertThatThrownBy(one::settled).isInstanceOf(StorageException.class)))
            .limit(20)
            .toList();
    crowd.forEach(Thread::start);
    asked.await();
    await().until(() -> crowd.stream().allMatch(each -> each.getState() == Thread.State.WAITING));
    answer.countDown();
    for (Thread each : crowd) {
      each.join();
    }

    assertThat(looks).hasValue(1);
    broken.heal();
    clock.pass(INSTANT);
    assertThat(one.settled()).isEqualTo(Epoch.NONE);
  }

  @Test
  void inAnEpochThatCannotBeReadNothingIsRemembered() {
    Epoch epoch = begin(one);
    storage.write(
        FOLDER.child("epoch-000000000002"), "9\nnonsense\n".getBytes(StandardCharsets.UTF_8));
    storage.write(FOLDER.child("epoch-000000000x03"), new byte[0]);
    pass(LEASE, one);

    assertThat(one.isCurrent(epoch)).isFalse();
    assertThat(one.settled().number()).isEqualTo(2);
    assertThat(one.settled().holder()).isEmpty();
    assertThat(one.usable()).isEmpty();
  }

  @Test
  void oldEpochsAreRemoved() {
    begin(one);
    for (int i = 0; i < 200; i++) {
      one.forget();
    }

    assertThat(epochs()).hasSize(64).contains("epoch-000000000201");
  }

  @Test
  void anEpochIsReadAsItWasWritten() {
    for (Epoch epoch :
        List.of(
            new Epoch(7, "an-id", Optional.of("process 1"), true),
            new Epoch(8, "an-id", Optional.empty(), false))) {
      assertThat(Epoch.parse(new NumberedBlob(epoch.number(), epoch.text()))).isEqualTo(epoch);
    }
  }

  private static Outcome failAfter(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return Outcome.FAILED;
  }

  private Outcome slow(Duration time) {
    clock.pass(time);
    return Outcome.DONE;
  }

  /** Lets time pass as long as the lease is kept in the background. */
  private void pass(Duration time, CacheLease... kept) {
    Duration step = LEASE.dividedBy(4);
    for (Duration left = time; !left.isZero(); ) {
      Duration next = left.compareTo(step) < 0 ? left : step;
      clock.pass(next);
      left = left.minus(next);
      for (CacheLease lease : kept) {
        lease.renew();
      }
    }
  }

  private Epoch begin(CacheLease lease) {
    assertThat(lease.usable()).isEmpty();
    lease.renew();
    pass(WAIT, lease);
    return lease.usable().orElseThrow();
  }

  /** Lets the other process use the epoch of the first, as with one Redis for both. */
  private Epoch join(CacheLease lease, Epoch epoch) {
    theirs.name = mine.name;
    theirs.shared = true;
    mine.shared = true;
    assertThat(lease.usable()).as("seen just now").isEmpty();
    pass(WAIT, one, lease);
    assertThat(lease.usable()).contains(epoch);
    return epoch;
  }

  private List<String> epochs() {
    try (Stream<String> names = storage.names(FOLDER)) {
      return names.toList();
    }
  }

  /** Somebody who could remember, and does not. */
  private static final class Holder implements RepositoryEntries {
    private Optional<String> name;
    private boolean shared;

    Holder(String name) {
      this.name = Optional.of(name);
    }

    boolean isHolderOf(Epoch epoch) {
      return epoch.isHeldBy(name);
    }

    @Override
    public Optional<String> holder() {
      return name;
    }

    @Override
    public boolean isShared() {
      return shared;
    }

    @Override
    public boolean recover() {
      return false;
    }

    @Override
    public <V> Recall<V> find(Epoch epoch, RepositoryName repository, CachePart<V> part) {
      return Recall.none();
    }

    @Override
    public <V> void remember(
        Epoch epoch, RepositoryName repository, String token, CachePart<V> part, V value) {}

    @Override
    public boolean block(Epoch epoch, RepositoryName repository, String change) {
      return isHolderOf(epoch);
    }

    @Override
    public boolean unblock(Epoch epoch, RepositoryName repository, String change) {
      return isHolderOf(epoch);
    }
  }
}
