package io.registry.content.liveness;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * A model of docs/decisions/0015 whose states are all visited: one blob, two registries, a client
 * on each that pushes a reference to it, and two collectors, of which each may sleep or die at any
 * point. Time passes when no registry relies any more on what it has read before the list.
 */
class CollectionModelTest {
  /** What the algorithm may lack. */
  private enum Flaw {
    /** The collector does not wait for the leases of the registries. */
    NO_WAIT,
    /** It does not look for references again after the wait. */
    NO_SECOND_MARK,
    /** A registry that tells a client that the blob is there does not rescue it. */
    NO_RESCUE,
    /** A push does not look again after it has written the reference. */
    NO_SECOND_LOOK,
    /** A collector that goes on leaves what another one was removing, if it is referred to. */
    HALF_REMOVED,
    /** The collector deletes whatever blob it finds. */
    ANY_VERSION
  }

  private enum Decision {
    NONE,
    STAYS,
    REMOVING,
    REMOVED
  }

  /** Where a client is. */
  private enum Push {
    BEGIN,
    /** It was told that the blob is there, or has stored it. */
    HAS_BLOB,
    /** The server has looked and found it. */
    LOOKED,
    /** The reference is written. */
    REFERRED,
    ACKNOWLEDGED,
    /** It was refused, and its reference is gone. */
    REFUSED
  }

  /** Where a collector is. */
  private enum Step {
    BEGIN,
    /** It has found no reference. */
    MARKED,
    /** It knows the list. */
    LISTED,
    /** Every registry knows the list. */
    WAITED,
    /** It has found no reference again, and knows the version of the blob. */
    MARKED_AGAIN,
    /** It has decided. */
    DECIDED,
    DONE
  }

  /**
   * A state.
   *
   * @param blob the version of the blob; 0 for none
   * @param listed whether the list is written, and not yet ended
   * @param ended whether the collection is over
   * @param knows whether each registry has read the list
   * @param expired whether the lease of each registry is over, so that it reads before it answers
   * @param pushes where the clients are
   * @param hasReference whether the reference of each client is written
   * @param steps where the collectors are
   * @param seen the version that each collector has seen
   */
  private record State(
      int blob,
      boolean listed,
      boolean ended,
      Decision decision,
      List<Boolean> knows,
      List<Boolean> expired,
      List<Push> pushes,
      List<Boolean> hasReference,
      List<Step> steps,
      List<Integer> seen) {

    static State first() {
      return new State(
          1,
          false,
          false,
          Decision.NONE,
          List.of(false, false),
          List.of(false, false),
          List.of(Push.BEGIN, Push.BEGIN),
          List.of(false, false),
          List.of(Step.BEGIN, Step.BEGIN),
          List.of(0, 0));
    }

    State blob(int next) {
      return new State(
          next, listed, ended, decision, knows, expired, pushes, hasReference, steps, seen);
    }

    State list(boolean nextListed, boolean nextEnded) {
      return new State(
          blob, nextListed, nextEnded, decision, knows, expired, pushes, hasReference, steps, seen);
    }

    State decision(Decision next) {
      return new State(
          blob, listed, ended, next, knows, expired, pushes, hasReference, steps, seen);
    }

    State knows(int i, boolean next) {
      return new State(
          blob,
          listed,
          ended,
          decision,
          with(knows, i, next),
          with(expired, i, false),
          pushes,
          hasReference,
          steps,
          seen);
    }

    State expire() {
      List<Boolean> next = new ArrayList<>();
      for (boolean known : knows) {
        next.add(!known);
      }
      return new State(
          blob,
          listed,
          ended,
          decision,
          knows,
          List.copyOf(next),
          pushes,
          hasReference,
          steps,
          seen);
    }

    State push(int i, Push next) {
      return new State(
          blob,
          listed,
          ended,
          decision,
          knows,
          expired,
          with(pushes, i, next),
          hasReference,
          steps,
          seen);
    }

    State reference(int i, boolean next) {
      return new State(
          blob,
          listed,
          ended,
          decision,
          knows,
          expired,
          pushes,
          with(hasReference, i, next),
          steps,
          seen);
    }

    State step(int i, Step next) {
      return new State(
          blob,
          listed,
          ended,
          decision,
          knows,
          expired,
          pushes,
          hasReference,
          with(steps, i, next),
          seen);
    }

    State seen(int i, int version) {
      return new State(
          blob,
          listed,
          ended,
          decision,
          knows,
          expired,
          pushes,
          hasReference,
          steps,
          with(seen, i, version));
    }

    boolean isReferred() {
      return hasReference.contains(true);
    }

    private static <T> List<T> with(List<T> all, int index, T value) {
      List<T> next = new ArrayList<>(all);
      next.set(index, value);
      return List.copyOf(next);
    }
  }

