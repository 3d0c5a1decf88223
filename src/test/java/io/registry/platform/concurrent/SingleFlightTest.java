package io.registry.platform.concurrent;

import static java.lang.Thread.State.TERMINATED;
import static java.lang.Thread.State.WAITING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SingleFlightTest {
  private static final int CROWD = 20;

  private final SingleFlight<String, Integer> singleFlight = new SingleFlight<>();
  private final List<Thread> threads = new ArrayList<>();

  private final AtomicInteger loads = new AtomicInteger();
  private final CompletableFuture<Integer> remembered = new CompletableFuture<>();

  @AfterEach
  void stop() {
    threads.forEach(Thread::interrupt);
  }

  private Optional<Integer> find() {
    return Optional.ofNullable(remembered.getNow(null));
  }

  private Future<Integer> ask(Supplier<Integer> load) {
    FutureTask<Integer> task =
        new FutureTask<>(
            () ->
                singleFlight.get(
                    "key",
                    this::find,
                    () -> {
                      loads.incrementAndGet();
                      return load.get();
                    }));
    Thread thread = new Thread(task, "asks");
    threads.add(thread);
    thread.start();
    return task;
  }

  /** The first load is under way, and so many others have asked since. */
  private List<Future<Integer>> crowd(Supplier<Integer> load) {
    List<Future<Integer>> all = new ArrayList<>(List.of(ask(load)));
    await().until(() -> loads.get() == 1);
    for (int i = 0; i < CROWD; i++) {
      all.add(ask(load));
    }
    await().until(this::allWait);
    return all;
  }

  private boolean allWait() {
    return threads.stream().map(Thread::getState).allMatch(Set.of(WAITING, TERMINATED)::contains);
  }

  private static Supplier<Integer> after(CountDownLatch latch, Supplier<Integer> value) {
    return () -> {
      try {
        latch.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      return value.get();
    };
  }

  @Test
  void whatIsRememberedIsNotLoaded() throws Exception {
    remembered.complete(7);

    assertThat(ask(() -> 8).get()).isEqualTo(7);
    assertThat(loads).hasValue(0);
  }

  @Test
  void aCrowdLoadsOnceWhenTheValueIsRemembered() throws Exception {
    CountDownLatch latch = new CountDownLatch(1);
    List<Future<Integer>> all =
        crowd(
            after(
                latch,
                () -> {
                  remembered.complete(7);
                  return 7;
                }));
    latch.countDown();

    for (Future<Integer> each : all) {
      assertThat(each.get()).isEqualTo(7);
    }
    assertThat(loads).hasValue(1);
  }

  @Test
  void nobodyIsGivenALoadThatBeganBeforeHeAsked() throws Exception {
    CountDownLatch latch = new CountDownLatch(1);
    AtomicInteger store = new AtomicInteger(1);
    Future<Integer> slow =
        ask(
            () -> {
              int old = store.get();
              return after(latch, () -> old).get();
            });
    await().until(() -> loads.get() == 1);
    store.set(2);
    List<Future<Integer>> later = new ArrayList<>();
    for (int i = 0; i < CROWD; i++) {
      later.add(ask(store::get));
    }
    await().until(this::allWait);
    latch.countDown();

    assertThat(slow.get()).isEqualTo(1);
    for (Future<Integer> each : later) {
      assertThat(each.get()).isEqualTo(2);
    }
  }

  @Test
  void whatIsNotRememberedIsLoadedByFewForMany() throws Exception {
    CountDownLatch latch = new CountDownLatch(1);
    CountDownLatch second = new CountDownLatch(1);
    List<Future<Integer>> all =
        crowd(() -> loads.get() == 1 ? after(latch, () -> 1).get() : after(second, () -> 2).get());
    latch.countDown();
    assertThat(all.get(0).get()).isEqualTo(1);
    // All of the crowd wait for the one of them that loads.
    await().until(() -> loads.get() == 2 && allWait());
    second.countDown();

    for (Future<Integer> each : all.subList(1, all.size())) {
      assertThat(each.get()).isEqualTo(2);
    }
    assertThat(loads).hasValue(2);
  }

  @Test
  void aFailureIsThrownToThoseWhoShareIt() {
    CountDownLatch latch = new CountDownLatch(1);
    Supplier<Integer> failing =
        after(
            latch,
            () -> {
              throw new IllegalStateException("no store");
            });
    List<Future<Integer>> all = crowd(failing);
    latch.countDown();

    for (Future<Integer> each : all) {
      assertThatThrownBy(each::get)
          .isInstanceOf(ExecutionException.class)
          .hasRootCauseInstanceOf(IllegalStateException.class)
          .hasRootCauseMessage("no store");
    }
    assertThat(singleFlight.get("key", Optional::empty, () -> 3)).isEqualTo(3);
  }

  @Test
  void otherKeysDoNotWait() throws Exception {
    CountDownLatch latch = new CountDownLatch(1);
    Future<Integer> slow = ask(after(latch, () -> 1));
    await().until(() -> loads.get() == 1);

    assertThat(singleFlight.get("other", Optional::empty, () -> 2)).isEqualTo(2);
    latch.countDown();
    assertThat(slow.get()).isEqualTo(1);
  }
}
