package io.registry.features.search;

import static io.registry.features.search.SearchReplica.name;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.registry.access.auth.ReadScope;
import io.registry.content.repository.RepositoryName;
import io.registry.storage.BlobKey;
import io.registry.storage.StorageException;
import io.registry.storage.StorageException.Reason;
import io.registry.testkit.BrokenStorage;
import io.registry.testkit.BrokenStorage.Outcome;
import io.registry.testkit.BrokenStorage.Verb;
import io.registry.testkit.InMemoryBlobStorage;
import io.registry.testkit.PassingClock;
import io.registry.testkit.TestDatabase;
import io.registry.testkit.Together;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The index and the store, seen by several processes. */
@Tag("external")
class SearchIndexTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final PassingClock clock = new PassingClock();
  private final InMemoryBlobStorage stored = new InMemoryBlobStorage();
  private final BrokenStorage storage = new BrokenStorage(stored);

  private SearchReplica replica(TestDatabase database) {
    return new SearchReplica(database.shared(), storage, clock);
  }

  @ParameterizedTest
  @EnumSource
  void whatOneProcessHearsOfAllFind(TestDatabase database) {
    database.emptied();
    SearchReplica one = replica(database);
    SearchReplica other = replica(database);

    one.push("a/one");
    other.push("a/two");
    one.repositories.setPrivate(name("a/two"), true);
    one.catchUp();
    other.catchUp();
    assertThat(one.all()).containsExactly("a/one", "a/two");
    assertThat(other.all()).containsExactly("a/one", "a/two");
    assertThat(other.find("", ReadScope.PUBLIC)).containsExactly("a/one");
    assertThat(other.find("", ReadScope.of(Set.of("a")))).containsExactly("a/one", "a/two");
    assertThat(other.find("", ReadScope.of(name("a/two")))).containsExactly("a/two");
    assertThat(other.find("", ReadScope.NOTHING)).isEmpty();

    other.remove("a/one");
    other.catchUp();
    assertThat(one.all()).containsExactly("a/two");
    assertThat(other.all()).containsExactly("a/two");
  }

  @ParameterizedTest
  @EnumSource
  void aLookThatIsOlderThanWhatIsWrittenIsNotBelieved(TestDatabase database) {
    database.emptied();
    SearchReplica slow = replica(database);
    SearchReplica fast = replica(database);
    fast.push("a/known");
    fast.push("a/unknown");
    fast.changed.take(10);
    assertThat(fast.rows.write(0, 0, List.of(present("a/known")))).isEmpty();

    long base = slow.rows.progress().revision();
    List<FoundRepository> seen = List.of(present("a/known"), present("a/unknown"));
    fast.remove("a/known");
    fast.remove("a/unknown");
    fast.catchUp();

    assertThat(slow.rows.write(base, 0, seen)).isEqualTo(seen);
    assertThat(slow.rows.see(7, seen)).isEqualTo(seen);
    assertThat(slow.all()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void whoHasNotHeardOfARemovalBeforeItIsForgottenHearsOfItAllTheSame(TestDatabase database) {
    database.emptied();
    SearchReplica one = replica(database);
    SearchReplica idle = replica(database);
    one.push("a/stays");
    one.push("a/goes");
    one.catchUp();
    assertThat(idle.all()).containsExactly("a/goes", "a/stays");

    one.remove("a/goes");
    one.catchUp();
    one.rows.forget(one.rows.progress().revision());
    assertThat(one.rows.changedAfter(0, 10)).hasSize(1);

    assertThat(idle.all()).containsExactly("a/stays");
    assertThat(one.all()).containsExactly("a/stays");
  }

  @ParameterizedTest
  @EnumSource
  void aScanMakesTheIndexLikeTheStore(TestDatabase database) {
    database.emptied();
    SearchReplica one = replica(database);
    IntStream.range(0, 150).forEach(i -> one.push("many/n" + i));
    one.repositories.setPrivate(name("many/n7"), true);
    stored.write(BlobKey.of("repositories", "b c", "old%2Fname", "tag_latest"), new byte[1]);
    stored.write(BlobKey.of("repositories", "a", "b%252Fc", "_index_images"), new byte[1]);
    stored.write(BlobKey.of("repositories", "a", "only-marked", "_private"), new byte[0]);
    stored.write(BlobKey.of("repositories", "a", "\u00e9", "tag_latest"), new byte[1]);
    one.changed.take(1000);
    assertThat(one.rows.write(0, 0, List.of(present("gone/away"), present("many/n7")))).isEmpty();

    assertThat(one.scan()).isTrue();

    assertThat(one.all())
        .hasSize(152)
        .contains("many/n0", "many/n149", "b c/old/name", "a/b/c")
        .doesNotContain("gone/away", "a/only-marked");
    assertThat(one.find("n7", ReadScope.PUBLIC)).doesNotContain("many/n7").contains("many/n70");
    long revision = one.rows.progress().revision();
    assertThat(one.scan()).isTrue();
    assertThat(one.rows.progress().revision()).isEqualTo(revision);
  }

  @ParameterizedTest
  @EnumSource
  void whatIsPushedOrRemovedDuringAScanIsAsItWasLeft(TestDatabase database) {
    database.emptied();
    SearchReplica scanning = replica(database);
    SearchReplica pushing = replica(database);
    for (String name : List.of("a/before", "z/removed", "z/stays")) {
      pushing.push(name);
    }
    pushing.catchUp();
    AtomicInteger looks = new AtomicInteger();
    storage.fail(
        Reason.BROKEN,
        (number, verb, key) -> {
          // The last look before what was found of all three is written.
          if (verb == Verb.STAT && looks.incrementAndGet() == 3) {
            pushing.push("a/during");
            pushing.remove("z/removed");
            pushing.remove("a/before");
            pushing.push("a/before");
            pushing.catchUp();
          }
          return Outcome.DONE;
        });

    assertThat(scanning.scan()).isTrue();
    scanning.catchUp();

    assertThat(looks).hasValueGreaterThan(2);
    assertThat(scanning.all()).containsExactly("a/before", "a/during", "z/stays");
  }

  @ParameterizedTest
  @EnumSource
  void oneProcessScansAndOneThatDiesKeepsNobodyFromItForLong(TestDatabase database) {
    database.emptied();
    SearchReplica dies = replica(database);
    SearchReplica other = replica(database);

    assertThat(dies.lease.acquire()).hasValue(1);
    assertThat(other.lease.acquire()).isEmpty();
    clock.pass(SearchReplica.LEASE.minusSeconds(1));
    assertThat(dies.lease.renew()).isTrue();
    clock.pass(SearchReplica.LEASE.minusSeconds(1));
    assertThat(other.lease.acquire()).isEmpty();
    clock.pass(Duration.ofSeconds(2));
    assertThat(other.lease.acquire()).hasValue(2);
    assertThat(dies.lease.renew()).isFalse();
    dies.lease.finish(1);
    assertThat(other.lease.scans().finished()).isZero();
    other.lease.finish(2);
    assertThat(dies.lease.scans()).isEqualTo(new ScanLease.Scans(2, 2));
    assertThat(dies.lease.acquire()).hasValue(3);
    dies.lease.release();
    assertThat(other.lease.acquire()).hasValue(4);
  }

  @ParameterizedTest
  @EnumSource
  void aScanThatRunsAlreadyIsNotTheOneThatIsWanted(TestDatabase database) {
    database.emptied();
    try (SearchReplica one = replica(database)) {
      SearchReplica other = replica(database);
      assertThat(other.lease.acquire()).hasValue(1);
      one.push("a/one");
      one.changed.take(1);
      one.indexer.start();
      await().atMost(PATIENCE).until(() -> !one.changed.isScanWanted());
      assertThat(one.indexer.status().state()).isEqualTo(SearchStatus.State.FILLING);
      assertThat(one.all()).isEmpty();

      other.lease.finish(1);
      one.push("a/two");

      await()
          .atMost(PATIENCE)
          .until(() -> one.indexer.status().state() == SearchStatus.State.READY);
      assertThat(one.all()).containsExactly("a/one", "a/two");
    }
  }

  @ParameterizedTest
  @EnumSource
  void oneRepositoryThatCannotBeReadHidesNoOther(TestDatabase database) {
    database.emptied();
    try (SearchReplica one = replica(database)) {
      one.push("a/broken");
      one.push("a/whole");
      storage.fail(
          Reason.DENIED,
          (number, verb, key) ->
              key.path().equals("repositories/a/broken") ? Outcome.FAILED : Outcome.DONE);
      one.indexer.start();
      await().atMost(PATIENCE).until(() -> one.all().contains("a/whole"));
      one.push("a/later");
      await().atMost(PATIENCE).until(() -> one.all().contains("a/later"));
      await()
          .atMost(PATIENCE)
          .until(() -> one.indexer.status().state() == SearchStatus.State.FAILED);
      storage.heal();

      await()
          .atMost(PATIENCE)
          .until(() -> one.indexer.status().state() == SearchStatus.State.READY);
      assertThat(one.all()).containsExactly("a/broken", "a/later", "a/whole");
    }
  }

  @ParameterizedTest
  @EnumSource
  void moreThanCanBeRememberedIsFoundByAScan(TestDatabase database) {
    database.emptied();
    try (SearchReplica one = replica(database)) {
      one.push("a/one");
      for (int i = 0; i <= ChangedRepositories.MOST; i++) {
        one.changed.note(
            new ChangedRepositories.Hint(new RepositoryName("nowhere", "n" + i), false));
      }
      assertThat(one.changed.take(ChangedRepositories.MOST))
          .hasSizeLessThan(10)
          .doesNotContain(new ChangedRepositories.Hint(name("a/one"), false));
      assertThat(one.changed.isScanWanted()).isTrue();
      one.indexer.start();

      await().atMost(PATIENCE).until(() -> one.all().contains("a/one"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void aStoreThatCannotBeListedIsTriedAgain(TestDatabase database) {
    database.emptied();
    try (SearchReplica one = replica(database)) {
      one.push("a/one");
      one.changed.take(1);
      storage.fail(Reason.UNAVAILABLE, (number, verb, key) -> Outcome.FAILED);
      assertThatThrownBy(one::scan).isInstanceOf(StorageException.class);
      one.lease.release();
      one.indexer.start();
      await()
          .atMost(PATIENCE)
          .until(() -> one.indexer.status().state() == SearchStatus.State.FAILED);
      storage.heal();

      await().atMost(PATIENCE).until(() -> one.all().contains("a/one"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void aDescriptionBelongsToOneLifeOfARepository(TestDatabase database) {
    database.emptied();
    SearchReplica one = replica(database);
    Descriptions descriptions = new Descriptions(one.rows, one.looks);
    one.push("a/one");
    // Before the index has come by.
    descriptions.set(name("a/one"), "What it is");
    one.catchUp();
    assertThat(one.scan()).isTrue();
    assertThat(descriptions.get(name("a/one"))).contains("What it is");
    assertThat(one.find("what", ReadScope.EVERYTHING)).containsExactly("a/one");

    one.remove("a/one");
    one.push("a/one");
    one.catchUp();

    assertThat(descriptions.get(name("a/one"))).contains("");
    assertThat(descriptions.get(name("a/other"))).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void afterAStormTheIndexSaysWhatTheStoreSays(TestDatabase database) throws Exception {
    database.emptied();
    try (SearchReplica one = replica(database);
        SearchReplica other = replica(database)) {
      List<SearchReplica> replicas = List.of(one, other);
      replicas.forEach(replica -> replica.indexer.start());
      List<Together.Task> tasks = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        Random random = new Random(thread);
        tasks.add(() -> storm(replicas, random));
      }
      Together.run(tasks);

      for (SearchReplica replica : replicas) {
        await()
            .atMost(PATIENCE)
            .untilAsserted(
                () -> {
                  assertThat(replica.indexer.status().state()).isEqualTo(SearchStatus.State.READY);
                  assertThat(replica.all()).containsExactlyElementsOf(stored(replica, false));
                  assertThat(replica.find("", ReadScope.PUBLIC))
                      .containsExactlyElementsOf(stored(replica, true));
                });
      }
    }
  }

  private static void storm(List<SearchReplica> replicas, Random random) {
    for (int i = 0; i < 150; i++) {
      SearchReplica replica = replicas.get(random.nextInt(replicas.size()));
      String name = "storm/n" + random.nextInt(20);
      switch (random.nextInt(6)) {
        case 0, 1 -> replica.push(name);
        case 2, 3 -> replica.remove(name);
        case 4 -> replica.repositories.setPrivate(name(name), random.nextBoolean());
        default -> {
          if (random.nextInt(5) == 0) {
            replica.indexer.rebuild();
          }
        }
      }
    }
  }

  private static List<String> stored(SearchReplica replica, boolean publicOnes) {
    try (Stream<RepositoryName> names = replica.repositories.names()) {
      return names
          .filter(replica.repositories::exists)
          .filter(name -> !publicOnes || !replica.repositories.isPrivate(name))
          .map(RepositoryName::toString)
          .sorted()
          .toList();
    }
  }

  private static FoundRepository present(String name) {
    return new FoundRepository(name(name), true, false, false);
  }
}
