package io.registry.operations.check;

import static io.registry.operations.check.CheckedStore.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.registry.operations.check.CheckedStore.Answer;
import io.registry.operations.command.CommandLine;
import io.registry.operations.command.Console;
import io.registry.operations.command.ExitStatus;
import io.registry.operations.command.MisuseException;
import io.registry.storage.BlobKey;
import io.registry.storage.BlobStorage;
import io.registry.storage.StorageException;
import io.registry.storage.StorageException.Reason;
import io.registry.testkit.BrokenStorage;
import io.registry.testkit.BrokenStorage.Outcome;
import io.registry.testkit.BrokenStorage.Verb;
import io.registry.testkit.InMemoryBlobStorage;
import io.registry.testkit.TestImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreCheckTest {
  private static final String[] REPAIR = {"--repair", "--no-writers"};

  private static final Set<Verb> CHANGES =
      EnumSet.of(Verb.CREATE, Verb.WRITE, Verb.COMMIT, Verb.DELETE);

  private final BrokenStorage storage = new BrokenStorage(new InMemoryBlobStorage());
  private final CheckedStore store = new CheckedStore(storage);
  private final TestImage base = TestImage.base("base", "base layer");
  private final TestImage top = TestImage.child("top", base, "top layer");

  @TempDir Path directory;

  @Test
  void aCheckThatIsKilledAgainAndAgainEndsAsIfItHadNotBeen() throws IOException {
    fill(200);
    Answer whole = store.check(fast(), 4);
    assertThat(whole.findings()).hasSize(20 + 2);
    String resume = CheckedStore.resume(directory.resolve("work"));

    int kills = 0;
    Answer last = null;
    while (last == null) {
      storage.fail(Reason.UNAVAILABLE, (number, verb, key) -> after(400, number));
      try {
        last = store.check(fast(), 4, resume);
      } catch (StorageException e) {
        kills++;
        // One that began anew each time would never end.
        assertThat(kills).isLessThan(60);
      }
    }
    storage.heal();

    assertThat(kills).isGreaterThan(3);
    assertThat(last.findings()).isEqualTo(whole.findings());
    assertThat(last.report().path("summary")).isEqualTo(whole.report().path("summary"));
    // The next one begins anew.
    store.write(top, "json", bytes("{"));
    assertThat(store.check(resume).findings()).hasSize(20 + 2 + 1);
  }

  // One in ten has another layer than it had, one in a hundred is missing its tag.
  private void fill(int count) {
    store.put(base).put(top, base).tag("top", "latest", top);
    for (int number = 0; number < count; number++) {
      TestImage image = TestImage.child("image-" + number, base, "layer " + number);
      store.put(image, base).tag("repository-" + number % 40, "t" + number, image);
      if (number % 10 == 0) {
        store.write(image, "layer", bytes("damaged"));
      }
      if (number % 100 == 0) {
        storage.write(
            BlobKey.of("repositories", "library", "broken", "tag_t" + number), bytes("x"));
      }
    }
  }

  private static Outcome after(int limit, int number) {
    return number > limit ? Outcome.FAILED : Outcome.DONE;
  }

  /** A clock by which it is time for every third image to write down how far the check is. */
  private static Clock fast() {
    AtomicLong seconds = new AtomicLong();
    InstantSource source = () -> Instant.now().plusSeconds(seconds.incrementAndGet());
    return source.withZone(ZoneOffset.UTC);
  }

  @Test
  void anInterruptedCheckIsNotContinuedByAnother() throws IOException {
    fill(20);
    String resume = CheckedStore.resume(directory.resolve("work"));
    storage.fail(Reason.UNAVAILABLE, (number, verb, key) -> after(50, number));
    assertThatThrownBy(() -> store.check(fast(), 4, resume)).isInstanceOf(StorageException.class);
    storage.heal();

    assertThatThrownBy(() -> store.check(resume, "--layers=skip"))
        .isInstanceOf(MisuseException.class)
        .hasMessageContaining("another check");
    try (WorkFolder held = WorkFolder.open(Optional.of(directory.resolve("work")))) {
      assertThatThrownBy(() -> store.check(resume)).isInstanceOf(MisuseException.class);
    }
    assertThat(store.check(resume).status()).isEqualTo(1);
  }

  @Test
  void aRepairThatIsKilledAtAnyStepIsFinishedByTheNext() throws IOException {
    for (Outcome how : List.of(Outcome.FAILED, Outcome.DONE_BUT_FAILED)) {
      int step = 0;
      boolean killed = true;
      while (killed) {
        step++;
        killed = isKilledAt(step, how);
      }
      assertThat(step).isGreaterThan(15);
    }
  }

  private static boolean isKilledAt(int step, Outcome how) throws IOException {
    BrokenStorage storage = new BrokenStorage(new InMemoryBlobStorage());
    CheckedStore store = new CheckedStore(storage);
    TestImage base = TestImage.base("base", "base layer");
    TestImage top = TestImage.child("top", base, "top layer");
    store.put(base).put(top, base).tag("top", "latest", top);
    store.write(top, "layer", bytes("damaged"));
    store.write(top, "ancestry", bytes("[\"" + top.id() + "\"]"));
    store.write(base, "_upload_1", base.layer());
    store.write(base, "_upload_2", bytes("BASE LAYER"));
    BlobKey tag = BlobKey.of("repositories", "library", "top", "tag_broken");
    storage.write(tag, bytes("damaged tag"));

    boolean killed = false;
    AtomicInteger changes = new AtomicInteger();
    storage.fail(
        Reason.UNAVAILABLE,
        (number, verb, key) -> {
          int change = CHANGES.contains(verb) ? changes.incrementAndGet() : changes.get();
          if (change == step && CHANGES.contains(verb)) {
            return how;
          }
          return change < step ? Outcome.DONE : Outcome.FAILED;
        });
    try {
      store.check(Clock.systemUTC(), 1, REPAIR);
    } catch (StorageException e) {
      killed = true;
    }
    storage.heal();
    Answer next = store.check(REPAIR);

    assertThat(next.findings())
        .filteredOn(finding -> !finding.startsWith("set-aside"))
        .filteredOn(finding -> !isRepaired(next, finding))
        .containsExactlyInAnyOrder(
            "layer-missing images/" + top.id() + "/layer",
            "leftover images/" + base.id() + "/_upload_2");
    assertThat(contents(storage, CheckedStore.key(top, "x"), "_damaged_layer_"))
        .containsExactly("damaged");
    assertThat(contents(storage, CheckedStore.key(top, "x"), "_damaged_ancestry_"))
        .containsExactly("[\"" + top.id() + "\"]");
    assertThat(contents(storage, tag, "_damaged_tag_broken_")).containsExactly("damaged tag");
    assertThat(contents(storage, CheckedStore.key(base, "x"), "_upload_"))
        .containsExactly("BASE LAYER");
    assertThat(contents(storage, CheckedStore.key(base, "x"), "layer"))
        .containsExactly("base layer");
    assertThat(contents(storage, CheckedStore.key(top, "x"), "ancestry"))
        .containsExactly("[\"" + top.id() + "\", \"" + base.id() + "\"]");
    assertThat(storage.exists(tag)).isFalse();
    return killed;
  }

  private static boolean isRepaired(Answer answer, String wanted) {
    for (var finding : answer.report().path("findings")) {
      String name = finding.path("code").asString() + " " + finding.path("key").asString();
      if (name.equals(wanted)) {
        return !finding.path("repair").asString().isEmpty();
      }
    }
    return false;
  }

  private static List<String> contents(BlobStorage storage, BlobKey sibling, String start) {
    BlobKey folder = new BlobKey(sibling.path().substring(0, sibling.path().lastIndexOf('/')));
    try (Stream<String> names = storage.names(folder)) {
      return names
          .filter(name -> name.startsWith(start))
          .map(name -> storage.read(folder.child(name), 1000).orElseThrow())
          .map(read -> new String(read, StandardCharsets.UTF_8))
          .toList();
    }
  }

  @Test
  void aCheckWithoutRepairWritesNothing() throws IOException {
    fill(20);
    storage.fail(
        Reason.BROKEN,
        (number, verb, key) -> {
          assertThat(verb).isIn(Verb.LIST, Verb.OPEN, Verb.READ, Verb.STAT);
          return Outcome.DONE;
        });

    assertThat(store.check().status()).isEqualTo(1);
  }

  @Test
  void aFileThatCannotBeReadIsAFindingAndAStoreThatCannotIsNone() throws IOException {
    store.put(base).put(top, base).tag("top", "latest", top);
    storage.fail(
        Reason.BROKEN,
        (number, verb, key) ->
            verb == Verb.READ && key.equals(CheckedStore.key(top, "layer"))
                ? Outcome.FAILED
                : Outcome.DONE);

    Answer answer = store.check();

    assertThat(answer.findings()).containsExactly("unreadable images/" + top.id() + "/layer");
    assertThat(answer.status()).isEqualTo(1);
    storage.fail(Reason.DENIED, (number, verb, key) -> after(8, number));
    assertThatThrownBy(store::check).isInstanceOf(StorageException.class);
    assertThat(storage.openBlobs()).isZero();
  }

  @Test
  void anImageThatIsPushedAnewWhileItIsLookedAtIsNotCalledDamaged() throws IOException {
    store.put(base).tag("base", "latest", base);
    AtomicBoolean pushed = new AtomicBoolean();
    storage.fail(
        Reason.BROKEN,
        (number, verb, key) -> {
          if (verb == Verb.OPEN
              && key.equals(CheckedStore.key(base, "layer"))
              && pushed.compareAndSet(false, true)) {
            store.write(base, "_inprogress", bytes("true"));
            store.write(base, "layer", bytes("another"));
          }
          return Outcome.DONE;
        });

    Answer answer = store.check();

    assertThat(pushed).isTrue();
    assertThat(answer.findings()).isEmpty();
    assertThat(answer.count("uploadsUnderWay")).isEqualTo(1);
  }

  @Test
  void aTagThatIsMovedWhileItIsLookedAtIsNotCalledBroken() throws IOException {
    store.put(base).tag("base", "latest", top);
    BlobKey tag = BlobKey.of("repositories", "library", "base", "tag_latest");
    AtomicInteger looks = new AtomicInteger();
    storage.fail(
        Reason.BROKEN,
        (number, verb, key) -> {
          if (verb == Verb.OPEN && key.equals(tag) && looks.incrementAndGet() == 2) {
            store.tag("base", "latest", base);
          }
          return Outcome.DONE;
        });

    assertThat(store.check().findings()).isEmpty();
    assertThat(looks).hasValue(2);
  }

  @Test
  void layersAreReadUnlessThatIsNotWanted() throws IOException {
    store.put(base).tag("base", "latest", base);
    store.write(base, "layer", bytes("another"));

    assertThat(store.check("--layers=skip").status()).isZero();
    assertThat(store.check("--layers=verify").status()).isEqualTo(1);
  }

  @Test
  void aRepositoryMayHaveAnyNumberOfTags() throws IOException {
    store.put(base);
    for (int number = 0; number < 2500; number++) {
      store.tag("large", "t" + number, base);
    }
    BlobKey broken = BlobKey.of("repositories", "library", "large", "tag_t1234");
    storage.write(broken, new byte[0]);

    Answer answer = store.check("--older-than=0s");

    assertThat(answer.findings()).containsExactly("tag-broken " + broken);
    assertThat(answer.count("tags")).isEqualTo(2499);
  }

  @Test
  void parentsThatGoRoundInACircleAreFound() throws IOException {
    TestImage first = TestImage.of("first", TestImage.id("second"), bytes("1"));
    TestImage second = TestImage.of("second", TestImage.id("first"), bytes("2"));
    store.put(first).put(second).tag("circle", "latest", first);

    assertThat(store.check(REPAIR).findings())
        .containsExactlyInAnyOrder(
            "ancestry-broken images/" + first.id() + "/ancestry",
            "ancestry-broken images/" + second.id() + "/ancestry");
    assertThat(store.check().status()).isEqualTo(1);
  }

  @Test
  void anImageIsStuckWhenNothingWasWrittenForSoLong() throws IOException {
    store.write(base, "_inprogress", bytes("true"));
    Clock later = Clock.offset(Clock.systemUTC(), Duration.ofHours(25));

    assertThat(store.check().count("uploadsUnderWay")).isEqualTo(1);
    assertThat(store.check().findings()).isEmpty();
    assertThat(store.check(later, 1).findings())
        .containsExactly("stuck-upload images/" + base.id() + "/_inprogress");
    store.write(base, "json", base.json());
    assertThat(store.check(later, 1, "--older-than=26h").findings()).isEmpty();
  }

  @Test
  void theReportForPeopleNamesWhatIsWrongAndTheFileIsForPrograms() throws IOException {
    store.put(base).tag("base", "latest", base);
    storage.delete(CheckedStore.key(base, "layer"));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Path report = directory.resolve("report.json");

    ExitStatus status =
        new StoreCheckRunner(storage, Optional.empty(), Clock.systemUTC(), 2)
            .run(
                CheckOptions.of(
                    CommandLine.parse(List.of("--report=" + report), CheckOptions.SYNTAX)),
                new Console(
                    System.in, new PrintStream(out, true, StandardCharsets.UTF_8), System.err));

    assertThat(status).isEqualTo(ExitStatus.PROBLEMS);

    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("error layer-missing images/" + base.id() + "/layer: ")
        .contains("1 images")
        .endsWith("1 problems.\n");
    assertThat(Files.readString(report))
        .startsWith("{\"check\":{\"version\":1,\"store\":\"memory\",\"started\":\"20")
        .contains("\"code\":\"layer-missing\"", "\"severity\":\"error\"", "\"problems\":1");
    assertThat(directory.toFile().list()).containsExactly("report.json");
  }
}