  /** The algorithm, perhaps with flaws. */
  private record Model(Set<Flaw> flaws) {
    boolean has(Flaw flaw) {
      return flaws.contains(flaw);
    }

    List<State> next(State state) {
      List<State> all = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        register(state, i, all);
        push(state, i, all);
        collect(state, i, all);
      }
      return all;
    }

    private static void register(State state, int i, List<State> all) {
      // It reads the list by itself, too, from time to time.
      if (state.listed() != state.knows().get(i)) {
        all.add(state.knows(i, state.listed()));
      }
    }

    // What a registry knows when it answers: with an expired lease it asks first.
    private static State answering(State state, int i) {
      return state.expired().get(i) ? state.knows(i, state.listed()) : state;
    }

    /** The state after a look at the blob, and whether it is there. */
    private record Looked(State state, boolean isThere) {}

    private Looked look(State before, int i) {
      State state = answering(before, i);
      if (!state.knows().get(i) || state.blob() == 0 || has(Flaw.NO_RESCUE)) {
        return new Looked(state, state.blob() > 0);
      }
      State decided = state.decision() == Decision.NONE ? state.decision(Decision.STAYS) : state;
      return new Looked(decided, decided.decision() == Decision.STAYS);
    }

    private void push(State before, int i, List<State> all) {
      switch (before.pushes().get(i)) {
        case BEGIN -> {
          Looked looked = look(before, i);
          if (looked.isThere()) {
            all.add(looked.state().push(i, Push.HAS_BLOB));
          } else {
            store(looked.state(), i).ifPresent(all::add);
          }
        }
        case HAS_BLOB -> {
          Looked looked = look(before, i);
          all.add(looked.state().push(i, looked.isThere() ? Push.LOOKED : Push.REFUSED));
        }
        case LOOKED -> all.add(before.reference(i, true).push(i, Push.REFERRED));
        case REFERRED -> {
          Looked looked = look(before, i);
          boolean isGood = looked.isThere() || has(Flaw.NO_SECOND_LOOK);
          all.add(
              isGood
                  ? looked.state().push(i, Push.ACKNOWLEDGED)
                  : looked.state().reference(i, false).push(i, Push.REFUSED));
        }
        case ACKNOWLEDGED, REFUSED -> {}
      }
    }

    // Empty while a removal is under way: the write waits.
    private static Optional<State> store(State before, int i) {
      State state = answering(before, i);
      int version = Math.max(2, state.blob() + 1);
      if (!state.knows().get(i)) {
        return Optional.of(state.blob(version).push(i, Push.HAS_BLOB));
      }
      return switch (state.decision()) {
        case NONE, STAYS ->
            Optional.of(state.decision(Decision.STAYS).blob(version).push(i, Push.HAS_BLOB));
        case REMOVED ->
            Optional.of(state.blob(version).decision(Decision.STAYS).push(i, Push.HAS_BLOB));
        case REMOVING -> Optional.empty();
      };
    }

    private void collect(State state, int i, List<State> all) {
      switch (state.steps().get(i)) {
        case BEGIN -> {
          if (state.listed()) {
            all.add(state.step(i, Step.LISTED));
          } else if (!state.ended() && !state.isReferred() && state.blob() > 0) {
            all.add(state.step(i, Step.MARKED));
          }
        }
        case MARKED ->
            all.add(
                state.listed() || state.ended()
                    ? state.step(i, Step.BEGIN)
                    : state.list(true, false).step(i, Step.LISTED));
        case LISTED ->
            all.add(
                has(Flaw.NO_WAIT)
                    ? state.step(i, Step.WAITED)
                    : state.listed()
                        ? state.expire().step(i, Step.WAITED)
                        : state.step(i, Step.WAITED));
        case WAITED -> {
          if (state.isReferred() && !has(Flaw.NO_SECOND_MARK)) {
            // What another collector is removing goes, too: its reference is not acknowledged.
            all.add(
                keep(state)
                    .seen(i, has(Flaw.HALF_REMOVED) ? 0 : state.blob())
                    .step(i, Step.MARKED_AGAIN));
          } else {
            all.add(state.seen(i, state.blob()).step(i, Step.MARKED_AGAIN));
          }
        }
        case MARKED_AGAIN ->
            all.add(
                switch (state.decision()) {
                  case NONE -> state.decision(Decision.REMOVING).step(i, Step.DECIDED);
                  case REMOVING -> state.step(i, Step.DECIDED);
                  case STAYS, REMOVED -> state.seen(i, 0).step(i, Step.DECIDED);
                });
        case DECIDED -> all.add(delete(state, i));
        case DONE -> {}
      }
      // A crash: it begins anew and finds what is in the store. Whoever sleeps makes no step.
      if (state.steps().get(i) != Step.BEGIN && state.steps().get(i) != Step.DONE) {
        all.add(state.seen(i, 0).step(i, Step.BEGIN));
      }
    }

