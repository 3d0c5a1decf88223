package io.registry.content.repository;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.registry.content.image.StoredImages;
import io.registry.platform.json.JsonCodec;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.StorageException;
import io.registry.storage.StorageException.Reason;
import io.registry.testkit.BrokenStorage;
import io.registry.testkit.BrokenStorage.Outcome;
import io.registry.testkit.BrokenStorage.Verb;
import io.registry.testkit.Budget;
import io.registry.testkit.InMemoryBlobStorage;
import io.registry.testkit.TestImage;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Several processes on one store take turns, step by step, in every order with up to so many
 * switches, or in random ones: no entry that was acknowledged is lost, unless a removal came after.
 */
@Tag("slow")
class ImageListInterleavingsTest {
  private static final RepositoryName NAME = new RepositoryName("foo", "bar");
  private static final BlobKey ORIGINAL = BlobKey.of("repositories", "foo", "bar", "_index_images");
  private static final Set<Verb> STEPS = Set.of(Verb.OPEN, Verb.COMMIT, Verb.DELETE, Verb.LIST);
  private static final int NEVER = Integer.MAX_VALUE;
  private static final int SWITCHES = 2;
  private static final int RANDOM_RUNS = Budget.times(1000);

  private final long seed = Budget.seed();
  private final ExecutorService threads = Executors.newCachedThreadPool();

  @AfterEach
  void stop() {
    threads.shutdownNow();
  }

  private enum Kind {
    ADD,
    READ,
    REMOVE_LIST,
    REMOVE_REPOSITORY
  }

  /** What a process does; an addition adds an image of that name. */
  private record Action(Kind kind, String name) {
    static Action add(String name) {
      return new Action(Kind.ADD, name);
    }

    static Action of(Kind kind) {
      return new Action(kind, "");
    }
  }

  /**
   * What there is to do.
   *
   * @param first what one process has done before the others begin
   * @param processes what each of them does
   * @param deathOfFirst at which of its steps the first process dies
   * @param death how its last step ends
   */
  private record Scenario(
      List<Action> first, List<List<Action>> processes, int deathOfFirst, Outcome death) {}

  @Test
  void ofTwoWhoAddNeitherLosesAnEntry() throws Exception {
    List<List<Action>> processes =
        List.of(List.of(Action.add("a")), List.of(Action.add("b"), Action.of(Kind.READ)));
    explore(new Scenario(List.of(Action.add("old")), processes, NEVER, Outcome.DONE), SWITCHES);
    explore(new Scenario(List.of(), processes, NEVER, Outcome.DONE), SWITCHES);
  }

  @Test
  void ofThreeWhoAddNoneLosesAnEntry() throws Exception {
    explore(
        new Scenario(
            List.of(Action.add("old")),
            List.of(List.of(Action.add("a")), List.of(Action.add("b")), List.of(Action.add("c"))),
            NEVER,
            Outcome.DONE),
        SWITCHES - 1);
  }

  @Test
  void whatIsAddedAfterARemovalStays() throws Exception {
    for (Kind removal : List.of(Kind.REMOVE_LIST, Kind.REMOVE_REPOSITORY)) {
      explore(
          new Scenario(
              List.of(Action.add("old"), Action.add("older")),
              List.of(
                  List.of(Action.add("a"), Action.of(Kind.READ)),
                  List.of(Action.of(removal), Action.add("b"), Action.of(Kind.READ))),
              NEVER,
              Outcome.DONE),
          SWITCHES);
    }
  }

  @Test
  void whatIsAcknowledgedOutlivesTheDeathOfAnyoneWhoAdds() throws Exception {
    for (Outcome death : List.of(Outcome.FAILED, Outcome.DONE_BUT_FAILED)) {
      for (int step = 1; step <= 12; step++) {
        explore(
            new Scenario(
                List.of(Action.add("old")),
                List.of(List.of(Action.add("a")), List.of(Action.add("b"), Action.of(Kind.READ))),
                step,
                death),
            1);
      }
    }
  }

