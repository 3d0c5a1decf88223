package io.registry.web.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ConcurrencyLimitTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  @Test
  void whoWaitsGoesInInTheOrderOfComing() throws InterruptedException {
    ConcurrencyLimit limit = new ConcurrencyLimit(1, 10);
    List<Integer> order = Collections.synchronizedList(new ArrayList<>());
    assertThat(limit.enter(LONG)).isTrue();
    List<Thread> waiting = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      int number = i;
      waiting.add(
          start(
              () -> {
                if (limit.enter(LONG)) {
                  order.add(number);
                  limit.leave();
                }
              }));
      await().until(() -> isParked(waiting.get(number)));
    }

    limit.leave();
    for (Thread each : waiting) {
      each.join();
    }

    assertThat(order).containsExactly(0, 1, 2, 3, 4);
    assertThat(limit.inUse()).isZero();
  }

  @Test
  void whoComesDoesNotOvertakeWhoWaits() throws InterruptedException {
    ConcurrencyLimit limit = new ConcurrencyLimit(1, 10);
    assertThat(limit.enter(LONG)).isTrue();
    Thread first = start(() -> limit.enter(LONG));
    await().until(() -> isParked(first));

    limit.leave();
    assertThat(limit.enter(Duration.ZERO)).isFalse();

    first.join();
    assertThat(limit.inUse()).isOne();
  }

  @Test
  void noMoreWaitThanMayAndNoLonger() throws InterruptedException {
    ConcurrencyLimit limit = new ConcurrencyLimit(1, 1);
    assertThat(limit.enter(LONG)).isTrue();
    assertThat(limit.enter(Duration.ofMillis(1))).isFalse();
    Thread waiting = start(() -> limit.enter(LONG));
    await().until(() -> isParked(waiting));

    assertThat(limit.enter(LONG)).as("at once").isFalse();
    assertThat(limit.waiting()).isOne();

    limit.leave();
    waiting.join();
    assertThat(limit.waiting()).isZero();
  }

  @Test
  void aSmallerLimitLetsThoseFinishWhoAreIn() throws InterruptedException {
    ConcurrencyLimit limit = new ConcurrencyLimit(2, 0);
    assertThat(limit.enter(LONG)).isTrue();
    assertThat(limit.enter(LONG)).isTrue();
    limit.resize(1, 0);
    assertThat(limit.inUse()).isEqualTo(2);
    limit.leave();
    assertThat(limit.enter(LONG)).isFalse();
    limit.leave();
    assertThat(limit.enter(LONG)).isTrue();
  }

  @Test
  void onAPoolOfThreadsWhoMayBeSlowLeavesThoseThatReadersNeed() {
    for (int threads : new int[] {1024, 512, 200, 64}) {
      ThreadShares shares = new ThreadShares(OptionalInt.of(threads));
      int taken =
          Stream.of(WorkKind.UPLOAD, WorkKind.DOWNLOAD, WorkKind.CHANGE)
              .mapToInt(
                  kind -> {
                    int limit = shares.limit(kind, 2048);
                    assertThat(limit).isPositive();
                    return limit + shares.queue(kind, limit, 1000);
                  })
              .sum();
      assertThat(taken).isLessThanOrEqualTo(threads * 13 / 16);
      assertThat(shares.limit(WorkKind.METADATA, 512)).isEqualTo(512);
    }
  }

  @Test
  void withoutAPoolWhatIsSetHolds() {
    ThreadShares shares = new ThreadShares(OptionalInt.empty());
    assertThat(shares.limit(WorkKind.DOWNLOAD, 2048)).isEqualTo(2048);
    assertThat(shares.queue(WorkKind.DOWNLOAD, 2048, 1000)).isEqualTo(1000);
  }

  private interface Waiting {
    @SuppressWarnings("unused")
    void run() throws InterruptedException;
  }

  private static Thread start(Waiting waiting) {
    Thread thread =
        new Thread(
            () -> {
              try {
                waiting.run();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private static boolean isParked(Thread thread) {
    return thread.getState() == Thread.State.TIMED_WAITING;
  }
}
