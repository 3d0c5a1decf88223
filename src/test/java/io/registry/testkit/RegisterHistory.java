package io.registry.testkit;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What many callers saw of one register, which is empty at first, and whether that is linearizable:
 * whether there is an order in which the calls may have happened one after the other, each at some
 * moment between its begin and its end, so that each read gets what was written last. No value may
 * be written twice.
 *
 * <p>The check goes through begins and ends in their order, and keeps all states that the register
 * may be in, together with the calls that have happened by then though they have not ended (Lowe,
 * "Testing for linearizability": just-in-time linearization). A call happens as late as it can; but
 * a read as soon as it can, and a write that nobody read just before the next one.
 */
public final class RegisterHistory {
  private static final long NEVER = Long.MAX_VALUE;
  private static final int EMPTY = 0;

  /** Any value that nobody ever read. */
  private static final int UNREAD = -1;

  /** Of the calls before one that cannot be explained, so many are told. */
  private static final int TOLD = 30;

  private final String name;
  private final List<Call> calls = new ArrayList<>();
  private final Set<String> written = new HashSet<>();
  private long events;

  /**
   * A history without calls.
   *
   * @param name of the register, for messages
   */
  public RegisterHistory(String name) {
    this.name = name;
  }

  private enum Kind {
    WRITE,
    DELETE,
    READ
  }

  private enum Outcome {
    OPEN,
    DONE,
    UNKNOWN,
    DROPPED
  }

  /** A call that has begun. One that is still open when the history is checked is unknown. */
  public final class Call {
    private final int number;
    private final Kind kind;
    private final long begin;
    private long end = NEVER;
    private Optional<String> value;
    private Outcome outcome = Outcome.OPEN;

    private Call(Kind kind, Optional<String> value) {
      this.kind = kind;
      this.value = value;
      this.number = calls.size();
      this.begin = ++events;
      calls.add(this);
    }

    /** A write or a removal was acknowledged. */
    public void done() {
      end(Outcome.DONE, kind != Kind.READ, value);
    }

    /** A read got this; nothing if the register was empty. */
    public void done(Optional<String> answer) {
      end(Outcome.DONE, kind == Kind.READ, answer);
    }

    /** Nobody knows about a write or a removal: it happens any time after its begin, or never. */
    public void unknown() {
      end(Outcome.UNKNOWN, kind != Kind.READ, value);
    }

    /** A write or a removal did not and will not happen, or a read got no answer. */
    public void dropped() {
      end(Outcome.DROPPED, true, value);
    }

    private void end(Outcome how, boolean fits, Optional<String> answer) {
      synchronized (RegisterHistory.this) {
        if (outcome != Outcome.OPEN || !fits) {
          throw new IllegalStateException(how + " is not for " + this);
        }
        end = ++events;
        value = answer;
        outcome = how;
      }
    }

    @Override
    public String toString() {
      return "#%d %s %s (%d-%s%s)"
          .formatted(
              number,
              kind,
              kind == Kind.DELETE ? "" : value.orElse("nothing"),
              begin,
              end == NEVER ? "" : end,
              outcome == Outcome.DONE ? "" : " " + outcome);
    }
  }

  /** Somebody is about to write this, which nobody has written before. */
  public synchronized Call write(String value) {
    if (!written.add(value)) {
      throw new IllegalArgumentException(value + " was written before");
    }
    return new Call(Kind.WRITE, Optional.of(value));
  }

  /** Somebody is about to make the register empty. */
  public synchronized Call delete() {
    return new Call(Kind.DELETE, Optional.empty());
  }

  /** Somebody is about to read. */
  public synchronized Call read() {
    return new Call(Kind.READ, Optional.empty());
  }

  /** How many calls there were. */
  public synchronized int size() {
    return calls.size();
  }

  /**
   * Checks the history.
   *
   * @throws AssertionError if it is not linearizable
   */
  public void check() {
    violation()
        .ifPresent(
            violation -> {
              throw new AssertionError(violation);
            });
  }

  /** What cannot be explained; nothing if the history is linearizable. */
  public synchronized Optional<String> violation() {
    return new Search(List.copyOf(calls)).violation();
  }

  /**
   * A call as the search sees it.
   *
   * @param value what is in the register when it has happened
   * @param end in halves, by when it has happened; {@link #NEVER} for one that need not
   */
  private record Step(Call call, int value, long begin, long end) {
    boolean isRead() {
      return call.kind == Kind.READ;
    }

    boolean isUnread() {
      return value == UNREAD;
    }
  }

  /**
   * What may be so at a moment.
   *
   * @param value what is in the register
   * @param happened those of the running steps that have happened, as bits
   */
  private record State(int value, long happened) {}

  private record Event(Step step, boolean isBegin, long time) {}

  /** One check. */
  private final class Search {
    private final List<Call> all;
    private final Map<String, Integer> numbers = new HashMap<>();
    private final Map<String, Long> firstRead = new HashMap<>();
    private final Step[] running = new Step[Long.SIZE];
    private long occupied;

    /** Removals that may happen at any time from now on, be it never. One is like another. */
    private int optional;

    /** Each state with the fewest of those removals that lead to it. */
    private Map<State, Integer> states = new HashMap<>(Map.of(new State(EMPTY, 0), 0));

    Search(List<Call> all) {
      this.all = all;
      for (Call call : all) {
        if (isAnswered(call) && call.value.isPresent()) {
          numbers.putIfAbsent(call.value.get(), numbers.size() + 1);
          firstRead.merge(call.value.get(), 2 * call.end, Math::min);
        }
      }
    }