  @Test
  void nothingIsLostInRandomOrders() throws Exception {
    Random random = new Random(seed);
    for (int run = 0; run < RANDOM_RUNS; run++) {
      List<List<Action>> processes = new ArrayList<>();
      for (int i = 2 + random.nextInt(2); i > 0; i--) {
        List<Action> actions = new ArrayList<>();
        for (int j = 1 + random.nextInt(3); j > 0; j--) {
          Kind kind = Kind.values()[Math.max(0, random.nextInt(7) - 3)];
          actions.add(new Action(kind, i + "-" + j));
        }
        processes.add(actions);
      }
      Scenario scenario =
          new Scenario(
              random.nextBoolean() ? List.of() : List.of(Action.add("old"), Action.add("older")),
              processes,
              random.nextInt(3) > 0 ? NEVER : 1 + random.nextInt(30),
              random.nextBoolean() ? Outcome.FAILED : Outcome.DONE_BUT_FAILED);
      check(scenario, new Run(scenario).execute(random::nextInt));
    }
  }

  // Every order that needs no more switches, as the alternatives of those that were run.
  private void explore(Scenario scenario, int maxSwitches) throws Exception {
    Deque<List<Integer>> open = new ArrayDeque<>();
    open.push(List.of());
    while (!open.isEmpty()) {
      List<Integer> begun = open.pop();
      Run run = new Run(scenario).execute(begun);
      check(scenario, run);
      for (int i = begun.size(); i < run.choices.size(); i++) {
        for (int other : run.alternatives.get(i)) {
          List<Integer> next = new ArrayList<>(run.choices.subList(0, i));
          next.add(other);
          if (run.switches(next) <= maxSwitches) {
            open.push(next);
          }
        }
      }
    }
  }

  /**
   * Something that a process did.
   *
   * @param begun at which step of all
   * @param ended after which step of all; the death of the process ends it too
   * @param done whether it was acknowledged
   * @param seen the images that a read has seen
   */
  private record Event(Action action, int begun, int ended, boolean done, Set<String> seen) {
    boolean isRemoval() {
      return action.kind() == Kind.REMOVE_LIST || action.kind() == Kind.REMOVE_REPOSITORY;
    }

    boolean overlaps(Event other) {
      return begun <= other.ended && other.begun <= ended;
    }
  }

  private void check(Scenario scenario, Run run) {
    String order = "seed %d: %s in the order %s".formatted(seed, scenario, run.choices);
    List<Event> reads = run.events.stream().filter(it -> it.action().kind() == Kind.READ).toList();
    List<Event> adds = run.events.stream().filter(it -> it.action().kind() == Kind.ADD).toList();
    List<Event> removals = run.events.stream().filter(Event::isRemoval).toList();
    for (Event read : reads) {
      for (Event add : adds) {
        String id = TestImage.id(add.action().name());
        boolean mayBeRemoved =
            removals.stream()
                .anyMatch(it -> it.ended() >= add.begun() && it.begun() <= read.ended());
        if (read.done() && add.done() && add.ended() < read.begun() && !mayBeRemoved) {
          assertThat(read.seen()).as("%s lost %s", order, add).contains(id);
        }
        boolean mustBeRemoved =
            removals.stream()
                .anyMatch(
                    it ->
                        it.done()
                            && it.begun() > add.ended()
                            && it.ended() < read.begun()
                            && adds.stream().noneMatch(it::overlaps));
        if (mustBeRemoved) {
          assertThat(read.seen()).as("%s brought back %s", order, add).doesNotContain(id);
        }
      }
    }
    if (scenario.deathOfFirst() == NEVER && removals.isEmpty()) {
      assertThat(ids(run.storage.read(ORIGINAL, 10_000)))
          .as("%s: the file for the original", order)
          .isEqualTo(reads.get(reads.size() - 1).seen());
    }
  }

  private static Set<String> ids(Optional<byte[]> list) {
    Set<String> ids = new HashSet<>();
    list.flatMap(new JsonCodec()::parse)
        .ifPresent(
            array ->
                array.forEach(
                    image -> assertThat(ids.add(image.get("id").stringValue())).isTrue()));
    return ids;
  }

  /** One order of the steps of all processes. */
  private final class Run {
    private final InMemoryBlobStorage storage = new InMemoryBlobStorage();
    private final Scenario scenario;
    private final List<Integer> choices = new ArrayList<>();
    private final List<List<Integer>> alternatives = new ArrayList<>();
    private final List<Event> events = new ArrayList<>();
    private final Semaphore paused = new Semaphore(0);
    private int time;

    Run(Scenario scenario) {
      this.scenario = scenario;
    }

