package io.registry.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.registry.testkit.RegisterHistory.Call;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RegisterHistoryTest {
  private static final int THREADS = 16;
  private static final int CALLS = 500;
  private static final Optional<String> NOTHING = Optional.empty();
  private static final Optional<String> A = Optional.of("a");
  private static final Optional<String> B = Optional.of("b");

  private final RegisterHistory history = new RegisterHistory("register");

  private void write(String value) {
    history.write(value).done();
  }

  private void read(Optional<String> value) {
    history.read().done(value);
  }

  private void assertValid() {
    assertThat(history.violation()).isEmpty();
    history.check();
  }

  private void assertInvalid() {
    assertThat(history.violation()).isPresent();
    assertThatExceptionOfType(AssertionError.class).isThrownBy(history::check);
  }

  @Test
  void whatWasWrittenLastIsRead() {
    read(NOTHING);
    write("a");
    read(A);
    write("b");
    read(B);
    history.delete().done();
    read(NOTHING);
    assertValid();
    assertThat(history.size()).isEqualTo(7);
  }

  @Test
  void whatWasOverwrittenIsNotReadAnyMore() {
    write("a");
    write("b");
    read(A);
    assertThat(history.violation().orElseThrow())
        .isEqualTo(
            """
            register: no order of the calls explains
              #2 READ a (5-6)
            before it ended there was something that nobody read
              #0 WRITE a (1-2)
              #1 WRITE b (3-4)
              #2 READ a (5-6)""");
    assertInvalid();
  }

  @Test
  void whatWasRemovedIsNotReadAnyMore() {
    write("a");
    history.delete().done();
    read(A);
    assertInvalid();
  }

  @Test
  void whatWasWrittenIsThere() {
    write("a");
    read(NOTHING);
    assertInvalid();
  }

  @Test
  void whatNobodyWroteIsNotRead() {
    read(A);
    assertInvalid();
  }

  @Test
  void nothingIsReadBeforeItsWriteHasBegun() {
    read(A);
    history.write("a").unknown();
    assertInvalid();
  }

  @Test
  void aRunningWriteMayHaveHappenedOrNot() {
    Call write = history.write("a");
    read(NOTHING);
    read(A);
    write.done();
    read(A);
    assertValid();
  }

  @Test
  void whatWasSeenOfARunningWriteStaysSeen() {
    Call write = history.write("a");
    read(A);
    read(NOTHING);
    write.done();
    assertInvalid();
  }

  @Test
  void twoReadersSeeTwoRunningWritesInOneOrder() {
    Call first = history.write("a");
    Call second = history.write("b");
    read(A);
    read(B);
    first.done();
    second.done();
    assertValid();
    read(A);
    assertInvalid();
  }

  @Test
  void aWriteThatNobodyReadHappensToo() {
    write("a");
    Call unread = history.write("b");
    read(A);
    unread.done();
    read(A);
    assertInvalid();
  }

  @Test
  void anUnknownWriteMayHappenLateOrNever() {
    history.write("a").unknown();
    history.write("c").unknown();
    read(NOTHING);
    write("b");
    read(B);
    read(A);
    assertValid();
    read(B);
    assertInvalid();
  }

  @Test
  void anUnknownRemovalHappensOnce() {
    history.delete().unknown();
    write("a");
    read(A);
    read(NOTHING);
    write("b");
    read(B);
    assertValid();
    read(NOTHING);
    assertInvalid();
  }

  @Test
  void anUnknownRemovalDoesNotHappenBeforeItBegan() {
    write("a");
    read(NOTHING);
    history.delete().unknown();
    assertInvalid();
  }

  @Test
  void aCallThatIsStillOpenIsUnknown() {
    Call open = history.write("a");
    Call removal = history.delete();
    Call unanswered = history.read();
    read(A);
    read(NOTHING);
    assertValid();
    assertThat(List.of(open, removal, unanswered)).doesNotContainNull();
  }

  @Test
  void whatWasDroppedNeverHappened() {
    history.write("a").dropped();
    history.delete().dropped();
    history.read().dropped();
    read(NOTHING);
    assertValid();
    read(A);
    assertInvalid();
  }

  @Test
  void misuseIsRefused() {
    Call write = history.write("a");
    assertThatIllegalArgumentException().isThrownBy(() -> history.write("a"));
    assertThatIllegalStateException().isThrownBy(() -> write.done(A));
    write.done();
    assertThatIllegalStateException().isThrownBy(write::unknown);
    assertThatIllegalStateException().isThrownBy(() -> history.read().done());
    assertThatIllegalStateException().isThrownBy(() -> history.read().unknown());
  }

  @Test
  void randomHistoriesAreJudgedAsByTryingAllOrders() {
    AtomicInteger valid = new AtomicInteger();
    int count = 10_000;
    RandomCases.check(
        count,
        random -> {
          List<Operation> operations = operations(random);
          boolean expected = new AllOrders(operations).isValid();
          Optional<String> violation = play(operations).violation();
          assertThat(violation.isEmpty())
              .as("%s %s", operations, violation.orElse(""))
              .isEqualTo(expected);
          valid.addAndGet(expected ? 1 : 0);
        });
    assertThat(valid.get()).isBetween(count / 4, count * 3 / 4);
  }

  @Test
  void manyCallsOfManyThreadsAreChecked() throws Exception {
    AtomicReference<Optional<String>> register = new AtomicReference<>(NOTHING);
    CyclicBarrier begun = new CyclicBarrier(THREADS);
    Together.run(
        IntStream.range(0, THREADS)
            .<Together.Task>mapToObj(thread -> () -> use(register, begun, thread))
            .toList());
    assertThat(history.size()).isEqualTo(THREADS * CALLS);
    assertValid();
    // What the register holds now may still be written once more, by a call of unknown outcome.
    write("late");
    write("later");
    read(Optional.of("late"));
    assertInvalid();
  }

  // Each begins before any of the others goes on.
  private void use(AtomicReference<Optional<String>> register, CyclicBarrier begun, int thread)
      throws Exception {
    for (int i = 0; i < CALLS; i++) {
      int what = (i + thread) % 5;
      boolean known = i % 20 > 0;
      if (what == 0) {
        String value = thread + "." + i;
        Call call = history.write(value);
        begun.await();
        register.set(Optional.of(value));
        end(call, known);
      } else if (what == 1 && thread % 3 == 0) {
        Call call = history.delete();
        begun.await();
        if (known || thread > 8) {
          register.set(NOTHING);
        }
        end(call, known);
      } else {
        Call call = history.read();
        begun.await();
        call.done(register.get());
      }
    }
  }

  private static void end(Call call, boolean known) {
    if (known) {
      call.done();
    } else {
      call.unknown();
    }
  }

  private enum Kind {
    WRITE,
    DELETE,
    READ
  }

  /** A call, of which only the order of begin and end counts. */
  private record Operation(
      Kind kind, Optional<String> value, int begin, int end, boolean isKnown) {}

  // They happen in the order in which they are made, or nearly: some reads are told something else.
  private static List<Operation> operations(RandomGenerator random) {
    int count = 1 + random.nextInt(8);
    List<Integer> times = new ArrayList<>(IntStream.range(0, 3 * count).boxed().toList());
    List<Operation> operations = new ArrayList<>();
    Collections.shuffle(times, new Random(random.nextLong()));
    List<int[]> spans = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int[] span =
          times.subList(3 * i, 3 * i + 3).stream().mapToInt(time -> time).sorted().toArray();
      spans.add(span);
    }
    spans.sort(Comparator.comparingInt(span -> span[1]));
    Optional<String> value = NOTHING;
    for (int i = 0; i < count; i++) {
      int begin = spans.get(i)[0];
      int end = spans.get(i)[2];
      boolean known = random.nextInt(4) > 0;
      boolean happens = known || random.nextBoolean();
      switch (random.nextInt(5)) {
        case 0, 1 -> {
          Optional<String> written = Optional.of("v" + i);
          operations.add(new Operation(Kind.WRITE, written, begin, end, known));
          value = happens ? written : value;
        }
        case 2 -> {
          operations.add(new Operation(Kind.DELETE, NOTHING, begin, end, known));
          value = happens ? NOTHING : value;
        }
        default -> {
          Optional<String> other =
              random.nextBoolean() ? NOTHING : Optional.of("v" + random.nextInt(count));
          operations.add(
              new Operation(Kind.READ, random.nextBoolean() ? other : value, begin, end, true));
        }
      }
    }
    return operations;
  }

  private static RegisterHistory play(List<Operation> operations) {
    RegisterHistory history = new RegisterHistory("register");
    Call[] calls = new Call[operations.size()];
    for (int time = 0; time < 3 * operations.size(); time++) {
      for (int i = 0; i < calls.length; i++) {
        Operation operation = operations.get(i);
        if (operation.begin() == time) {
          calls[i] =
              switch (operation.kind()) {
                case WRITE -> history.write(operation.value().orElseThrow());
                case DELETE -> history.delete();
                case READ -> history.read();
              };
        } else if (operation.end() == time) {
          if (operation.kind() == Kind.READ) {
            calls[i].done(operation.value());
          } else {
            end(calls[i], operation.isKnown());
          }
        }
      }
    }
    return history;
  }

  /** Tries whatever order is allowed. */
  private record AllOrders(List<Operation> operations) {
    boolean isValid() {
      return isValid(operations, NOTHING);
    }

    private static boolean isValid(List<Operation> left, Optional<String> value) {
      if (left.stream().noneMatch(Operation::isKnown)) {
        return true;
      }
      for (Operation next : left) {
        boolean tooEarly =
            left.stream().anyMatch(other -> other.isKnown() && other.end() < next.begin());
        boolean wrong = next.kind() == Kind.READ && !next.value().equals(value);
        if (!tooEarly && !wrong) {
          List<Operation> rest = new ArrayList<>(left);
          rest.remove(next);
          if (isValid(rest, next.value())) {
            return true;
          }
        }
      }
      return false;
    }
  }
}