    private static State keep(State state) {
      return state.decision() == Decision.NONE ? state.decision(Decision.STAYS) : state;
    }

    private State delete(State state, int i) {
      State next = state;
      int version = state.seen().get(i);
      boolean isSame = version != 0 && state.blob() == version;
      if (isSame || (has(Flaw.ANY_VERSION) && version != 0)) {
        next = next.blob(0);
      }
      if (next.decision() == Decision.REMOVING) {
        next = next.decision(Decision.REMOVED);
      }
      return next.list(false, true).step(i, Step.DONE);
    }
  }

  /** Visits all states, and returns what is wrong with one of them. */
  private static Optional<String> visit(Model model, Set<State> visited) {
    Deque<State> open = new ArrayDeque<>(List.of(State.first()));
    visited.add(State.first());
    while (!open.isEmpty()) {
      State state = open.remove();
      Optional<String> wrong = wrong(state);
      if (wrong.isPresent()) {
        return wrong;
      }
      for (State next : model.next(state)) {
        if (visited.add(next)) {
          open.add(next);
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<String> wrong(State state) {
    boolean isBroken =
        state.blob() == 0 && state.pushes().contains(Push.ACKNOWLEDGED) && state.isReferred();
    return isBroken
        ? Optional.of("an acknowledged push has lost its blob: " + state)
        : Optional.empty();
  }

  private static Set<State> visitAll(Set<Flaw> flaws) {
    Set<State> visited = new HashSet<>();
    assertThat(visit(new Model(flaws), visited)).isEmpty();
    return visited;
  }

  @Test
  void noAcknowledgedPushLosesItsBlob() {
    Set<State> visited = visitAll(EnumSet.noneOf(Flaw.class));

    assertThat(visited.size()).isGreaterThan(1_000);
    assertThat(visited)
        .as("something is removed, and pushed anew")
        .anyMatch(
            state ->
                state.decision() == Decision.REMOVED
                    && state.blob() == 0
                    && state.steps().contains(Step.DONE))
        .anyMatch(state -> state.blob() > 1 && state.pushes().contains(Push.ACKNOWLEDGED));
  }

  @Test
  void whatNothingRefersToGoesInTheEnd() {
    Model model = new Model(EnumSet.noneOf(Flaw.class));
    Set<State> visited = visitAll(EnumSet.noneOf(Flaw.class));
    UnaryOperator<State> another = state -> nextCollection(state);
    for (State state : visited) {
      boolean isQuiet =
          state.pushes().stream().allMatch(push -> push == Push.REFUSED)
              && state.ended()
              && !state.isReferred();
      if (isQuiet && state.blob() > 0) {
        Set<State> later = new HashSet<>();
        Deque<State> open = new ArrayDeque<>(List.of(another.apply(state)));
        while (!open.isEmpty()) {
          State next = open.remove();
          if (later.add(next)) {
            open.addAll(model.next(next));
          }
        }
        assertThat(later).as("after %s", state).anyMatch(end -> end.blob() == 0);
      }
    }
  }

  private static State nextCollection(State state) {
    return new State(
        state.blob(),
        false,
        false,
        Decision.NONE,
        List.of(false, false),
        List.of(false, false),
        state.pushes(),
        state.hasReference(),
        List.of(Step.BEGIN, Step.BEGIN),
        List.of(0, 0));
  }

  @Test
  void eachPartOfTheAlgorithmIsNeeded() {
    for (Flaw flaw : Flaw.values()) {
      assertThat(visit(new Model(EnumSet.of(flaw)), new HashSet<>())).as("%s", flaw).isPresent();
    }
  }
}