    Run execute(List<Integer> begun) throws Exception {
      return execute(
          step -> {
            int last = step == 0 ? 0 : choices.get(step - 1);
            return step < begun.size() ? begun.get(step) : last;
          },
          Integer::valueOf);
    }

    Run execute(IntUnaryOperator random) throws Exception {
      return execute(step -> -1, random);
    }

    // Who is wanted, or else one of the living.
    private Run execute(IntUnaryOperator wanted, IntUnaryOperator random) throws Exception {
      perform(repositories(storage), scenario.first());
      List<Participant> processes =
          scenario.processes().stream().map(actions -> new Participant(actions)).toList();
      for (int i = 0; i < processes.size(); i++) {
        processes.get(i).start(i == 0 ? scenario.deathOfFirst() : NEVER);
      }
      while (true) {
        List<Integer> living =
            IntStream.range(0, processes.size())
                .filter(i -> !processes.get(i).ended)
                .boxed()
                .toList();
        if (living.isEmpty()) {
          break;
        }
        int choice = wanted.applyAsInt(choices.size());
        int chosen =
            living.contains(choice)
                ? choice
                : living.get(choice < 0 ? random.applyAsInt(living.size()) : 0);
        choices.add(chosen);
        alternatives.add(living.stream().filter(other -> other != chosen).toList());
        time++;
        processes.get(chosen).go.release();
        assertThat(paused.tryAcquire(1, TimeUnit.MINUTES)).isTrue();
      }
      time++;
      perform(
          repositories(storage),
          List.of(Action.of(Kind.READ), Action.add("last"), Action.of(Kind.READ)));
      return this;
    }

    /** How often a process has to wait for another one although it could go on. */
    int switches(List<Integer> order) {
      return (int)
          IntStream.range(1, order.size())
              .filter(i -> !order.get(i).equals(order.get(i - 1)))
              .filter(
                  i ->
                      alternatives.get(i).contains(order.get(i - 1))
                          || choices.get(i).equals(order.get(i - 1)))
              .count();
    }

    private Repositories repositories(BlobStorage store) {
      return new Repositories(
          store,
          new StoredImages(store, new JsonCodec()),
          new JsonCodec(),
          Clock.systemUTC(),
          Runnable::run,
          new UnheardChanges(),
          RepositoryEvents.UNHEARD,
          TagRule.NONE,
          TrashProperties.OFF);
    }

    private void perform(Repositories repositories, List<Action> actions) {
      for (Action action : actions) {
        time++;
        int begun = time;
        boolean done = false;
        Set<String> seen = Set.of();
        try {
          seen = perform(repositories, action);
          done = true;
        } catch (StorageException e) {
          // The process is dead.
          return;
        } finally {
          events.add(new Event(action, begun, time, done, seen));
        }
      }
    }

    private Set<String> perform(Repositories repositories, Action action) {
      switch (action.kind()) {
        case ADD -> {
          String list = "[{\"id\": \"%s\"}]".formatted(TestImage.id(action.name()));
          repositories.imageLists().add(NAME, list.getBytes(UTF_8));
        }
        case REMOVE_LIST -> repositories.imageLists().remove(NAME);
        case REMOVE_REPOSITORY -> repositories.remove(NAME, false);
        case READ -> {
          return ids(repositories.imageLists().get(NAME));
        }
      }
      return Set.of();
    }

    /** A process that waits before each step until it is its turn. */
    private final class Participant {
      private final List<Action> actions;
      private final BrokenStorage own = new BrokenStorage(storage);
      private final Semaphore go = new Semaphore(0);
      private volatile boolean ended;

      Participant(List<Action> actions) {
        this.actions = actions;
      }

      void start(int death) {
        own.fail(Reason.BROKEN, new Turns(death));
        threads.execute(
            () -> {
              go.acquireUninterruptibly();
              try {
                perform(repositories(own), actions);
              } finally {
                ended = true;
                paused.release();
              }
            });
      }

      private final class Turns implements BrokenStorage.Fault {
        private final int death;
        private int steps;

        Turns(int death) {
          this.death = death;
        }

        @Override
        public Outcome outcome(int number, Verb verb, BlobKey key) {
          if (steps >= death) {
            return Outcome.FAILED;
          }
          if (!STEPS.contains(verb)) {
            return Outcome.DONE;
          }
          paused.release();
          go.acquireUninterruptibly();
          steps++;
          return steps == death ? scenario.death() : Outcome.DONE;
        }
      }
    }
  }
}