    private static boolean isAnswered(Call call) {
      return call.kind == Kind.READ && call.outcome == Outcome.DONE;
    }

    Optional<String> violation() {
      for (Event event : events()) {
        if (event.isBegin()) {
          begin(event.step());
        } else {
          Set<Integer> before =
              states.keySet().stream().map(State::value).collect(Collectors.toSet());
          end(event.step());
          if (states.isEmpty()) {
            return Optional.of(describe(event.step(), before));
          }
        }
      }
      return Optional.empty();
    }

    private List<Event> events() {
      List<Event> events = new ArrayList<>();
      for (Call call : all) {
        step(call)
            .ifPresent(
                step -> {
                  events.add(new Event(step, true, step.begin()));
                  if (step.end() != NEVER) {
                    events.add(new Event(step, false, step.end()));
                  }
                });
      }
      events.sort(Comparator.comparingLong(Event::time));
      return events;
    }

    private Optional<Step> step(Call call) {
      long begin = 2 * call.begin;
      long end = call.outcome == Outcome.DONE ? 2 * call.end : NEVER;
      if (call.outcome == Outcome.DROPPED || (call.kind == Kind.READ && end == NEVER)) {
        return Optional.empty();
      }
      int number = call.value.map(value -> numbers.getOrDefault(value, UNREAD)).orElse(EMPTY);
      if (call.kind != Kind.WRITE) {
        return Optional.of(new Step(call, number, begin, end));
      }
      // What was read had been written by then.
      long read = call.value.map(firstRead::get).orElse(NEVER);
      end = Math.min(end, read == NEVER ? NEVER : read - 1);
      boolean isNoticed = end != NEVER && end > begin;
      return Optional.of(new Step(call, number, begin, end)).filter(step -> isNoticed);
    }

    private void begin(Step step) {
      if (step.end() == NEVER) {
        optional++;
        return;
      }
      int slot = Long.numberOfTrailingZeros(~occupied);
      if (slot == Long.SIZE) {
        throw new IllegalStateException("too many calls at the same time");
      }
      occupied |= 1L << slot;
      running[slot] = step;
      if (step.isRead()) {
        Map<State, Integer> next = new HashMap<>();
        states.forEach((state, used) -> next.merge(withReads(state), used, Math::min));
        states = next;
      }
    }

    private State withReads(State state) {
      long happened = state.happened();
      for (long left = occupied & ~happened; left != 0; left &= left - 1) {
        int slot = Long.numberOfTrailingZeros(left);
        if (running[slot].isRead() && running[slot].value() == state.value()) {
          happened |= 1L << slot;
        }
      }
      return new State(state.value(), happened);
    }

    private void end(Step step) {
      int slot = 0;
      while ((occupied >> slot & 1) == 0 || !running[slot].equals(step)) {
        slot++;
      }
      long bit = 1L << slot;
      Map<State, Integer> seen = new HashMap<>(states);
      Deque<State> open = new ArrayDeque<>(states.keySet());
      Map<State, Integer> next = new HashMap<>();
      while (!open.isEmpty()) {
        State state = open.pop();
        int used = seen.getOrDefault(state, 0);
        if ((state.happened() & bit) != 0) {
          next.merge(new State(state.value(), state.happened() & ~bit), used, Math::min);
          continue;
        }
        for (long left = occupied & ~state.happened(); left != 0; left &= left - 1) {
          int other = Long.numberOfTrailingZeros(left);
          Step write = running[other];
          if (!write.isRead() && (!write.isUnread() || other == slot)) {
            reach(after(state, write.value(), 1L << other), used, seen, open);
          }
        }
        if (used < optional && state.value() != EMPTY) {
          reach(after(state, EMPTY, 0), used + 1, seen, open);
        }
      }
      occupied &= ~bit;
      states = next;
    }

    private State after(State state, int value, long bit) {
      long happened = state.happened() | bit;
      for (long left = occupied & ~happened; left != 0; left &= left - 1) {
        int slot = Long.numberOfTrailingZeros(left);
        if (running[slot].isUnread()) {
          happened |= 1L << slot;
        }
      }
      return withReads(new State(value, happened));
    }

    private static void reach(State state, int used, Map<State, Integer> seen, Deque<State> open) {
      Integer known = seen.get(state);
      if (known == null || known > used) {
        seen.put(state, used);
        open.push(state);
      }
    }

    private String describe(Step step, Collection<Integer> before) {
      List<Call> around =
          all.stream()
              .filter(call -> call.begin <= step.call().end)
              .sorted(Comparator.comparingLong(call -> call.end))
              .toList();
      Set<String> values = new TreeSet<>();
      numbers.forEach(
          (value, number) -> {
            if (before.contains(number)) {
              values.add(value);
            }
          });
      if (before.contains(EMPTY)) {
        values.add("nothing");
      }
      if (before.contains(UNREAD)) {
        values.add("something that nobody read");
      }
      List<Call> told =
          new ArrayList<>(around.subList(Math.max(0, around.size() - TOLD), around.size()));
      around.stream()
          .filter(call -> call.kind != Kind.READ && call.value.equals(step.call().value))
          .filter(call -> call.kind == Kind.WRITE && !told.contains(call))
          .forEach(call -> told.add(0, call));
      return "%s: no order of the calls explains\n  %s\nbefore it ended there was %s\n  %s"
          .formatted(
              name,
              step.call(),
              String.join(" or ", values),
              told.stream().map(Call::toString).collect(Collectors.joining("\n  ")));
    }
  }
}
